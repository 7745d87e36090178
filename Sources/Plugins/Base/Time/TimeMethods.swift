import BaseValues
import Diagnostics
import RRuntime

/// Registers subsetting, joining, arithmetic and comparison of dates and times.
func registerTimeMethods(_ base: Namespace) {
    for className in ["Date", "POSIXct", "difftime"] { registerElements(base, className) }
    registerJoining(base)
    registerTimeArithmetic(base)
    registerSummaryMethods(base)
    registerLocalTimeMethods(base)
}

private func positions(_ x: Value, _ dots: [Argument], _ context: Context) throws -> [Int?] {
    guard let index = dots.first?.value else { return Array(0..<x.length) }
    let names = x.names
    return try resolveIndex(index, count: x.length, names: { names?.map { $0 ?? "NA" } ?? [] }, context).positions
}

private func registerElements(_ base: Namespace, _ className: String) {
    base.method("[", for: className, [.value("x"), .dots, .value("drop", true)]) { args in
        args[0].pickedKeepingClass(try positions(args[0], args.dots, args.context))
    }
    base.method("[[", for: className, [.value("x"), .dots, .value("drop", true)]) { args in
        let places = try positions(args[0], args.dots, args.context)
        guard places.count == 1, let place = places[0], place < args[0].length else {
            throw WorkbenchError(.value, "subscript out of bounds")
        }
        return args[0].pickedKeepingClass([place]).setting(Symbol.names, nil)
    }
    for name in ["[<-", "[[<-"] {
        base.method(name, for: className, [.value("x"), .dots, .value("value")]) { args in
            var value = args["value"]
            let context = args.context
            if className == "difftime" {
                if value.inherits("difftime") {
                    value = try converted(value, to: args[0].attribute(unitsName)?.singleText?.string ?? "days").bare
                }
            } else if !value.isNull {
                let isOwn = value.inherits(className)
                value =
                    isOwn
                    ? value.bare
                    : value.isNumeric && !value.isObject
                        ? value
                        : try context.call("as.\(className)", [Argument(value)]).bare
            }
            let plain = args[0].setting(Symbol.classAttribute, nil)
            let result = try context.call(name, [Argument(plain)] + args.dots + [Argument(value, name: "value")])
            return result.setting(Symbol.classAttribute, args[0].attribute(Symbol.classAttribute))
        }
    }
    base.method("rep", for: className, [.value("x"), .dots]) { args in
        let places = try args.context.call("rep", [Argument(.ints(Array(0..<args[0].length)))] + args.dots).asIntegers()
        return args[0].pickedKeepingClass(places.elements.map { place in place.map { Int($0) } })
    }
    base.method("as.list", for: className, [.value("x"), .dots]) { args in
        .list(
            Vector(
                (0..<args[0].length).map { args[0].pickedKeepingClass([$0]).setting(Symbol.names, nil) },
                args[0].attributes.keeping([Symbol.names])))
    }
    base.method("is.numeric", for: className == "POSIXct" ? "POSIXt" : className, [.value("x")]) { _ in false }
    base.method("length<-", for: className, [.value("x"), .value("value")]) { args in
        let count = max(try args.int("value"), 0)
        try MemoryDoor.check(count: count, elementBytes: 16)
        let length = args[0].length
        return args[0].pickedKeepingClass((0..<count).map { $0 < length ? $0 : nil })
    }
}

private func registerJoining(_ base: Namespace) {
    base.method("c", for: "Date", [.dots, .value("recursive", false)]) { args in
        dateValue(
            try args.dots.flatMap { argument in
                argument.value.inherits("Date") || (argument.value.isNumeric && !argument.value.isObject)
                    || argument.value.isNull
                    ? try argument.value.asDoubles().elements
                    : try args.context.call("as.Date", [Argument(argument.value)]).asDoubles().elements
            }, names: joinedNames(args.dots))
    }
    base.method("c", for: "POSIXct", [.dots, .value("recursive", false)]) { args in
        let zones = args.dots.map { zone(of: $0.value) }
        let isSame = zones.allSatisfy { $0 == zones[0] } && args.dots.first?.value.attribute(zoneName) != nil
        return timeValue(
            try args.dots.flatMap { argument in
                argument.value.isNumeric && !argument.value.isObject
                    ? try argument.value.asDoubles().elements : try args.context.seconds(of: argument.value)
            }, zone: isSame ? zones.first ?? nil : nil, names: joinedNames(args.dots))
    }
}

