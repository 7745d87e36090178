import Diagnostics
import Glibc
import GraphicDevices
import PluginAPI

/// Registers `image`, `as.raster`, `rasterImage` and plots of rasters.
func registerRasters(_ graphics: Namespace, _ devices: Namespace) {
    devices.function(
        "as.raster", [.value("x"), .value("max", code: "1, or 255 for integers"), .dots],
        help: "A raster: colours of a matrix of grays, or of an array with 3 or 4 channels last.", dispatch: .generic
    ) { args in
        let x = try args.required("x")
        if x.inherits("raster") { return x }
        return try rasterValue(x, args)
    }
    devices.function("is.raster", [.value("x")], help: "Whether it is a raster.") { args in
        .flag(try args.required("x").inherits("raster"))
    }
    devices.method("dim", for: "raster", [.value("x")], help: "Rows and columns.") { args in
        .ints(args["x"].dim ?? [])
    }
    devices.method("print", for: "raster", [.value("x"), .dots], help: "Rows and columns.", visible: false) { args in
        let dim = args["x"].dim ?? [0, 0]
        args.context.console.write("a raster of \(dim[0]) x \(dim.count > 1 ? dim[1] : 0) pixels\n")
        return args["x"]
    }
    graphics.method(
        "plot", for: "raster",
        [
            .value("x"), .value("y", nil), .value("xlim", nil), .value("ylim", nil), .value("asp", 1),
            .value("interpolate", true), .value("add", false), .dots,
        ],
        help: "Plots pixels.", visible: false
    ) { args in
        let graphic = try GraphicArguments(args)
        let image = try rasterImage(try args.required("x"), args)
        let (width, height) = (Double(image.width), Double(image.height))
        let mark = Mark.raster(
            image, x0: 0, y0: 0, x1: width, y1: height, smooth: try graphic.flag("interpolate", true))
        guard try !graphic.flag("add", false) else {
            try graphic.add([mark])
            return .null
        }
        var panel = Panel()
        panel.axes = []
        panel.frame = .none
        panel.x.limits = Axis.Limits(0, width)
        panel.y.limits = Axis.Limits(0, height)
        panel.aspect = try graphic.number("asp", 1)
        panel.margins = graphic.parameters.margins
        panel.title = try graphic.text("main")
        panel.xLabel = try graphic.text("xlab")
        panel.marks = [mark]
        try graphic.begin(panel)
        return .null
    }
    graphics.function(
        "rasterImage",
        [
            .value("image"), .value("xleft"), .value("ybottom"), .value("xright"), .value("ytop"), .value("angle", 0),
            .value("interpolate", true), .dots,
        ],
        help: "Adds pixels in a box.", visible: false
    ) { args in
        let graphic = try GraphicArguments(args)
        let image = try rasterImage(try args.required("image"), args)
        try graphic.add([
            .raster(
                image, x0: try args.number("xleft"), y0: try args.number("ybottom"), x1: try args.number("xright"),
                y1: try args.number("ytop"), smooth: try graphic.flag("interpolate", true))
        ])
        return .null
    }
    graphics.drawing(
        "image",
        [
            .value("x"), .value("y", nil), .value("z", nil), .value("zlim", nil), .value("col", nil),
            .value("useRaster", true),
        ] + plotParameters + [.dots],
        help: "Plots a matrix as coloured cells: rows along x, columns along y."
    ) { args in try plotImage(args) }
}

private func rasterValue(_ x: Value, _ args: Arguments) throws -> Value {
    guard let dim = x.dim, dim.count == 2 || (dim.count == 3 && [1, 3, 4].contains(dim[2])), dim[0] > 0, dim[1] > 0
    else {
        throw WorkbenchError(
            .value, "a raster array must have exactly 3 or 4 planes",
            hint: "its dim() must be c(rows, columns) or c(rows, columns, 3)")
    }
    let texts: [String]
    if case .character(let names) = x {
        _ = try args.context.colors(x)
        texts = names.elements.map { $0?.string ?? "transparent" }
    } else {
        let isInteger: Bool
        switch x {
        case .integer: isInteger = true
        case .raw: isInteger = true
        default: isInteger = false
        }
        let largest = args.has("max") ? try args.number("max") : isInteger ? 255 : 1
        let numbers = try args.context.plotNumbers(x)
        let area = dim[0] * dim[1]
        let planes = dim.count == 3 ? dim[2] : 1
        texts = try (0..<area).map { index in
            let parts = try (0..<planes).map { plane -> Double in
                let part = numbers[plane * area + index] / largest
                guard part.isNaN || (0...1).contains(part) else {
                    throw WorkbenchError(
                        .value, "color intensity \(numberText(part * largest)), not in [0,\(numberText(largest))]",
                        hint: "as.raster(x, max = \(numberText(numbers.max() ?? largest)))")
                }
                return part
            }
            if planes < 3 { return Color(red: parts[0], green: parts[0], blue: parts[0]).hex }
            let color = Color(red: parts[0], green: parts[1], blue: parts[2], alpha: planes == 4 ? parts[3] : 1)
            return planes == 4 && color.alpha == 255 ? color.hex + "FF" : color.hex
        }
    }
    // R keeps rasters by rows.
    let byRows = (0..<dim[0]).flatMap { row in (0..<dim[1]).map { texts[$0 * dim[0] + row] } }
    return Value.strings(byRows).setting(Symbol.dim, .ints([dim[0], dim[1]]))
        .setting(Symbol.classAttribute, "raster")
}

