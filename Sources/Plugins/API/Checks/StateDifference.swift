import Diagnostics
import Tensors

/// Where two states that came out of checkpoints differ.
struct StateDifference {
    /// `n`, `moments$w[2]`; empty for the whole.
    let place: String
    /// What is there, nil for nothing.
    let expected, found: Value?

    /// `n = 0`
    func text(_ value: Value?, _ context: Context) -> String {
        var text = "nothing"
        if let tensor = value?.asTensor {
            text = "a tensor [\(tensor.shape.map(String.init).joined(separator: ", "))]"
        } else if let value {
            let lines = context.deparse(value)
            let first = (lines.first ?? "").unicodeScalars
            text = String(String.UnicodeScalarView(first.prefix(40))) + (lines.count > 1 || first.count > 40 ? "…" : "")
        }
        return place.isEmpty ? text : "\(place) = \(text)"
    }

    /// All of them, in the order of what is expected.
    static func all(_ expected: Value, _ found: Value) -> [StateDifference] {
        var differences: [StateDifference] = []
        compare(expected, found, "", &differences)
        return differences
    }

    /// Checkpoints hold nothing that is nested deeper than a few hundred lists.
    private static func compare(
        _ expected: Value, _ found: Value, _ place: String, _ differences: inout [StateDifference]
    ) {
        if case .list(let list) = expected, case .list(let others) = found {
            let (names, otherNames) = (expected.names, found.names)
            for (number, element) in list.elements.enumerated() {
                let name = names.flatMap { $0[number]?.string } ?? ""
                let other =
                    name.isEmpty ? number : otherNames?.firstIndex { $0?.string == name } ?? others.elements.count
                let inner = name.isEmpty ? "\(place)[[\(number + 1)]]" : place.isEmpty ? name : "\(place)$\(name)"
                if other < others.elements.count {
                    compare(element, others.elements[other], inner, &differences)
                } else {
                    differences.append(StateDifference(place: inner, expected: element, found: nil))
                }
            }
            if others.elements.count > list.elements.count, differences.isEmpty {
                differences.append(StateDifference(place: place, expected: expected, found: found))
            }
            return
        }
        if let tensor = expected.asTensor, let other = found.asTensor, tensor.shape == other.shape {
            let (elements, others) = (tensor.doubles, other.doubles)
            guard let first = elements.indices.first(where: { !isSame(elements[$0], others[$0]) }) else { return }
            differences.append(
                StateDifference(
                    place: "\(place)[\(first + 1)]", expected: .number(elements[first]), found: .number(others[first])))
            return
        }
        if !isSame(expected, found) {
            differences.append(StateDifference(place: place, expected: expected, found: found))
        }
    }

    private static func isSame(_ expected: Value, _ found: Value) -> Bool {
        func isNumeric(_ value: Value) -> Bool {
            if case .double = value { return true }
            if case .integer = value { return true }
            return false
        }
        if isNumeric(expected), isNumeric(found), let numbers = try? expected.asDoubles().elements,
            let others = try? found.asDoubles().elements
        {
            return numbers.count == others.count && zip(numbers, others).allSatisfy { isSame($0, $1) }
        }
        var (tree, other) = (TensorTree(leavingCode: true), TensorTree(leavingCode: true))
        guard let text = try? tree.encode(expected).text, let otherText = try? other.encode(found).text else {
            return false
        }
        return text == otherText && tree.tensors.isEmpty && other.tensors.isEmpty
    }

    /// A detour over another precision is allowed.
    private static func isSame(_ a: Double, _ b: Double) -> Bool {
        a == b || a.isNaN && b.isNaN || (a - b).magnitude <= 1e-6 * a.magnitude
    }
}