private func joinedNames(_ dots: [Argument]) -> [Text?]? {
    guard dots.contains(where: { $0.name != nil || $0.value.names != nil }) else { return nil }
    return dots.flatMap { argument -> [Text?] in
        let count = argument.value.length
        if let name = argument.name {
            return count == 1 ? [name.text] : (0..<count).map { Text(name.name + String($0 + 1)) }
        }
        return argument.value.names ?? [Text?](repeating: "", count: count)
    }
}

private func registerTimeArithmetic(_ base: Namespace) {
    let operands: [Parameter] = [.value("e1"), .value("e2")]
    base.method("+", for: "Date", operands) { args in
        guard args.has("e2") else { return args[0] }
        if args[0].inherits("Date"), args[1].inherits("Date") {
            throw WorkbenchError(.type, "binary + is not defined for \"Date\" objects")
        }
        return try shifted(args, "+", secondsPerUnit: 86_400)
    }
    base.method("-", for: "Date", operands) { args in
        guard args[0].inherits("Date") else { throw WorkbenchError(.type, "can only subtract from \"Date\" objects") }
        guard args.has("e2") else { throw WorkbenchError(.type, "unary - is not defined for \"Date\" objects") }
        if args[1].inherits("Date") {
            let plain = try args.context.call("-", [Argument(args[0].unclassed), Argument(args[1].unclassed)])
            return plain.withClass("difftime").setting(unitsName, "days")
        }
        if args[1].isObject, !args[1].inherits("difftime") {
            throw WorkbenchError(.type, "can only subtract numbers from \"Date\" objects")
        }
        return try shifted(args, "-", secondsPerUnit: 86_400)
    }
    base.method("+", for: "POSIXt", operands) { args in
        guard args.has("e2") else { return args[0] }
        if args[0].inherits("POSIXt"), args[1].inherits("POSIXt") {
            throw WorkbenchError(.type, "binary '+' is not defined for \"POSIXt\" objects")
        }
        return try shifted(args, "+", secondsPerUnit: 1)
    }
    base.method("-", for: "POSIXt", operands) { args in
        guard args[0].inherits("POSIXt") else {
            throw WorkbenchError(.type, "can only subtract from \"POSIXt\" objects")
        }
        guard args.has("e2") else { throw WorkbenchError(.type, "unary '-' is not defined for \"POSIXt\" objects") }
        if args[1].inherits("POSIXt") {
            return try difference(
                try args.context.seconds(of: args[0]), try args.context.seconds(of: args[1]), unit: "auto")
        }
        return try shifted(args, "-", secondsPerUnit: 1)
    }
    for className in ["Date", "POSIXt"] {
        base.method("Ops", for: className, operands) { args in
            let name = args.context.methodGeneric?.name ?? args.call.name?.name ?? ""
            guard comparisonOperators.contains(name), args.has("e2") else {
                throw WorkbenchError(
                    .type,
                    className == "Date"
                        ? "\(name) not defined for \"Date\" objects" : "'\(name)' not defined for \"POSIXt\" objects")
            }
            let converter = className == "Date" ? "as.Date" : "as.POSIXct"
            let own = className == "Date" ? "Date" : "POSIXct"
            let sides = try [args[0], args[1]].map { side -> Argument in
                if side.inherits(own) {
                    return Argument(side.setting(Symbol.classAttribute, nil).setting(zoneName, nil))
                }
                if side.inherits("POSIXlt") || side.typeName == "character" || side.isFactor {
                    return Argument(try args.context.call(converter, [Argument(side)]).bare)
                }
                return Argument(side)
            }
            return try args.context.call(name, sides)
        }
    }
}

