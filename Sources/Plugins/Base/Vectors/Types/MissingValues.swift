import Diagnostics
import RRuntime
import VectorValues

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
