import Diagnostics
import PluginAPI

/// Turns what a pickle holds into R's values. A pickle may refer to one list a thousand times, from lists that it refers
/// to a thousand times: what becomes of it is counted.
struct StateConversion {
    private static let mostValues = 1_000_000
    private static let mostDepth = 100
    private let path: String
    private var values = 0

    init(_ path: String) { self.path = path }

    /// A named list of tensors, numbers, texts and lists.
    /// - Throws: `.data` for more than a million values, or lists nested more than 100 deep.
    mutating func converted(_ value: StateValue, depth: Int = 0) throws -> Value {
        guard depth < StateConversion.mostDepth else { throw fault("its lists are nested too deeply") }
        values += 1
        guard values <= StateConversion.mostValues else { throw fault("it holds more than a million values") }
        switch value {
        case .none: return .null
        case .bool(let flag): return .flag(flag)
        case .int(let number): return .int(number)
        case .double(let number): return .number(number)
        case .string(let text): return .string(text)
        case .tensor(let tensor): return .tensor(tensor)
        case .tuple(let tuple): return .items(try tuple.items.map { try converted($0, depth: depth + 1) })
        case .list(let list): return .items(try list.items.map { try converted($0, depth: depth + 1) })
        case .dictionary(let dictionary):
            let names = dictionary.entries.map { entry -> String in
                switch entry.key {
                case .string(let text): return text
                case .int(let number): return String(number)
                default: return ""
                }
            }
            return Value.list(Vector(try dictionary.entries.map { try converted($0.value, depth: depth + 1) }))
                .withNames(names)
        case .global(let name): return .string(name)
        case .storage: throw fault("it holds a storage that no tensor uses")
        }
    }

    private func fault(_ what: String) -> WorkbenchError {
        WorkbenchError(.data, "'\(path)' is not a readable PyTorch file: \(what)")
    }
}
