import BaseValues
import Diagnostics
import RRuntime

/// Registers operators, mathematical functions and summaries of whole data frames.
func registerFrameArithmetic(_ base: Namespace) {
    for name in arithmeticOperators + comparisonOperators + logicalOperators + ["!"] {
        base.method(name, for: .dataFrame, name == "!" ? [.value("x")] : [.value("e1"), .value("e2")]) { args in
            try operate(name, args)
        }
    }
    for name in mathFunctions {
        base.method(name, for: .dataFrame, [.value("x"), .dots]) { args in
            let x = args[0]
            guard x.columnNames.count == x.items.count else {
                throw WorkbenchError(.type, "\(name) of a data frame was given \(args.describe(x))")
            }
            let unusable = x.items.indices.filter { !isNumberLike(x.items[$0]) }
            guard unusable.isEmpty else {
                let names = unusable.map { x.columnNames[$0].string }.joined(separator: ", ")
                throw WorkbenchError(.type, "non-numeric-alike variable(s) in data frame: \(names)")
            }
            let columns = try x.items.map { try args.context.call(name, [Argument($0)] + args.dots) }
            return x.replacingColumns(columns, names: x.names ?? [], rowNames: rowNames(of: x))
        }
    }
    for name in ["max", "min", "range", "sum", "prod", "any", "all"] {
        base.method(name, for: .dataFrame, [.dots, .value("na.rm", false)]) { args in
            let parts = try args.dots.map { argument -> Argument in
                guard argument.value.isDataFrame else { return argument }
                let matrix = try frameMatrix(argument.value, forceRowNames: nil, args.context)
                guard isNumberLike(matrix) else {
                    throw WorkbenchError(.type, "only defined on a data frame with all numeric-alike variables")
                }
                return Argument(matrix.bare)
            }
            return try args.context.call(name, parts + [Argument(args["na.rm"], name: "na.rm")])
        }
    }
}

private func isNumberLike(_ value: Value) -> Bool {
    switch value {
    case .logical, .complex: return true
    default: return value.isNumeric
    }
}

private func operate(_ name: String, _ args: Arguments) throws -> Value {
    let context = args.context
    let isUnary = args.function.parameters.count == 1 || args[1].isMissing
    let left = args[0]
    let right: Value = isUnary ? .null : args[1]
    let frame = left.isDataFrame ? left : right
    let names = rowNames(of: frame)
    let rows = names.count
    let count = frame.items.count
    func parts(_ value: Value) throws -> (Int) throws -> Value {
        if value.isDataFrame {
            let items = value.items
            guard items.count == count, rowCount(of: value) == rows else {
                throw WorkbenchError(.value, "‘\(name)’ only defined for equally-sized data frames")
            }
            return { items[$0] }
        }
        if case .list(let list) = value {
            if list.count <= 1 { return { _ in list.elements.first ?? .null } }
            guard list.count == count else {
                throw WorkbenchError(.value, "list of length \(list.count) not meaningful")
            }
            return { list[$0] }
        }
        if value.length <= 1 { return { _ in value } }
        let length = value.length
        return { column in
            try context.elements(of: value.bare, at: (0..<rows).map { (column * rows + $0) % length })
        }
    }
    let leftPart = try parts(left)
    let rightPart = isUnary ? { _ in .null } : try parts(right)
    let results = try (0..<count).map { column -> Value in
        let operands =
            isUnary
            ? [Argument(try leftPart(column))] : [Argument(try leftPart(column)), Argument(try rightPart(column))]
        return try context.call(name, operands)
    }
    if arithmeticOperators.contains(name) {
        return makeFrame(results, names: frame.names ?? [], rowNames: names)
    }
    let flat = results.isEmpty ? Value.logical(Vector([])) : try context.concatenated(results.map { $0.bare })
    guard flat.length == rows * count else {
        throw WorkbenchError(
            .value, "‘\(name)’ of a data frame gave \(flat.length) values for \(rows) rows of \(count) columns",
            hint: "the other operand has length \((left.isDataFrame ? right : left).length)")
    }
    return flat.setting(Symbol.dim, .ints([rows, count])).setting(
        Symbol.dimnames,
        .list(
            Vector([
                names.isAutomatic ? .null : .character(Vector(names.texts.map { Optional($0) })),
                .character(Vector(frame.names ?? [])),
            ])))
}
