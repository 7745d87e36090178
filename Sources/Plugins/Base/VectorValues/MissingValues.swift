import Diagnostics
import RRuntime

package enum MissingValues {
    /// Which elements are NA; of lists those that are a single NA.
    package static func flags(_ x: Value) -> [Bool?] {
        switch x {
        case .logical(let v): return v.elements.map { $0 == nil }
        case .integer(let v): return v.elements.map { $0 == nil }
        case .double(let v): return v.elements.map { $0.isNaN }
        case .complex(let v): return v.elements.map { $0.real.isNaN || $0.imaginary.isNaN }
        case .character(let v): return v.elements.map { $0 == nil }
        case .raw(let v): return Array(repeating: false, count: v.count)
        case .list(let v), .expression(let v):
            return v.elements.map { element in
                element.isAtomic && element.length == 1 ? flags(element)[0] : false
            }
        default: return []
        }
    }

    package static func any(_ x: Value, recursive: Bool) -> Bool {
        switch x {
        case .list(let v), .expression(let v):
            if !recursive { return flags(x).contains(true) }
            return v.elements.contains { any($0, recursive: true) }
        default: return flags(x).contains(true)
        }
    }

    package static func numberTest(_ x: Value, _ name: String, _ test: (Double) -> Bool) throws -> Value {
        let flags: [Bool?]
        switch x {
        case .double(let v): flags = v.elements.map { test($0) }
        case .integer(let v): flags = v.elements.map { name == "is.finite" && $0 != nil }
        case .logical(let v): flags = v.elements.map { name == "is.finite" && $0 != nil }
        case .raw(let v): flags = v.elements.map { _ in name == "is.finite" }
        case .complex(let v):
            flags = v.elements.map {
                name == "is.finite" ? test($0.real) && test($0.imaginary) : test($0.real) || test($0.imaginary)
            }
        case .character(let v): flags = Array(repeating: false, count: v.count)
        case .null: return .logical(Vector([]))
        default:
            throw WorkbenchError(.type, "default method not implemented for type '\(x.typeName)'")
        }
        return .logical(Vector(flags, OperandAttributes.shape(x)))
    }
}
