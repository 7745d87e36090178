import Diagnostics
import RRuntime
import VectorValues

func registerBitwise(_ base: Namespace) {
    let operations: [(String, @Sendable (UInt32, UInt32) -> UInt32)] = [
        ("bitwAnd", { $0 & $1 }), ("bitwOr", { $0 | $1 }), ("bitwXor", { $0 ^ $1 }),
    ]
    for (name, operation) in operations {
        base.function(name, [.value("a"), .value("b")], help: "Bit by bit.") { args in
            let a = try bits(try args.required("a"))
            let b = try bits(try args.required("b"))
            return .integer(
                Vector(
                    recycled(a, b) { x, y -> Int32? in
                        guard let x, let y else { return nil }
                        return whole(operation(UInt32(bitPattern: x), UInt32(bitPattern: y)))
                    }))
        }
    }
    base.function("bitwNot", [.value("a")], help: "All bits reversed.") { args in
        .integer(Vector(try bits(try args.required("a")).map { e in e.map { ~$0 } }))
    }
    for (name, isLeft) in [("bitwShiftL", true), ("bitwShiftR", false)] {
        base.function(name, [.value("a"), .value("n")], help: "Bits shifted.") { args in
            let a = try bits(try args.required("a"))
            let n = try bits(try args.required("n"))
            let shifted = recycled(a, n) { x, y -> Int32? in
                guard let x, let y, y >= 0, y <= 31 else { return nil }
                let pattern = UInt32(bitPattern: x)
                // The lowest integer is R's NA.
                let result = Int32(bitPattern: isLeft ? pattern << UInt32(y) : pattern >> UInt32(y))
                return result == Int32.min ? nil : result
            }
            return .integer(Vector(shifted))
        }
    }
}

private func whole(_ bits: UInt32) -> Int32? {
    let value = Int32(bitPattern: bits)
    return value == Int32.min ? nil : value
}

/// Whole numbers; doubles must be whole.
private func bits(_ x: Value) throws -> [Int32?] {
    switch x {
    case .integer, .logical: return try x.integerElements()
    case .double(let v):
        return try v.elements.map { element in
            if element.isNaN { return nil }
            guard let whole = Int32(exactly: element) else {
                throw WorkbenchError(.value, "inputs of different types")
            }
            return whole
        }
    default: throw WorkbenchError(.type, "inputs of different types")
    }
}
