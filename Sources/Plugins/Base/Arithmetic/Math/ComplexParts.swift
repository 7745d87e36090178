import Diagnostics
import Glibc
import RRuntime
import VectorValues

func registerComplexParts(_ base: Namespace) {
    let parts: [(String, String, @Sendable (Complex) -> Double)] = [
        ("Re", "Real part.", { $0.real }), ("Im", "Imaginary part.", { $0.imaginary }),
        ("Mod", "Absolute value.", { $0.modulus }), ("Arg", "Angle.", { $0.argument }),
    ]
    for (name, help, part) in parts {
        base.function(name, [.value("z")], help: help, dispatch: .internal) { args in
            let z = try args.required("z")
            return .double(Vector(try complexElements(z).map(part), z.attributes))
        }
    }
    base.function("Conj", [.value("z")], help: "Conjugate.", dispatch: .internal) { args in
        let z = try args.required("z")
        guard case .complex(let v) = z else {
            _ = try complexElements(z)
            return z
        }
        return .complex(v.map { Complex($0.real, -$0.imaginary) })
    }
}

private func complexElements(_ z: Value) throws -> [Complex] {
    switch z {
    case .complex(let v): return v.elements
    case .double, .integer, .logical: return try z.doubleElements().map { Complex($0, 0) }
    default: throw WorkbenchError(.type, "non-numeric argument to function")
    }
}
