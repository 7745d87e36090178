import BaseValues
import Diagnostics
import RRuntime

/// Registers `factor`, `ordered`, `as.factor`, … and what belongs to them.
func registerFactors(_ base: Namespace, _ stats: Namespace) {
    registerMakingFactors(base)
    registerLevels(base, stats)
    registerFactorSubsetting(base)
    registerFactorMethods(base)
    registerFactorArithmetic(base)
}

private func registerMakingFactors(_ base: Namespace) {
    base.function(
        "factor",
        [
            .value("x", .character(Vector([]))), .value("levels"), .value("labels", code: "levels"),
            .value("exclude", .logical(Vector([nil]))), .value("ordered", code: "is.ordered(x)"),
            .value("nmax", code: "NA"),
        ], help: "A categorical variable: codes with levels."
    ) { args in
        var exclude = args["exclude"]
        if case .logical = exclude, args.has("exclude") { exclude = .logical(Vector([nil])) }
        return try factor(
            x: args["x"], levels: args.given("levels"),
            labels: args.given("labels"), exclude: exclude,
            ordered: args.has("ordered") ? try args.flag("ordered") : nil, args.context)
    }
    base.function(
        "ordered", [.value("x"), .value("levels"), .value("labels", code: "levels")],
        help: "A factor whose levels have an order."
    ) { args in
        let x = args.has("x") ? args["x"] : .character(Vector([]))
        return try factor(
            x: x, levels: args.given("levels"),
            labels: args.given("labels"), exclude: .logical(Vector([nil])), ordered: true,
            args.context)
    }
    base.function("as.factor", [.value("x")], help: "The factor itself, or a factor of the elements.") { args in
        try makeFactor(of: try args.required("x"), args.context)
    }
    base.function("as.ordered", [.value("x")], help: "The ordered factor of the elements.") { args in
        let x = try args.required("x")
        if x.inherits("ordered") { return x }
        if x.isFactor { return x.setting(Symbol.classAttribute, .strings(["ordered", "factor"])) }
        return try factor(
            x: x, levels: nil, labels: nil, exclude: .logical(Vector([nil])), ordered: true, args.context)
    }
    base.function("is.factor", [.value("x")], help: "Whether it is a factor.") { args in
        .flag(try args.required("x").inherits("factor"))
    }
    base.function("is.ordered", [.value("x")], help: "Whether it is an ordered factor.") { args in
        .flag(try args.required("x").inherits("ordered"))
    }
    base.function(
        "addNA", [.value("x"), .value("ifany", false)], help: "The factor with NA as a level of its own."
    ) { args in
        let x = try makeFactor(of: try args.required("x"), args.context)
        let codes = try x.asIntegers().elements
        if try args.flag("ifany"), !codes.contains(where: { $0 == nil }) { return x }
        var levels = x.levelTexts
        let place: Int
        if let known = levels.firstIndex(where: { $0 == nil }) {
            place = known
        } else {
            place = levels.count
            levels.append(nil)
        }
        return makeFactor(
            codes.map { $0 ?? Int32(truncatingIfNeeded: place + 1) }, levels: levels, ordered: x.inherits("ordered"),
            names: x.names)
    }
}