/// Pixels of a raster, or of what `as.raster` takes.
private func rasterImage(_ value: Value, _ args: Arguments) throws -> RasterImage {
    var raster = value
    if !value.inherits("raster") {
        raster = try args.context.call("as.raster", [Argument(value)], environment: args.environment)
    }
    guard let dim = raster.dim, dim.count == 2, case .character(let names) = raster,
        let image = RasterImage(
            width: dim[1], height: dim[0], pixels: try args.context.colors(.character(Vector(names.elements))))
    else { throw WorkbenchError(.value, "this is no raster") }
    return image
}

private func plotImage(_ args: Arguments) throws -> Value {
    let graphic = try GraphicArguments(args)
    var (x, y): ([Double]?, [Double]?) = (nil, nil)
    var z = args["z"]
    if z.isNull {
        z = try args.required("x")
        if case .list(let list) = z, let names = z.names?.map({ $0?.string ?? "" }),
            let place = names.firstIndex(of: "z")
        {
            if let at = names.firstIndex(of: "x") { x = try graphic.numbers(list[at]) }
            if let at = names.firstIndex(of: "y") { y = try graphic.numbers(list[at]) }
            z = list[place]
        }
    } else {
        x = try graphic.numbers(try args.required("x"))
        y = try graphic.numbers(args["y"])
    }
    guard let dim = z.dim, dim.count == 2, dim[0] > 0, dim[1] > 0 else {
        throw WorkbenchError(.value, "'z' must be a matrix")
    }
    let values = try graphic.numbers(z)
    let finite = values.filter { $0.isFinite }
    var range = [finite.min() ?? 0, finite.max() ?? 1]
    if let given = graphic.used("zlim") { range = try given.asDoubles().elements }
    guard range.count == 2 else { throw args.invalid("zlim") }
    let colors =
        graphic.used("col") == nil ? (ColorPath.known["viridis"]?.colors(64, alpha: 1) ?? []) : try graphic.colors()
    let span = range[1] - range[0]
    func color(_ value: Double) -> Color {
        guard value.isFinite, value >= range[0], value <= range[1], !colors.isEmpty else { return .clear }
        let place = span > 0 ? (value - range[0]) / span * Double(colors.count) : 0
        return colors[min(Int(place), colors.count - 1)]
    }
    // Rows of z run along x, and the first column lies at the bottom.
    var pixels: [Color] = []
    pixels.reserveCapacity(values.count)
    for row in stride(from: dim[1] - 1, through: 0, by: -1) {
        for column in 0..<dim[0] { pixels.append(color(values[row * dim[0] + column])) }
    }
    guard let image = RasterImage(width: dim[0], height: dim[1], pixels: pixels) else {
        throw WorkbenchError(.value, "'z' must be a matrix")
    }
    let (xs, ys) = (try edges(x, dim[0], "x"), try edges(y, dim[1], "y"))
    var panel = try graphic.panel(
        x: xs, y: ys,
        labels: (x == nil ? nil : args.label("x", position: 0), y == nil ? nil : args.label("y", position: 1)))
    if graphic.used("xlim") == nil { panel.x.limits = Axis.Limits(xs[0], xs[1]) }
    if graphic.used("ylim") == nil { panel.y.limits = Axis.Limits(ys[0], ys[1]) }
    panel.marks = [.raster(image, x0: xs[0], y0: ys[0], x1: xs[1], y1: ys[1], smooth: false)]
    try graphic.begin(panel)
    return .null
}

/// Outer edges of evenly spaced cells: of their middles, of their edges, or R's 0 … 1.
private func edges(_ given: [Double]?, _ count: Int, _ name: String) throws -> [Double] {
    let middles = given ?? steps(0, 1, count)
    guard let first = middles.first, let last = middles.last, first.isFinite, last.isFinite,
        middles.count == count || middles.count == count + 1
    else { throw WorkbenchError(.value, "dimensions of z are not length(x)(-1) times length(y)(-1)") }
    guard zip(middles, middles.dropFirst()).allSatisfy({ $0 < $1 }) else {
        throw WorkbenchError(.value, "increasing 'x' and 'y' values expected", hint: "'\(name)' does not increase")
    }
    if middles.count == count + 1 { return [first, last] }
    let half = count > 1 ? (last - first) / Double(count - 1) / 2 : 0.5
    return [first - half, last + half]
}
