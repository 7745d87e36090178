import Diagnostics
import RRuntime
import VectorValues

func registerSummary(_ base: Namespace) {
    let parameters: [Parameter] = [.dots, .value("na.rm", false)]
    base.function("sum", parameters, help: "Sum of all elements.", dispatch: .summary, direct: directSum) { args in
        try Summary.sum(args)
    }
    base.function("prod", parameters, help: "Product of all elements.", dispatch: .summary) { args in
        try Summary.product(args)
    }
    for (name, isMax) in [("max", true), ("min", false)] {
        base.function(
            name, parameters, help: isMax ? "Largest element." : "Smallest element.", dispatch: .summary
        ) { args in try Summary.extreme(args, isMax: isMax, name: name) }
    }
    base.function(
        "range", parameters + [.value("finite", false)], help: "Smallest and largest element.", dispatch: .summary
    ) { args in
        if try args.flag("finite") {
            args.dots = args.dots.map { argument in
                guard case .double(let v) = argument.value else { return argument }
                return Argument(.numbers(v.elements.filter { $0.isFinite }))
            }
            args.values[1] = true
        }
        let low = try Summary.extreme(args, isMax: false, name: "min")
        let high = try Summary.extreme(args, isMax: true, name: "max")
        return try concatenated([low, high], as: commonKind([low, high]), args.context)
    }
    for (name, isAny) in [("any", true), ("all", false)] {
        base.function(
            name, parameters, help: isAny ? "Whether some element is TRUE." : "Whether all elements are TRUE.",
            dispatch: .summary
        ) { args in try Summary.logical(args, isAny: isAny) }
    }
}

private func directSum(_ x: Value, _ second: Value, _ context: Context) -> Value? {
    guard second.isMissing, case .double(let v) = x else { return nil }
    return .number(longSum(v.elements))
}

func longSum(_ elements: [Double]) -> Double {
    var sum = LongDouble(0)
    for element in elements { sum += LongDouble(element) }
    return Double(sum)
}

enum Summary {
    private static func removesNA(_ args: Arguments) throws -> Bool { try args.flag("na.rm") }

    private static func highest(_ args: Arguments) throws -> Kind {
        var kind = Kind.null
        for value in args.dotValues {
            guard value.isAtomic || value.isNull else {
                throw WorkbenchError(.type, "invalid 'type' (\(value.typeName)) of argument")
            }
            kind = max(kind, value.kind ?? .list)
        }
        return kind
    }

    static func sum(_ args: Arguments) throws -> Value {
        let removes = try removesNA(args)
        let kind = try highest(args)
        switch kind {
        case .character: throw WorkbenchError(.type, "invalid 'type' (character) of argument")
        case .raw: throw WorkbenchError(.type, "invalid 'type' (raw) of argument")
        case .complex:
            var sum = Complex(0, 0)
            for value in args.dotValues {
                for element in try value.asComplexNumbers().0.elements where !(removes && element.isNA) {
                    sum = Complex(sum.real + element.real, sum.imaginary + element.imaginary)
                }
            }
            return .complex(Vector([sum]))
        case .double:
            var sum = LongDouble(0)
            for value in args.dotValues {
                let isWhole = value.kind == .integer || value.kind == .logical
                if isWhole, !removes, MissingValues.flags(value).contains(true) { return .number(.na) }
                for element in try value.doubleElements() where !(removes && element.isNaN) {
                    sum += LongDouble(element)
                }
            }
            return .number(Double(sum))
        default:
            var sum: Int64 = 0
            for value in args.dotValues {
                for element in try value.integerElements() {
                    guard let element else {
                        if removes { continue }
                        return .integer(Vector([nil]))
                    }
                    sum &+= Int64(element)
                }
            }
            guard let small = Int32(exactly: sum), small != Int32.min else { return .number(Double(sum)) }
            return .integer(Vector([small]))
        }
    }

    static func product(_ args: Arguments) throws -> Value {
        let removes = try removesNA(args)
        let kind = try highest(args)
        if kind == .character || kind == .raw {
            throw WorkbenchError(.type, "invalid 'type' (\(kind.name)) of argument")
        }
        if kind == .complex {
            var product = Complex(1, 0)
            for value in args.dotValues {
                for element in try value.asComplexNumbers().0.elements where !(removes && element.isNA) {
                    product = product.times(element)
                }
            }
            return .complex(Vector([product]))
        }
        var product = LongDouble(1)
        for value in args.dotValues {
            for element in try value.doubleElements() where !(removes && element.isNaN) {
                product *= LongDouble(element)
            }
        }
        return .number(Double(product))
    }

    static func extreme(_ args: Arguments, isMax: Bool, name: String) throws -> Value {
        let removes = try removesNA(args)
        let kind = try highest(args)
        switch kind {
        case .complex, .raw: throw WorkbenchError(.type, "invalid 'type' (\(kind.name)) of argument")
        case .character:
            var best: Text?
            for value in args.dotValues {
                for element in try args.context.asCharacters(value).elements {
                    guard let element else {
                        if removes { continue }
                        return .character(Vector([nil]))
                    }
                    guard let known = best else {
                        best = element
                        continue
                    }
                    if isMax ? element > known : element < known { best = element }
                }
            }
            if best == nil { try args.context.warn("no non-missing arguments, returning NA", call: args.call) }
            return .character(Vector([best]))
        case .integer, .logical:
            var best: Int32?
            for value in args.dotValues {
                for element in try value.integerElements() {
                    guard let element else {
                        if removes { continue }
                        return .integer(Vector([nil]))
                    }
                    guard let known = best else {
                        best = element
                        continue
                    }
                    if isMax ? element > known : element < known { best = element }
                }
            }
            if let best { return .integer(Vector([best])) }
            return try nothing(args, isMax, name)
        default:
            var best: Double?
            var missing: Double?
            for value in args.dotValues {
                for element in try value.doubleElements() {
                    if element.isNaN {
                        if !removes, missing == nil || element.isNA {
                            missing = missing?.isNA == true ? missing : element
                        }
                        continue
                    }
                    guard let known = best else {
                        best = element
                        continue
                    }
                    if isMax ? element > known : element < known { best = element }
                }
            }
            if let missing { return .number(missing) }
            if let best { return .number(best) }
            return try nothing(args, isMax, name)
        }
    }

    private static func nothing(_ args: Arguments, _ isMax: Bool, _ name: String) throws -> Value {
        try args.context.warn(
            "no non-missing arguments to \(name); returning \(isMax ? "-Inf" : "Inf")", call: args.call)
        return .number(isMax ? -.infinity : .infinity)
    }

    static func logical(_ args: Arguments, isAny: Bool) throws -> Value {
        let removes = try removesNA(args)
        var missing = false
        for value in args.dotValues {
            switch value {
            case .logical, .integer, .null: break
            case .double, .complex, .character, .raw:
                if value.length == 0 { continue }
                if case .raw = value {
                } else {
                    try args.context.warn("coercing argument of type '\(value.typeName)' to logical", call: args.call)
                }
            default:
                if value.length == 0, value.kind == .list { continue }
                if case .list = value {
                    try args.context.warn("coercing argument of type 'list' to logical", call: args.call)
                    break
                }
                throw WorkbenchError(.type, "invalid 'type' (\(value.typeName)) of argument")
            }
            for element in try value.logicalElements() {
                guard let element else {
                    if !removes { missing = true }
                    continue
                }
                if element == isAny { return .flag(isAny) }
            }
        }
        return missing ? .logical(Vector([nil])) : .flag(!isAny)
    }
}
