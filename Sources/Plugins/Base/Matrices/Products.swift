import Diagnostics
import RRuntime
import VectorValues

func registerProducts(_ base: Namespace) {
    base.function("%*%", [.value("x"), .value("y")], help: "Matrix product.", dispatch: .ops) { args in
        try matrixProduct(args[0], args[1], .plain, args)
    }
    base.function("crossprod", [.value("x"), .value("y", nil)], help: "t(x) %*% y.") { args in
        try matrixProduct(try args.required("x"), args["y"].isNull ? args["x"] : args["y"], .crossed, args)
    }
    base.function("tcrossprod", [.value("x"), .value("y", nil)], help: "x %*% t(y).") { args in
        try matrixProduct(try args.required("x"), args["y"].isNull ? args["x"] : args["y"], .transposed, args)
    }
    base.function(
        "outer", [.value("X"), .value("Y"), .value("FUN", "*"), .dots], help: "A function of every pair of elements."
    ) { args in try outer(try args.required("X"), try args.required("Y"), args["FUN"], args.dots, args) }
    base.function("%o%", [.value("X"), .value("Y")], help: "Products of every pair of elements.") { args in
        try outer(try args.required("X"), try args.required("Y"), "*", [], args)
    }
    let kron: Builtin.Implementation = { args in try kronecker(args) }
    base.function(
        "kronecker", [.value("X"), .value("Y"), .value("FUN", "*"), .value("make.dimnames", false), .dots],
        help: "Kronecker product.", kron)
    base.function("%x%", [.value("X"), .value("Y")], help: "Kronecker product.", kron)
}

enum ProductKind {
    case plain, crossed, transposed
}

/// A matrix of doubles in columns.
struct Columns {
    var rows: Int
    var columns: Int
    var elements: [Double]

    subscript(row: Int, column: Int) -> Double {
        get { elements[column * rows + row] }
        set { elements[column * rows + row] = newValue }
    }

    init(_ rows: Int, _ columns: Int, _ elements: [Double]) {
        self.rows = rows
        self.columns = columns
        self.elements = elements
    }

    init(zeros rows: Int, _ columns: Int) {
        self.init(rows, columns, Array(repeating: 0, count: rows * columns))
    }

    var transposed: Columns {
        var result = Columns(zeros: columns, rows)
        for column in 0..<columns { for row in 0..<rows { result[column, row] = self[row, column] } }
        return result
    }

    /// Product, columns of the result as sums of columns: the order in which the reference BLAS adds.
    func times(_ other: Columns) -> Columns {
        var result = [Double](repeating: 0, count: rows * other.columns)
        let n = rows
        elements.withUnsafeBufferPointer { a in
            result.withUnsafeMutableBufferPointer { c in
                for column in 0..<other.columns {
                    for inner in 0..<columns {
                        let factor = other.elements[column * other.rows + inner]
                        let source = inner * n
                        let target = column * n
                        for row in 0..<n { c[target + row] += a[source + row] * factor }
                    }
                }
            }
        }
        return Columns(rows, other.columns, result)
    }
}

func matrixProduct(_ x: Value, _ y: Value, _ kind: ProductKind, _ args: Arguments) throws -> Value {
    for operand in [x, y] {
        switch operand {
        case .double, .integer, .logical, .complex: break
        default: throw WorkbenchError(.type, "requires numeric/complex matrix/vector arguments")
        }
    }
    var dimX = x.dim?.count == 2 ? x.dim : nil
    var dimY = y.dim?.count == 2 ? y.dim : nil
    let (isMatrixX, isMatrixY) = (dimX != nil, dimY != nil)
    let (countX, countY) = (x.length, y.length)
    switch kind {
    case .plain:
        if dimX == nil, dimY == nil {
            if countX == countY {
                dimX = [1, countX]; dimY = [countY, 1]
            } else if countX == 1 {
                dimX = [1, 1]; dimY = [1, countY]
            } else {
                dimX = [1, countX]; dimY = [countY, 1]
            }
        } else if dimX == nil, let other = dimY {
            if countX == other[0] { dimX = [1, countX] } else { dimX = other[0] == 1 ? [countX, 1] : [1, countX] }
        } else if dimY == nil, let other = dimX {
            if countY == other[1] { dimY = [countY, 1] } else { dimY = other[1] == 1 ? [1, countY] : [countY, 1] }
        }
    case .crossed:
        if dimX == nil, let other = dimY {
            dimX = countX == other[0] ? [countX, 1] : (other[0] == 1 ? [1, countX] : [countX, 1])
        }
        if dimY == nil, let own = dimX, isMatrixX {
            dimY = countY == own[0] ? [countY, 1] : (own[0] == 1 ? [1, countY] : [countY, 1])
        }
        if dimX == nil { dimX = [countX, 1] }
        if dimY == nil { dimY = [countY, 1] }
    case .transposed:
        if dimX == nil, let other = dimY { dimX = countX == other[1] ? [1, countX] : [countX, 1] }
        if dimY == nil, let own = dimX, isMatrixX { dimY = countY == own[1] ? [1, countY] : [countY, 1] }
        if dimX == nil { dimX = [countX, 1] }
        if dimY == nil { dimY = [countY, 1] }
    }
    guard let dimX, let dimY else { throw WorkbenchError(.value, "non-conformable arguments") }
    let inner: (Int, Int) =
        kind == .plain ? (dimX[1], dimY[0]) : kind == .crossed ? (dimX[0], dimY[0]) : (dimX[1], dimY[1])
    guard inner.0 == inner.1 else { throw WorkbenchError(.value, "non-conformable arguments") }
    let outerX = kind == .crossed ? 1 : 0
    let outerY = kind == .transposed ? 0 : 1
    _ = try checkedProduct([dimX[outerX], dimY[outerY]])
    var result: Value
    if x.kind == .complex || y.kind == .complex {
        result = try complexProduct(x, y, dimX, dimY, kind)
    } else {
        var left = Columns(dimX[0], dimX[1], try x.doubleElements())
        var right = Columns(dimY[0], dimY[1], try y.doubleElements())
        if kind == .crossed { left = left.transposed }
        if kind == .transposed { right = right.transposed }
        result = .numbers(left.times(right).elements)
    }
    result = result.setting(Symbol.dim, .ints([dimX[outerX], dimY[outerY]]))
    let rowNames = isMatrixX ? dimnamesElement(x, outerX) : .null
    let columnNames = isMatrixY ? dimnamesElement(y, outerY) : .null
    if !rowNames.isNull || !columnNames.isNull {
        let titles = titledAxes([(isMatrixX ? x : .null, outerX), (isMatrixY ? y : .null, outerY)])
        result = result.setting(Symbol.dimnames, Value.items([rowNames, columnNames]).withNames(titles))
    }
    return result
}

