import Diagnostics
import PluginAPI

func registerMissingValues(_ base: Namespace) {
    base.function(
        "is.na", [.value("x")], help: "Which elements are NA.", dispatch: .internal,
        direct: { x, _, _ in
            switch x {
            case .double(let v) where v.attributes == nil && v.elements.count == 1: return .flag(v.elements[0].isNaN)
            default: return nil
            }
        }
    ) { args in
        let x = try args.required("x")
        if !x.isVector, !x.isNull {
            if case .object = x { return false }
            try args.context.warn(
                "is.na() applied to non-(list or vector) of type '\(x.typeName)'", call: args.call)
            return false
        }
        return .logical(Vector(MissingValues.flags(x), OperandAttributes.shape(x)))
    }
    base.function(
        "is.na<-", [.value("x"), .value("value")], help: "Sets elements to NA.", dispatch: .generic
    ) { args in
        try args.context.call(
            "[<-", [Argument(args[0]), Argument(args[1]), Argument(.logical(Vector([nil])), name: "value")],
            environment: args.environment)
    }
    let tests: [(String, String, @Sendable (Double) -> Bool)] = [
        ("is.nan", "Which elements are NaN.", { $0.isNaN && !$0.isNA }),
        ("is.finite", "Which elements are finite numbers.", { $0.isFinite }),
        ("is.infinite", "Which elements are infinite.", { $0.isInfinite }),
    ]
    for (name, help, test) in tests {
        base.function(name, [.value("x")], help: help, dispatch: .internal) { args in
            try MissingValues.numberTest(try args.required("x"), name, test)
        }
    }
    base.function(
        "anyNA", [.value("x"), .value("recursive", false)], help: "Whether an element is NA.", dispatch: .internal
    ) { args in
        let x = try args.required("x")
        return .flag(MissingValues.any(x, recursive: try args.flag("recursive")))
    }
    base.function("complete.cases", [.dots], help: "Which rows have no NA.") { args in
        var columns: [Value] = []
        for value in args.dotValues {
            switch value {
            case .list(let list): columns += list.elements
            default: columns.append(value)
            }
        }
        var rows: [Bool?] = []
        for column in columns {
            let flags = MissingValues.flags(column)
            let count = column.dim?.first ?? flags.count
            if rows.isEmpty { rows = Array(repeating: true, count: count) }
            guard count == rows.count, count > 0 else {
                throw WorkbenchError(.value, "not all arguments have the same length")
            }
            for (place, flag) in flags.enumerated() where flag == true { rows[place % count] = false }
        }
        return .logical(Vector(rows))
    }
}

enum MissingValues {
    /// Which elements are NA; of lists those that are a single NA.
    static func flags(_ x: Value) -> [Bool?] {
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

    static func any(_ x: Value, recursive: Bool) -> Bool {
        switch x {
        case .list(let v), .expression(let v):
            if !recursive { return flags(x).contains(true) }
            return v.elements.contains { any($0, recursive: true) }
        default: return flags(x).contains(true)
        }
    }

    static func numberTest(_ x: Value, _ name: String, _ test: (Double) -> Bool) throws -> Value {
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
