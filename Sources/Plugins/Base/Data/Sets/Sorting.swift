import BaseValues
import Diagnostics
import RRuntime

/// Registers `order`, `sort`, `sort.list`, `rank`, `xtfrm`, `is.unsorted`.
func registerSorting(_ base: Namespace) {
    registerOrder(base)
    registerSort(base)
    registerRank(base)
}

private func registerOrder(_ base: Namespace) {
    base.function(
        "order", [.dots, .value("na.last", true), .value("decreasing", false), .value("method", "auto")],
        help: "Positions that put vectors in order; later ones break ties."
    ) { args in
        if args.dots.isEmpty { return .null }
        for (place, argument) in args.dots.enumerated() {
            if !argument.value.isVector, !argument.value.isObject {
                throw WorkbenchError(.type, "argument \(place + 1) is not a vector")
            }
            guard case .list(let list) = argument.value, !argument.value.isObject else { continue }
            if args.dots.count == 1, list.count < 2 { return .ints(Array(0..<list.count).map { $0 + 1 }) }
            let routine = args.dots.count == 1 ? "orderVector1" : "listgreater"
            throw WorkbenchError(.type, "unimplemented type 'list' in '\(routine)'\n")
        }
        let keys = try args.dots.map { try args.context.sortKey($0.value) }
        guard let first = keys.first else { return .integer(Vector([])) }
        guard keys.allSatisfy({ $0.count == first.count }) else {
            throw WorkbenchError(.value, "argument lengths differ")
        }
        let flags = try args["decreasing"].asLogicals().elements
        let isText = keys.contains { key in
            if case .texts = key { return true }
            return false
        }
        if flags.count > 1, isText, args["method"].singleText != "radix" {
            throw WorkbenchError(
                .value, "'decreasing' of length > 1 is only for method = \"radix\"",
                hint: "order(…, method = \"radix\")")
        }
        let decreasing = try keys.indices.map { index -> Bool in
            guard !flags.isEmpty, let flag = flags[index % flags.count] else {
                throw WorkbenchError(.value, "'decreasing' elements must be TRUE or FALSE")
            }
            return flag
        }
        let positions = try args.context.ordering(
            keys, decreasing: decreasing, missing: try MissingPlace(args["na.last"]))
        return .ints(positions.map { $0 + 1 })
    }
    base.function(
        "sort.list",
        [
            .value("x"), .value("partial", nil), .value("na.last", true), .value("decreasing", false),
            .value("method", "auto"),
        ], help: "Positions that put a vector in order."
    ) { args in
        let x = try args.required("x")
        guard x.isAtomic || x.isNull || x.isObject else {
            // `sort(list)` comes here by name alone: sort.list is no method of sort.
            if args.context.methodGeneric?.name == "sort" { throw WorkbenchError(.type, "'x' must be atomic") }
            throw WorkbenchError(
                .type,
                "'x' must be atomic for 'sort.list', method \"shell\" and \"quick\"\nHave you called 'sort' on a list?"
            )
        }
        let positions = try args.context.ordering(
            [try args.context.sortKey(x)], decreasing: [try args.flag("decreasing")],
            missing: try MissingPlace(args["na.last"]))
        return .ints(positions.map { $0 + 1 })
    }
}

private func registerSort(_ base: Namespace) {
    let parameters: [Parameter] = [
        .value("x"), .value("decreasing", false), .value("na.last", code: "NA"), .dots,
    ]
    base.function("sort", parameters, help: "The elements in order.", dispatch: .generic) { args in
        let x = try args.required("x")
        let decreasing = args["decreasing"]
        guard decreasing.length == 1, let isDecreasing = try decreasing.asLogicals()[0] else {
            throw WorkbenchError(
                .value, "'decreasing' must be a length-1 logical vector.\nDid you intend to set 'partial'?")
        }
        let missing = args.has("na.last") ? try MissingPlace(args["na.last"]) : .removed
        return try sorted(x, isDecreasing, missing, dots: args.dots, args.context)
    }
    base.alias("sort.default", of: "sort")
    base.function(
        "sort.int",
        [
            .value("x"), .value("partial", nil), .value("na.last", code: "NA"), .value("decreasing", false),
            .value("method", "auto"), .value("index.return", false),
        ], help: "The elements of an atomic vector in order."
    ) { args in
        let missing = args.has("na.last") ? try MissingPlace(args["na.last"]) : .removed
        return try sorted(
            try args.required("x"), try args.flag("decreasing"), missing,
            dots: [Argument(args["index.return"], name: "index.return")], args.context)
    }
}

private func sorted(
    _ x: Value, _ isDecreasing: Bool, _ missing: MissingPlace, dots: [Argument], _ context: Context
) throws -> Value {
    if x.isNull { return .null }
    guard x.isAtomic || x.isObject else {
        throw WorkbenchError(
            .type, "'x' must be atomic", hint: "a list is sorted by one of its fields: x[order(sapply(x, f))]")
    }
    let positions = try context.ordering([try context.sortKey(x)], decreasing: [isDecreasing], missing: missing)
    if x.isObject { return try context.elements(of: x, at: positions) }
    let wantsIndex = try dots.contains { try $0.name?.name == "index.return" && $0.value.asLogicals()[0] == true }
    let result = x.picked(positions)
    return wantsIndex ? Value.named([("x", result), ("ix", .ints(positions.map { $0 + 1 }))]) : result
}