/// Names of the dimnames of axes of several arrays; nil if none has any.
private func titledAxes(_ axes: [(x: Value, axis: Int)]) -> [Text?]? {
    let titles = axes.map { x, axis -> Text? in
        guard let names = x.attribute(Symbol.dimnames)?.names, axis < names.count else { return nil }
        return names[axis]
    }
    guard titles.contains(where: { $0 != nil }) else { return nil }
    return titles.map { $0 ?? "" }
}

func dimnamesElement(_ x: Value, _ axis: Int) -> Value {
    guard case .list(let list)? = x.attribute(Symbol.dimnames), axis < list.count else { return .null }
    return list[axis]
}

private func complexProduct(
    _ x: Value, _ y: Value, _ dimX: [Int], _ dimY: [Int], _ kind: ProductKind
) throws -> Value {
    let a = try x.asComplexNumbers().0.elements
    let b = try y.asComplexNumbers().0.elements
    let rows = kind == .crossed ? dimX[1] : dimX[0]
    let inner = kind == .crossed ? dimX[0] : dimX[1]
    let columns = kind == .transposed ? dimY[0] : dimY[1]
    var result: [Complex] = []
    for column in 0..<columns {
        for row in 0..<rows {
            var sum = Complex(0, 0)
            for k in 0..<inner {
                let left = kind == .crossed ? a[row * dimX[0] + k] : a[k * dimX[0] + row]
                let right = kind == .transposed ? b[k * dimY[0] + column] : b[column * dimY[0] + k]
                let product = left.times(right)
                sum = Complex(sum.real + product.real, sum.imaginary + product.imaginary)
            }
            result.append(sum)
        }
    }
    return .complex(Vector(result))
}

private func outer(_ x: Value, _ y: Value, _ function: Value, _ extra: [Argument], _ args: Arguments) throws -> Value {
    let dimX = x.dim ?? [x.length]
    let dimY = y.dim ?? [y.length]
    let total = try checkedProduct([x.length, y.length])
    let countX = x.length
    let left = x.gathering((0..<total).map { $0 % max(countX, 1) })
    let right = y.gathering((0..<total).map { $0 / max(countX, 1) })
    let called = try args.context.matchFunction(function, environment: args.environment)
    var result = try args.context.call(
        called, [Argument(left), Argument(right)] + extra, environment: args.environment)
    guard result.length == total else {
        throw WorkbenchError(.value, "dims [product \(total)] do not match the length of object [\(result.length)]")
    }
    result = result.bare.setting(Symbol.dim, .ints(dimX + dimY))
    let namesX = x.dim == nil ? (x.names.map { [Value.character(Vector($0))] } ?? [.null]) : axisNames(x, dimX.count)
    let namesY = y.dim == nil ? (y.names.map { [Value.character(Vector($0))] } ?? [.null]) : axisNames(y, dimY.count)
    if (namesX + namesY).contains(where: { !$0.isNull }) {
        let titles = titledAxes(namesX.indices.map { (x, $0) } + namesY.indices.map { (y, $0) })
        result = result.setting(Symbol.dimnames, Value.items(namesX + namesY).withNames(titles))
    }
    return result
}

private func axisNames(_ x: Value, _ count: Int) -> [Value] { (0..<count).map { dimnamesElement(x, $0) } }

private func kronecker(_ args: Arguments) throws -> Value {
    let x = try args.required("X")
    let y = try args.required("Y")
    let function = args["FUN"].isMissing ? "*" : args["FUN"]
    let dimX = x.dim ?? [x.length, 1]
    let dimY = y.dim ?? [y.length, 1]
    guard dimX.count == 2, dimY.count == 2 else { throw WorkbenchError(.value, "arrays of two dimensions are needed") }
    let dim = [dimX[0] * dimY[0], dimX[1] * dimY[1]]
    _ = try checkedProduct(dim)
    var left: [Int] = []
    var right: [Int] = []
    for column in 0..<dim[1] {
        for row in 0..<dim[0] {
            left.append((column / dimY[1]) * dimX[0] + row / dimY[0])
            right.append((column % dimY[1]) * dimY[0] + row % dimY[0])
        }
    }
    let called = try args.context.matchFunction(function, environment: args.environment)
    let result = try args.context.call(
        called, [Argument(x.gathering(left)), Argument(y.gathering(right))], environment: args.environment)
    return result.bare.setting(Symbol.dim, .ints(dim))
}
