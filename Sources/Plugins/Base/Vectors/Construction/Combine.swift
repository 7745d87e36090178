import RRuntime
import VectorValues

func registerCombine(_ base: Namespace) {
    base.function(
        "c", [.dots, .value("recursive", false), .value("use.names", true)],
        help: "Combines values into a vector or list.", dispatch: .internal
    ) { args in
        let recursive = try args.flag("recursive")
        let useNames = try args.flag("use.names")
        return try Combine.apply(args.dots, recursive: recursive, useNames: useNames, args.context)
    }
    base.function(
        "unlist", [.value("x"), .value("recursive", true), .value("use.names", true)],
        help: "Flattens a list into a vector.", dispatch: .internal
    ) { args in
        let recursive = try isTrue(args["recursive"])
        let useNames = try isTrue(args["use.names"])
        return try Combine.unlist(try args.required("x"), recursive: recursive, useNames: useNames, args.context)
    }
}

/// How `unlist()` reads its switches: by the first element, NA as TRUE.
private func isTrue(_ value: Value) throws -> Bool {
    guard value.isAtomic, let first = try value.asLogicals().elements.first else { return true }
    return first ?? true
}