/// A date or time moved by a number or time difference.
private func shifted(_ args: Arguments, _ name: String, secondsPerUnit: Double) throws -> Value {
    func plain(_ value: Value) throws -> Value {
        if value.inherits("difftime") {
            let unit = secondsOfUnit[value.attribute(unitsName)?.singleText?.string ?? "days"] ?? 1
            return .double(Vector(try value.asDoubles().elements.map { $0 * unit / secondsPerUnit }))
        }
        if value.inherits("POSIXlt") { return .double(Vector(try args.context.seconds(of: value))) }
        return value.setting(Symbol.classAttribute, nil).setting(zoneName, nil)
    }
    let result = try args.context.call(name, [Argument(try plain(args[0])), Argument(try plain(args[1]))])
    let source = args[0].inherits("difftime") || !args[0].isObject ? args[1] : args[0]
    let numbers = try result.asDoubles().elements
    if source.inherits("Date") { return Value.double(Vector(numbers, result.attributes)).withClass("Date") }
    let own = source.attribute(zoneName) == nil ? nil : zone(of: source)
    return timeValue(numbers, zone: own, names: result.names)
}

private func registerSummaryMethods(_ base: Namespace) {
    for className in ["Date", "POSIXct"] {
        for name in ["max", "min", "range", "sum", "prod", "any", "all"] {
            base.method(name, for: className, [.dots, .value("na.rm", false)]) { args in
                guard ["max", "min", "range"].contains(name) else {
                    throw WorkbenchError(
                        .type,
                        className == "Date"
                            ? "\(name) not defined for \"Date\" objects"
                            : "'\(name)' not defined for \"POSIXt\" objects")
                }
                let all = try args.context.concatenated(args.dots.map { $0.value })
                let result = try args.context.call(
                    name, [Argument(all.bare), Argument(args["na.rm"], name: "na.rm")]
                ).asDoubles().elements
                return .double(Vector(result, all.attributes.removing([Symbol.names])))
            }
        }
        for name in mathFunctions where !["round", "trunc"].contains(name) {
            base.method(name, for: className, [.value("x"), .dots]) { args in
                throw WorkbenchError(
                    .type,
                    className == "Date"
                        ? "\(name) not defined for \"Date\" objects" : "'\(name)' not defined for \"POSIXt\" objects")
            }
        }
    }
}

private func registerLocalTimeMethods(_ base: Namespace) {
    base.method("length", for: "POSIXlt", [.value("x")]) { args in .int(rowCount(of: args[0])) }
    base.method("[", for: "POSIXlt", [.value("x"), .dots, .value("drop", true)]) { args in
        guard case .list(let fields) = args[0], let index = args.dots.first?.value else { return args[0] }
        let count = rowCount(of: args[0])
        let places = try resolveIndex(index, count: count, names: { [] }, args.context).positions
        return .list(
            Vector(
                fields.elements.map { field in
                    field.length == 0
                        ? field : field.pickedBare(places.map { place in place.map { $0 % max(field.length, 1) } })
                }, fields.attributes))
    }
    base.method("c", for: "POSIXlt", [.dots, .value("recursive", false)]) { args in
        let moments = try args.context.concatenated(
            try args.dots.map { try args.context.call("as.POSIXct", [Argument($0.value)]) })
        return try args.context.call("as.POSIXlt", [Argument(moments)])
    }
    for name in ["as.double", "as.numeric"] {
        base.method(name, for: "POSIXlt", [.value("x"), .dots]) { args in
            .double(Vector(try args.context.seconds(of: args[0])))
        }
    }
    base.method("is.na", for: "POSIXlt", [.value("x")]) { args in
        .logical(Vector(try args.context.seconds(of: args[0]).map { $0.isNaN }))
    }
    for name in ["max", "min", "range"] {
        base.method(name, for: "POSIXlt", [.dots, .value("na.rm", false)]) { args in
            try args.context.call(
                name,
                try args.dots.map { Argument(try args.context.call("as.POSIXct", [Argument($0.value)])) } + [
                    Argument(args["na.rm"], name: "na.rm")
                ])
        }
    }
    base.method("xtfrm", for: "POSIXlt", [.value("x")]) { args in .double(Vector(try args.context.seconds(of: args[0])))
    }
}
