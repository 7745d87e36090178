import BaseValues
import Diagnostics
import RRuntime

/// The indices of a call of `[` or `[<-` (empty ones are `.missing`).
func indices(_ dots: [Argument]) -> [Value] { dots.map { $0.value } }

func registerFactorSubsetting(_ base: Namespace) {
    base.method("[", for: "factor", [.value("x"), .dots, .value("drop", false)]) { args in
        let x = args[0]
        let positions: [Int?]
        guard args.dots.count <= 1 || x.dim?.count == args.dots.count else {
            throw WorkbenchError(.value, "incorrect number of dimensions")
        }
        if let index = args.dots.first?.value, args.dots.count == 1 {
            positions = try factorPositions(x, index, args.context)
        } else {
            positions = Array(0..<x.length)
        }
        let result = x.pickedKeepingClass(positions)
        return try args.flag("drop") ? try withoutUnusedLevels(result, args.context) : result
    }
    base.method("[[", for: "factor", [.value("x"), .dots]) { args in
        guard let index = args.dots.first?.value else { throw WorkbenchError(.value, "invalid subscript") }
        guard args.dots.count == 1 else { throw WorkbenchError(.value, "incorrect number of subscripts") }
        let positions = try factorPositions(args[0], index, args.context)
        guard positions.count == 1 else {
            throw WorkbenchError(
                .value,
                positions.isEmpty
                    ? "attempt to select less than one element in get1index"
                    : "attempt to select more than one element in vectorIndex")
        }
        guard let place = positions[0], place < args[0].length else {
            throw WorkbenchError(.value, "subscript out of bounds")
        }
        return args[0].pickedKeepingClass([place]).setting(Symbol.names, nil)
    }
    for name in ["[<-", "[[<-"] {
        base.method(name, for: "factor", [.value("x"), .dots, .value("value")]) { args in
            let x = args[0]
            let levels = x.levelTexts
            let texts = try args.context.texts(of: args["value"])
            var isInvalid = false
            let codes = texts.map { text -> Int32? in
                guard let text else { return levels.firstIndex { $0 == nil }.map { Int32($0 + 1) } }
                guard let place = levels.firstIndex(of: text) else {
                    isInvalid = true
                    return nil
                }
                return Int32(truncatingIfNeeded: place + 1)
            }
            if isInvalid {
                let call = Call(
                    .symbol(Symbol.named("\(name).factor")),
                    [Argument(.symbol(Symbol.named("*tmp*")))] + args.dots
                        + [Argument(args["value"], name: "value")])
                try args.context.warn("invalid factor level, NA generated", call: call)
            }
            var plain = x.attributes
            plain = plain.removing([Symbol.levels, Symbol.classAttribute])
            var bare = x
            bare.attributes = plain
            var result = try args.context.call(
                name, [Argument(bare)] + args.dots + [Argument(.integer(Vector(codes)), name: "value")])
            result = result.setting(Symbol.levels, x.attribute(Symbol.levels))
            return result.setting(Symbol.classAttribute, x.attribute(Symbol.classAttribute))
        }
    }
}

private func factorPositions(_ x: Value, _ index: Value, _ context: Context) throws -> [Int?] {
    let names = x.names
    return try resolveIndex(index, count: x.length, names: { names?.map { $0 ?? "NA" } ?? [] }, context).positions
}

func registerFactorMethods(_ base: Namespace) {
    base.method("as.character", for: "factor", [.value("x"), .dots]) { args in
        guard args[0].isWellFormedFactor else { throw WorkbenchError(.value, "malformed factor") }
        return .character(Vector(try args.context.texts(of: args[0])))
    }
    base.method("as.vector", for: "factor", [.value("x"), .value("mode", "any")]) { args in
        let texts = Value.character(Vector(try args.context.texts(of: args[0])))
        let mode = try args.string("mode")
        switch mode {
        case "any", "character": return texts
        case "list":
            return .list(
                Vector(
                    (0..<args[0].length).map { args[0].pickedKeepingClass([$0]).setting(Symbol.names, nil) },
                    args[0].attributes.keeping([Symbol.names])))
        case "integer", "numeric", "double", "logical":
            return try args.context.call("as.vector", [Argument(args[0].bare), Argument(args[1])])
        default: return texts
        }
    }
    base.method("as.list", for: "factor", [.value("x"), .dots]) { args in
        .list(
            Vector(
                (0..<args[0].length).map { args[0].pickedKeepingClass([$0]).setting(Symbol.names, nil) },
                args[0].attributes.keeping([Symbol.names])))
    }
    base.method("c", for: "factor", [.dots, .value("recursive", true)]) { args in
        let values = args.dotValues
        guard values.allSatisfy({ $0.isFactor }) else {
            return try args.context.call("c", args.dots.map { Argument($0.value.bare, name: $0.name) })
        }
        return try joinedFactors(values, args.context)
    }
    base.method("rep", for: "factor", [.value("x"), .dots]) { args in
        let positions = try args.context.call(
            "rep", [Argument(.ints(Array(0..<args[0].length)))] + args.dots
        ).asIntegers().elements
        return args[0].pickedKeepingClass(positions.map { place in place.map { Int($0) } })
    }
    base.method("length<-", for: "factor", [.value("x"), .value("value")]) { args in
        let count = max(try args.int("value"), 0)
        try MemoryDoor.check(count: count, elementBytes: 16)
        let length = args[0].length
        return args[0].pickedKeepingClass((0..<count).map { $0 < length ? $0 : nil })
    }
    base.method("rev", for: "factor", [.value("x")]) { args in
        args[0].pickedKeepingClass((0..<args[0].length).reversed().map { $0 })
    }
    base.method("is.na<-", for: "factor", [.value("x"), .value("value")]) { args in
        try args.context.call(
            "[<-", [Argument(args[0]), Argument(args[1]), Argument(.logical(Vector([nil])), name: "value")])
    }
    base.method(
        "summary", for: "factor", [.value("object"), .value("maxsum", 100), .dots], help: "Counts of the levels."
    ) { args in try factorSummary(args[0], limit: try args.int("maxsum"), args.context) }
}

