import Diagnostics
import RRuntime
import VectorValues

func registerVectors(_ base: Namespace) {
    base.function(
        "vector", [.value("mode", "logical"), .value("length", 0)], help: "A vector of a type, filled with its zero."
    ) { args in
        let mode = try args.string("mode")
        return try newVector(mode, try vectorLength(args["length"], args))
    }
    for (name, kind) in [
        ("logical", Kind.logical), ("integer", .integer), ("numeric", .double), ("double", .double),
        ("character", .character), ("raw", .raw),
    ] {
        base.function(name, [.value("length", 0)], help: "A vector of type \(kind.name), filled with its zero.") {
            args in
            let length = try vectorLength(args["length"], args)
            try checkAllocation(length, kind)
            return kind.zeros(length)
        }
    }
    base.function(
        "complex",
        [
            .value("length.out", 0), .value("real", code: "numeric()"), .value("imaginary", code: "numeric()"),
            .value("modulus", 1), .value("argument", 0),
        ], help: "Complex numbers from their parts."
    ) { args in try newComplex(args) }
    // The empty argument is an element like any other where it is a value: list(1, quote(expr = )).
    base.function("list", [.dots], help: "A list of its arguments.") { args in listOf(args.dots) }
    base.function("pairlist", [.dots], help: "A list of its arguments.") { args in
        args.dots.isEmpty ? .null : listOf(args.dots)
    }
}

/// A list with the arguments' names.
func listOf(_ arguments: [Argument]) -> Value {
    let list = Value.list(Vector(arguments.map { $0.value }))
    guard arguments.contains(where: { $0.name != nil }) else { return list }
    return list.withNames(arguments.map { $0.name?.text ?? Text("") })
}

private func vectorLength(_ value: Value, _ args: Arguments) throws -> Int {
    guard value.isAtomic, value.length == 1 else {
        throw WorkbenchError(.value, "invalid 'length' argument")
    }
    if case .character = value, try value.asDoublesNotingLoss().lost {
        try args.context.warn("NAs introduced by coercion", call: args.call)
        throw WorkbenchError(.value, "vector size cannot be NA/NaN")
    }
    return try lengthArgument(value, message: "invalid 'length' argument")
}

private func newVector(_ mode: String, _ length: Int) throws -> Value {
    let kind: Kind
    switch mode {
    case "logical": kind = .logical
    case "integer": kind = .integer
    case "numeric", "double": kind = .double
    case "complex": kind = .complex
    case "character": kind = .character
    case "raw": kind = .raw
    case "list": kind = .list
    case "pairlist": kind = length == 0 ? .null : .list
    case "expression": kind = .expression
    default: throw WorkbenchError(.value, "vector: cannot make a vector of mode '\(mode)'.")
    }
    try checkAllocation(length, kind)
    return kind.zeros(length)
}

private func newComplex(_ args: Arguments) throws -> Value {
    let wanted = try vectorLength(args["length.out"], args)
    func part(_ name: String) throws -> [Double] {
        let value = args[name]
        if value.isMissing { return [] }
        let (numbers, lost) = try value.asDoublesNotingLoss()
        if lost { try args.context.warn("NAs introduced by coercion", call: args.call) }
        return numbers.elements
    }
    if args.has("real") || args.has("imaginary")
        || (args.call.arguments.allSatisfy { $0.name?.name != "modulus" && $0.name?.name != "argument" })
    {
        let real = try part("real")
        let imaginary = try part("imaginary")
        let count = max(wanted, max(real.count, imaginary.count))
        try checkAllocation(count, .complex)
        return .complex(
            Vector(
                (0..<count).map { i in
                    Complex(
                        real.isEmpty ? 0 : real[i % real.count], imaginary.isEmpty ? 0 : imaginary[i % imaginary.count])
                }))
    }
    let modulus = try part("modulus")
    let argument = try part("argument")
    let count = max(wanted, max(modulus.count, argument.count))
    try checkAllocation(count, .complex)
    if modulus.isEmpty || argument.isEmpty { return .complex(Vector([])) }
    return .complex(
        Vector(
            (0..<count).map { i in
                let size = modulus[i % modulus.count]
                let angle = Complex(0, argument[i % argument.count]).exponential
                return Complex(size * angle.real, size * angle.imaginary)
            }))
}