/// Ranks of the elements that are not missing, with ties settled.
private func ranks(_ key: SortKey, _ present: [Int], ties: String, _ context: Context) throws -> [Double] {
    let order = try context.ordering([key], decreasing: [false], missing: .removed)
    var rank = [Double](repeating: 0, count: key.count)
    if ties == "first" {
        for (place, position) in order.enumerated() { rank[position] = Double(place + 1) }
        return rank
    }
    if ties == "random" {
        let generator = context.random
        var draws = [Double](repeating: 0, count: key.count)
        for position in present { draws[position] = generator.uniform() }
        let shuffled = try context.ordering([key, .doubles(draws)], decreasing: [false, false], missing: .removed)
        for (place, position) in shuffled.enumerated() { rank[position] = Double(place + 1) }
        return rank
    }
    var start = 0
    while start < order.count {
        var end = start + 1
        while end < order.count, key.compare(order[start], order[end]) == 0 { end += 1 }
        for place in start..<end {
            switch ties {
            case "min": rank[order[place]] = Double(start + 1)
            case "max": rank[order[place]] = Double(end)
            case "last": rank[order[place]] = Double(end - (place - start))
            default: rank[order[place]] = Double(start + 1 + end) / 2
            }
        }
        start = end
    }
    return rank
}

private func registerRank(_ base: Namespace) {
    base.function(
        "rank",
        [
            .value("x"), .value("na.last", true),
            .value(
                "ties.method", code: "c(\"average\", \"first\", \"last\", \"random\", \"max\", \"min\")"),
        ], help: "Ranks of the elements."
    ) { args in
        let x = try args.required("x")
        let methods = ["average", "first", "last", "random", "max", "min"]
        var ties = "average"
        if args.has("ties.method"), case .character(let v) = args["ties.method"], let given = v.elements.first??.string
        {
            guard let match = methods.first(where: { $0.hasPrefix(given) }) else {
                throw WorkbenchError(
                    .value, "'arg' should be one of " + methods.map { "‘\($0)’" }.joined(separator: ", "))
            }
            ties = match
        }
        if case .list = x, !x.isObject { throw WorkbenchError(.type, "unimplemented type 'list' in 'greater'\n") }
        let key = try args.context.sortKey(x)
        let isMissing = (0..<key.count).map { key.isMissing($0) }
        let present = isMissing.indices.filter { !isMissing[$0] }
        let rank = try ranks(key, present, ties: ties, args.context)
        var values: [Double?] = isMissing.indices.map { isMissing[$0] ? nil : rank[$0] }
        var kept = Array(values.indices)
        if args["na.last"].singleText != "keep" {
            switch try MissingPlace(args["na.last"]) {
            case .removed: kept = present
            case .last:
                var next = Double(present.count)
                for index in values.indices where isMissing[index] {
                    next += 1
                    values[index] = next
                }
            case .first:
                var next = 0.0
                let count = Double(values.count - present.count)
                for index in values.indices {
                    if isMissing[index] {
                        next += 1
                        values[index] = next
                    } else {
                        values[index] = values[index].map { $0 + count }
                    }
                }
            }
        }
        let result: Value =
            ties == "average"
            ? .double(Vector(kept.map { values[$0] ?? .na }))
            : .integer(Vector(kept.map { index in values[index].flatMap { Int32(exactly: $0) } }))
        guard let names = x.names else { return result }
        return result.withNames(kept.map { names[$0] })
    }
    base.function("xtfrm", [.value("x")], help: "Numbers in the same order as the elements.", dispatch: .internal) {
        args in
        let x = try args.required("x")
        if x.keepsClassByElement { return x.bare }
        if x.isNumeric { return x.unclassed }
        if x.isObject, !x.isAtomic {
            let codes = try args.context.call("as.numeric", [Argument(x)])
            return codes.bare
        }
        return try args.context.call(
            "rank",
            [Argument(x), Argument("min", name: "ties.method"), Argument("keep", name: "na.last")]
        ).bare
    }
    base.function(
        "is.unsorted", [.value("x"), .value("na.rm", false), .value("strictly", false)],
        help: "Whether the elements are not in order; NA if some are missing."
    ) { args in
        let x = try args.required("x")
        if x.length <= 1 { return false }
        var key = try args.context.sortKey(x)
        if (0..<key.count).contains(where: { key.isMissing($0) }) {
            guard try args.flag("na.rm") else { return .flag(nil) }
            let present = (0..<key.count).filter { !key.isMissing($0) }
            key = try args.context.sortKey(try args.context.elements(of: x, at: present))
            if key.count <= 1 { return false }
        }
        let isStrict = try args.flag("strictly")
        return .flag(
            (1..<key.count).contains { index in
                let order = key.compare(index - 1, index)
                return order > 0 || (isStrict && order == 0)
            })
    }
}
