import Diagnostics
import RRuntime
import VectorValues

func registerBind(_ base: Namespace) {
    for (name, byColumn) in [("cbind", true), ("rbind", false)] {
        base.function(
            name,
            [
                .promiseDots, .value("deparse.level", 1), .value("make.row.names", code: "TRUE"),
                .value("stringsAsFactors", code: "FALSE"),
            ],
            help: byColumn ? "Vectors and matrices side by side." : "Vectors and matrices one below the other."
        ) { args in try bind(args, name, byColumn: byColumn) }
    }
}

/// One argument with the name its row or column gets.
private struct Part {
    var value: Value
    let name: Text?
    let isMatrix: Bool
    /// Extent along the direction of binding, and across.
    let along: Int
    let across: Int
}

private func bind(_ args: Arguments, _ name: String, byColumn: Bool) throws -> Value {
    let level = args["deparse.level"].isMissing ? 1 : try args.int("deparse.level")
    var values: [Argument] = []
    for argument in args.dots {
        if argument.value.isMissing { throw WorkbenchError(.value, "argument is missing, with no default") }
        values.append(Argument(try args.context.forced(argument.value), name: argument.name))
    }
    if let result = try dispatched(args, values, name) { return result }
    let parts = try parts(args, values, level: level, byColumn: byColumn)
    if parts.isEmpty { return .null }
    let matrices = parts.filter { $0.isMatrix }
    var across: Int
    if let first = matrices.first {
        across = first.across
        for (place, part) in parts.enumerated() where part.isMatrix && part.across != across {
            throw WorkbenchError(
                .value,
                "number of \(byColumn ? "rows" : "columns") of matrices must match (see arg \(place + 1))")
        }
    } else {
        across = parts.map { $0.value.length }.max() ?? 0
    }
    let used = parts.filter { $0.isMatrix || $0.value.length > 0 || across == 0 }
    for (place, part) in parts.enumerated() where !part.isMatrix {
        let count = part.value.length
        if count > 0, count > across || across % count != 0 {
            try args.context.warn(
                "number of \(byColumn ? "rows" : "columns") of result is not a multiple of vector length (arg \(place + 1))",
                call: args.call)
            break
        }
    }
    let kind = commonKind(parts.map { $0.value })
    let total = used.reduce(0) { $0 + ($1.isMatrix ? $1.along : 1) }
    _ = try checkedProduct([total, across], kind)
    var columns: [Value] = []
    for part in used {
        let value = try part.value.coerced(to: kind, args.context)
        if part.isMatrix {
            columns.append(byColumn ? value : value.gathering(transposedPositions(rows: part.along, columns: across)))
        } else {
            let count = value.length
            columns.append(count == 0 ? value : value.gathering((0..<across).map { $0 % count }))
        }
    }
    var result = try concatenated(columns, as: kind, args.context)
    if !byColumn { result = result.gathering(transposedPositions(rows: across, columns: total)) }
    let dim = byColumn ? [across, total] : [total, across]
    result = result.setting(Symbol.dim, .ints(dim))
    return named(result, used, across, byColumn: byColumn)
}

/// Places that turn a column-major matrix round.
func transposedPositions(rows: Int, columns: Int) -> [Int] {
    var positions: [Int] = []
    positions.reserveCapacity(rows * columns)
    for row in 0..<rows { for column in 0..<columns { positions.append(column * rows + row) } }
    return positions
}

private func dispatched(_ args: Arguments, _ values: [Argument], _ name: String) throws -> Value? {
    guard
        let object = values.first(where: { $0.value.inherits("data.frame") })
            ?? values.first(where: { $0.value.isObject })
    else { return nil }
    var arguments = args.dots
    for extra in ["deparse.level", "make.row.names", "stringsAsFactors"] {
        let given = args.call.arguments.contains { $0.name?.name == extra }
        if given { arguments.append(Argument(args[extra], name: extra)) }
    }
    for className in object.value.classAttribute ?? [] {
        let generic = Symbol.named(name)
        let method = Symbol.named("\(name).\(className.string)")
        let isKnown =
            args.context.registry.methods[method] != nil || args.context.sessionMethods[method] != nil
            || args.environment.lookup(method) != nil
        if isKnown {
            return try args.context.dispatch(
                generic, on: object.value, arguments, call: args.call, environment: args.environment)
        }
    }
    return nil
}

private func parts(_ args: Arguments, _ values: [Argument], level: Int, byColumn: Bool) throws -> [Part] {
    var result: [Part] = []
    for (place, argument) in values.enumerated() {
        var value = argument.value
        if value.isNull { continue }
        if !value.isVector {
            guard value.kind == nil, !(value.isFunction) else {
                throw WorkbenchError(.type, "cannot create a matrix from type '\(value.typeName)'")
            }
            value = .items([value])
        }
        let dim = value.dim?.count == 2 ? value.dim : nil
        if value.inherits("factor") { value = value.bare.setting(Symbol.names, value.attribute(Symbol.names)) }
        var name = argument.name.flatMap { $0.name.isEmpty ? nil : $0.text }
        if name == nil, dim == nil, level > 0, case .promise(let promise) = args.dots[place].value {
            if case .symbol(let symbol) = promise.expression {
                name = symbol.text
            } else if level == 2 {
                name = Text(args.context.deparse(promise.expression).first ?? "")
            }
        }
        if let dim {
            result.append(
                Part(
                    value: value, name: nil, isMatrix: true, along: byColumn ? dim[1] : dim[0],
                    across: byColumn ? dim[0] : dim[1]))
        } else {
            result.append(Part(value: value, name: name, isMatrix: false, along: 1, across: value.length))
        }
    }
    return result
}

private func named(_ result: Value, _ parts: [Part], _ across: Int, byColumn: Bool) -> Value {
    var along: [Text?] = []
    var hasAlong = false
    var acrossNames: Value = .null
    for part in parts {
        if part.isMatrix {
            let lists = part.value.dimnamesLists
            if let mine = lists?[byColumn ? 1 : 0] {
                along.append(contentsOf: mine)
                hasAlong = true
            } else {
                along.append(contentsOf: repeatElement("", count: part.along))
            }
            if acrossNames.isNull, let names = lists?[byColumn ? 0 : 1] {
                acrossNames = .character(Vector(names))
            }
        } else {
            along.append(part.name ?? "")
            if part.name != nil { hasAlong = true }
        }
    }
    if acrossNames.isNull, !parts.contains(where: { $0.isMatrix }) {
        for part in parts {
            if let names = part.value.names, names.count == across {
                acrossNames = .character(Vector(names))
                break
            }
        }
    } else if acrossNames.isNull {
        for part in parts where !part.isMatrix {
            if let names = part.value.names, names.count == across {
                acrossNames = .character(Vector(names))
                break
            }
        }
    }
    guard hasAlong || !acrossNames.isNull else { return result }
    let alongValue: Value = hasAlong ? .character(Vector(along)) : .null
    return result.setting(
        Symbol.dimnames, .items(byColumn ? [acrossNames, alongValue] : [alongValue, acrossNames]))
}