private func registerLevels(_ base: Namespace, _ stats: Namespace) {
    base.function("levels", [.value("x")], help: "The levels attribute.", dispatch: .internal) { args in
        try args.required("x").attribute(Symbol.levels) ?? .null
    }
    base.function("nlevels", [.value("x")], help: "Number of levels.") { args in
        let levels = try args.context.call("levels", [Argument(try args.required("x"))])
        return .int(levels.length)
    }
    base.function("levels<-", [.value("x"), .value("value")], help: "Sets the levels.", dispatch: .internal) { args in
        let value = args["value"]
        return args.take(0).setting(Symbol.levels, value)
    }
    base.method("levels<-", for: "factor", [.value("x"), .value("value")]) { args in
        let x = args[0]
        let old = x.levelTexts
        var codes = try x.asIntegers().elements
        let new: [Text?]
        if case .list(let groups) = args[1] {
            let names = args[1].names ?? []
            var map = [Int32?](repeating: nil, count: old.count)
            for (index, group) in groups.elements.enumerated() {
                for text in try args.context.texts(of: group) {
                    if let place = old.firstIndex(of: text) { map[place] = Int32(truncatingIfNeeded: index + 1) }
                }
            }
            codes = codes.map { code in code.flatMap { map.coded($0) ?? nil } }
            new = names
        } else {
            let given = try args.context.texts(of: args[1])
            guard given.count >= old.count else {
                throw WorkbenchError(
                    .value, "number of levels differs", hint: "\(old.count) levels, \(given.count) were given")
            }
            var unique: [Text?] = []
            var places: [ElementKey: Int32] = [:]
            let map = given.map { text -> Int32? in
                guard let text else { return nil }
                if let place = places[.text(text)] { return place }
                unique.append(text)
                places[.text(text)] = Int32(truncatingIfNeeded: unique.count)
                return Int32(truncatingIfNeeded: unique.count)
            }
            codes = codes.map { code in code.flatMap { map.coded($0) ?? nil } }
            new = unique
        }
        return .integer(Vector(codes, x.attributes.setting(Symbol.levels, .character(Vector(new)))))
    }
    let dropParameters: [Parameter] = [.value("x"), .dots, .value("exclude", code: "NA"), .value("except", nil)]
    base.function("droplevels", dropParameters, help: "The factor without unused levels.", dispatch: .generic) { args in
        throw WorkbenchError(
            .type,
            "no applicable method for 'droplevels' applied to an object of class \"\(args[0].classes.first ?? "NULL")\""
        )
    }
    base.method("droplevels", for: "factor", dropParameters) { args in try withoutUnusedLevels(args[0], args.context) }
    base.method("droplevels", for: .dataFrame, dropParameters) { args in
        let except = args["except"].isNull ? [] : try selectedColumns(args["except"], of: args[0], args.context)
        let columns = try args[0].items.enumerated().map { index, column in
            column.isFactor && !except.contains(index) ? try withoutUnusedLevels(column, args.context) : column
        }
        return args[0].replacingColumns(columns, names: args[0].names ?? [], rowNames: rowNames(of: args[0]))
    }
    stats.function(
        "relevel", [.value("x"), .value("ref"), .dots], help: "The factor with one level moved to the front."
    ) { args in
        let x = try args.required("x")
        guard x.isFactor, !x.inherits("ordered") else {
            throw WorkbenchError(.type, "'relevel' only for (unordered) factors")
        }
        let levels = x.levelTexts
        let place: Int
        if let text = args["ref"].singleText {
            guard let found = levels.firstIndex(of: text) else {
                throw WorkbenchError(.value, "'ref' must be an existing level")
            }
            place = found
        } else {
            place = try args.int("ref") - 1
            guard levels.indices.contains(place) else {
                throw WorkbenchError(.value, "ref = \(place + 1) must be in 1L:\(levels.count)")
            }
        }
        let order = [place] + levels.indices.filter { $0 != place }
        var map = [Int32](repeating: 0, count: levels.count)
        for (new, old) in order.enumerated() { map[old] = Int32(truncatingIfNeeded: new + 1) }
        let codes = try x.asIntegers().elements.map { code in code.flatMap { map.coded($0) } }
        return .integer(
            Vector(codes, x.attributes.setting(Symbol.levels, .character(Vector(order.map { levels[$0] })))))
    }
}

/// A factor without the levels no element has.
func withoutUnusedLevels(_ x: Value, _ context: Context) throws -> Value {
    let codes = try x.asIntegers().elements
    let used = Set(codes.compactMap { $0 })
    let levels = x.levelTexts
    let kept = levels.indices.filter { used.contains(Int32($0 + 1)) }
    var map = [Int32?](repeating: nil, count: levels.count)
    for (new, old) in kept.enumerated() { map[old] = Int32(truncatingIfNeeded: new + 1) }
    return makeFactor(
        codes.map { code in code.flatMap { map.coded($0) ?? nil } }, levels: kept.map { levels[$0] },
        ordered: x.inherits("ordered"), names: x.names)
}
