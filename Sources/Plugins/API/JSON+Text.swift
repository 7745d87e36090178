import Tensors

/// The tree of a JSON text; see there.
public typealias JSON = Tensors.JSON

extension JSON {
    /// The text, without blanks.
    public var text: String {
        switch self {
        case .null: return "null"
        case .bool(let flag): return flag ? "true" : "false"
        case .number(let number):
            if let whole = Int(exactly: number), whole.magnitude < 1 << 53, whole != 0 || number.sign == .plus {
                return String(whole)
            }
            return number.isFinite ? formatDouble(number, conversion: "g", precision: 17) : "null"
        case .string(let string): return JSON.quoted(string)
        case .array(let elements): return "[" + elements.map { $0.text }.joined(separator: ",") + "]"
        case .object(let members):
            return "{" + members.map { JSON.quoted($0.key) + ":" + $0.value.text }.joined(separator: ",") + "}"
        }
    }
}