func registerFactorArithmetic(_ base: Namespace) {
    let operands: [Parameter] = [.value("e1"), .value("e2")]
    base.method("Ops", for: "factor", operands) { args in
        let name = args.context.methodGeneric?.name ?? "=="
        guard name == "==" || name == "!=", args.has("e2") else {
            try args.context.warn("‘\(name)’ not meaningful for factors", call: args.call)
            return .logical(
                Vector([Bool?](repeating: nil, count: max(args[0].length, args.has("e2") ? args[1].length : 0))))
        }
        return try equality(name, args)
    }
    base.method("Ops", for: "ordered", operands) { args in
        let name = args.context.methodGeneric?.name ?? "=="
        guard comparisonOperators.contains(name), args.has("e2") else {
            try args.context.warn("'\(name)' is not meaningful for ordered factors", call: args.call)
            return .logical(
                Vector([Bool?](repeating: nil, count: max(args[0].length, args.has("e2") ? args[1].length : 0))))
        }
        if name == "==" || name == "!=" { return try equality(name, args) }
        let levels: [Text?]
        if args[0].inherits("ordered") { levels = args[0].levelTexts } else { levels = args[1].levelTexts }
        if args[0].isFactor, args[1].isFactor, args[0].levelTexts != args[1].levelTexts {
            throw WorkbenchError(.value, "level sets of factors are different")
        }
        let codes = try [args[0], args[1]].map { value -> Argument in
            if value.isFactor { return Argument(.integer(Vector(try value.asIntegers().elements))) }
            let texts = try args.context.texts(of: value)
            return Argument(
                .integer(
                    Vector(
                        texts.map { text in
                            levels.firstIndex(of: text).map { Int32(truncatingIfNeeded: $0 + 1) }
                        })))
        }
        return try args.context.call(name, codes)
    }
    for name in mathFunctions {
        base.method(name, for: "factor", [.value("x"), .dots]) { args in
            throw WorkbenchError(
                .type, "‘\(name)’ not meaningful for factors",
                hint: "as.integer(f) gives the codes, as.numeric(as.character(f)) the numbers that levels spell")
        }
    }
    base.method("Summary", for: "factor", [.dots, .value("na.rm", false)]) { args in
        throw WorkbenchError(.type, "‘\(args.context.methodGeneric?.name ?? "sum")’ not meaningful for factors")
    }
    base.method("Summary", for: "ordered", [.dots, .value("na.rm", false)]) { args in
        let name = args.context.methodGeneric?.name ?? "max"
        guard ["max", "min", "range"].contains(name), let first = args.dots.first?.value else {
            throw WorkbenchError(.type, "'\(name)' not defined for ordered factors")
        }
        guard args.dots.allSatisfy({ $0.value.inherits("ordered") && $0.value.levelTexts == first.levelTexts })
        else { throw WorkbenchError(.type, "'\(name)' not defined for ordered factors") }
        let codes = try args.context.concatenated(args.dots.map { $0.value.bare })
        let result = try args.context.call(
            name, [Argument(codes), Argument(args["na.rm"], name: "na.rm")]
        ).asIntegers().elements
        return makeFactor(result, levels: first.levelTexts, ordered: true)
    }
}

/// Whether elements are equal: by their texts, which need not be levels.
private func equality(_ name: String, _ args: Arguments) throws -> Value {
    if args[0].isFactor, args[1].isFactor {
        let (first, second) = (args[0].levelTexts, args[1].levelTexts)
        // R lets a single level pass.
        guard
            min(first.count, second.count) < 2
                || first.count == second.count
                    && Set(first.map(ElementKeyOf)) == Set(second.map(ElementKeyOf))
        else {
            throw WorkbenchError(.value, "level sets of factors are different")
        }
    }
    return try args.context.call(name, [try operand(args[0], args), try operand(args[1], args)])
}

private func operand(_ value: Value, _ args: Arguments) throws -> Argument {
    value.isFactor ? Argument(.character(Vector(try args.context.texts(of: value)))) : Argument(value)
}

extension Value {
    /// Whether every code of a factor has a level.
    fileprivate var isWellFormedFactor: Bool {
        guard case .integer(let codes) = self, case .character(let levels)? = attribute(Symbol.levels) else {
            return length == 0
        }
        return codes.elements.allSatisfy { code in code.map { $0 >= 1 && Int($0) <= levels.count } ?? true }
    }
}
