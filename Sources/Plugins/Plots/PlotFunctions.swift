import Diagnostics
import Glibc
import GraphicDevices
import PluginAPI

/// Parameters that all functions have which begin a plot.
let plotParameters: [Parameter] = [
    .value("xlim", nil, help: "Numbers at the ends of the x axis."),
    .value("ylim", nil, help: "Numbers at the ends of the y axis."),
    .value("log", "", help: "Axes with a logarithmic scale: \"x\", \"y\" or \"xy\"."),
    .value("main", nil, help: "Heading."), .value("sub", nil, help: "Line under the x label."),
    .value("xlab", code: "as written", help: "Label of the x axis."),
    .value("ylab", code: "as written", help: "Label of the y axis."),
    .value("ann", true), .value("axes", true), .value("frame.plot", code: "axes"), .value("asp", .number(.na)),
]

extension GraphicArguments {
    /// A panel with limits, scales, labels and axes as the arguments ask for.
    func panel(x: [Double], y: [Double], labels: (String?, String?), frame: PanelFrame = .box) throws -> Panel {
        var panel = Panel()
        let log = try text("log") ?? ""
        guard log.allSatisfy({ "xy".contains($0) }) else {
            throw WorkbenchError(
                .value, "invalid \"log=\(log)\" specification", hint: "one of \"\", \"x\", \"y\", \"xy\"")
        }
        panel.x = try axis("xlim", x, isLogarithmic: log.contains("x"), style: "xaxs")
        panel.y = try axis("ylim", y, isLogarithmic: log.contains("y"), style: "yaxs")
        panel.margins = parameters.margins
        panel.scale = parameters.number("cex", 1)
        let aspect = try number("asp", .nan)
        panel.aspect = aspect.isNaN ? nil : aspect
        if try flag("ann", true) {
            panel.title = try text("main")
            panel.subtitle = try text("sub")
            panel.xLabel = given("xlab") == nil ? labels.0 : try text("xlab")
            panel.yLabel = given("ylab") == nil ? labels.1 : try text("ylab")
        }
        let axes = try flag("axes", true)
        let lies = try number("las", parameters.number("las", 0))
        panel.axes = []
        if axes, (try text("xaxt") ?? parameters.text("xaxt")) != "n" {
            var line = AxisLine(.bottom)
            line.isRotated = lies == 2 || lies == 3
            panel.axes.append(line)
        }
        if axes, (try text("yaxt") ?? parameters.text("yaxt")) != "n" { panel.axes.append(AxisLine(.left)) }
        let boxType = try text("bty") ?? parameters.text("bty")
        panel.frame = try flag("frame.plot", axes) && boxType != "n" ? frame : .none
        return panel
    }

    private func axis(_ name: String, _ values: [Double], isLogarithmic: Bool, style: String) throws -> Axis {
        let scale: Axis.Scale = isLogarithmic ? .log10 : .linear
        let room = (try text(style) ?? parameters.text(style)) == "i" ? 0 : 0.04
        if let value = used(name) {
            let ends = try value.asDoubles().elements
            guard ends.count == 2 else { throw WorkbenchError(.value, "invalid '\(name)' value") }
            guard ends.allSatisfy({ $0.isFinite }) else { throw WorkbenchError(.value, "need finite '\(name)' values") }
            guard !isLogarithmic || ends.allSatisfy({ $0 > 0 }) else {
                throw WorkbenchError(.value, "Logarithmic axis must have positive limits")
            }
            return Axis(scale, limits: Axis.widened(ends[0], ends[1], scale, by: room))
        }
        let usable = values.filter { $0.isFinite && (!isLogarithmic || $0 > 0) }
        if isLogarithmic {
            let lost = values.filter { $0.isFinite && $0 <= 0 }.count
            let side = name.prefix(1)
            if lost > 0 {
                let plural = lost == 1 ? "value" : "values"
                try args.context.warn("\(lost) \(side) \(plural) <= 0 omitted from logarithmic plot", call: args.call)
            }
        }
        guard let low = usable.min(), let high = usable.max() else {
            throw WorkbenchError(.value, "need finite '\(name)' values", hint: "there is no finite number to plot")
        }
        return Axis(scale, limits: Axis.widened(low, high, scale, by: room))
    }

    /// Begins a plot.
    func begin(_ panel: Panel) throws {
        let device = try args.context.devices.currentDevice()
        try device.beginPanel(panel, args.context)
        let (x, y) = panel.resolvedLimits
        func ends(_ limits: Axis.Limits, _ scale: Axis.Scale) -> [Double] {
            scale == .linear ? [limits.from, limits.to] : [log10(limits.from), log10(limits.to)]
        }
        device.parameters.values["usr"] = .numbers(ends(x, panel.x.scale) + ends(y, panel.y.scale))
        device.parameters.values["xlog"] = .flag(panel.x.scale == .log10)
        device.parameters.values["ylog"] = .flag(panel.y.scale == .log10)
    }

    /// Adds marks to the present plot.
    func add(_ marks: [Mark]) throws {
        try args.context.devices.currentDevice().changePanel { $0.marks += marks }
    }

    /// What R's `type` letters draw.
    func marks(_ x: [Double], _ y: [Double], type: String) throws -> [Mark] {
        let stroke = try stroke()
        let points = Mark.points(x: x, y: y, try points())
        switch type {
        case "p": return [points]
        case "l": return [.line(x: x, y: y, stroke)]
        case "b", "o", "c": return type == "c" ? [.line(x: x, y: y, stroke)] : [.line(x: x, y: y, stroke), points]
        case "h":
            // Lines from the zero line, or from below the panel on a logarithmic axis.
            let zero = [Double](repeating: 0, count: x.count)
            let low = y.filter { $0 > 0 }.min() ?? 1
            let isLog = try text("log")?.contains("y") == true
            return [.segments(x0: x, y0: isLog ? zero.map { _ in low * 1e-6 } : zero, x1: x, y1: y, try strokes())]
        case "s", "S":
            var (xs, ys): ([Double], [Double]) = ([], [])
            for index in x.indices {
                if index > 0 {
                    xs.append(type == "s" ? x[index] : x[index - 1])
                    ys.append(type == "s" ? y[index - 1] : y[index])
                }
                xs.append(x[index])
                ys.append(y[index])
            }
            return [.line(x: xs, y: ys, stroke)]
        case "n": return []
        default:
            throw WorkbenchError(.value, "invalid plot type '\(type)'", hint: "one of p, l, b, o, c, h, s, S, n")
        }
    }
}

/// Registers `plot`, `plot.new`, `plot.window` and `curve`.
func registerPlot(_ graphics: Namespace) {
    graphics.drawing(
        "plot",
        [
            .value("x", help: "Numbers, or an object with a plot method."), .value("y", nil),
            .value("type", "p", help: "p points, l lines, b and o both, h bars, s steps, n nothing."),
        ]
            + plotParameters + [.dots],
        help: "Plots points or lines."
    ) { args in
        let x = try args.required("x")
        if x.isFunction { return try plotFunction(x, args) }
        if case .call(let call) = x, call.name?.name == "~" {
            throw WorkbenchError(.unsupported, "plots of formulas are not supported", hint: "write plot(x, y)")
        }
        if x.inherits("factor") || x.inherits("table"), args["y"].isNull { return try plotCounts(x, args) }
        let graphic = try GraphicArguments(args)
        let y = args.optional("y")
        let data = try PlotData(
            x, y, labels: (args.label("x", position: 0), args.label("y", position: 1)), args.context)
        let type = try graphic.text("type") ?? "p"
        var panel = try graphic.panel(x: data.x, y: data.y, labels: (data.xLabel, data.yLabel))
        panel.marks = try graphic.marks(data.x, data.y, type: type)
        if type == "h", graphic.used("ylim") == nil, panel.y.scale == .linear {
            let finite = data.y.filter { $0.isFinite }
            panel.y.limits = Axis.widened(min(finite.min() ?? 0, 0), max(finite.max() ?? 1, 0), .linear)
        }
        try graphic.begin(panel)
        return .null
    }
    graphics.function("plot.new", [], help: "Begins an empty plot.", visible: false) { args in
        let graphic = try GraphicArguments(args)
        var panel = Panel()
        panel.axes = []
        panel.frame = .none
        panel.x.limits = Axis.Limits(0, 1)
        panel.y.limits = Axis.Limits(0, 1)
        panel.margins = graphic.parameters.margins
        try graphic.begin(panel)
        return .null
    }
    graphics.alias("frame", of: "plot.new")
    graphics.function(
        "plot.window", [.value("xlim"), .value("ylim"), .value("log", ""), .value("asp", .number(.na)), .dots],
        help: "Sets the limits of the present plot.", visible: false
    ) { args in
        let graphic = try GraphicArguments(args)
        let made = try graphic.panel(x: [0, 1], y: [0, 1], labels: (nil, nil))
        try args.context.devices.currentDevice().changePanel { panel in
            panel.x = made.x
            panel.y = made.y
            panel.aspect = made.aspect
        }
        return .null
    }
    graphics.function(
        "curve",
        [
            .promise("expr", help: "A function, or an expression in x."), .value("from", nil), .value("to", nil),
            .value("n", 101), .value("add", false), .value("type", "l"),
        ]
            + plotParameters + [.dots], help: "Plots a function or an expression in x.", visible: false
    ) { args in
        let expression = args.expression("expr")
        let (from, to) = (
            args["from"].isNull ? 0 : try args.number("from"), args["to"].isNull ? 1 : try args.number("to")
        )
        let n = try args.int("n")
        guard (1...1_000_000).contains(n) else { throw args.invalid("n") }
        let xs = steps(from, to, n)
        let scope = Environment(parent: args.environment)
        scope.define(Symbol.named("x"), .numbers(xs))
        var value = try args.context.evaluate(expression, in: scope)
        var label = args.context.deparse(expression).first ?? "expr"
        if value.isFunction {
            value = try args.context.call(value, [Argument(.numbers(xs))], environment: args.environment)
            label += "(x)"
        }
        return try drawCurve(xs, try args.context.plotNumbers(value), label, args)
    }
}

private func drawCurve(_ xs: [Double], _ ys: [Double], _ label: String, _ args: Arguments) throws -> Value {
    guard xs.count == ys.count else {
        throw WorkbenchError(.value, "'expr' did not evaluate to an object of length 'n'")
    }
    let graphic = try GraphicArguments(args)
    let given = try graphic.text("type") ?? "l"
    let marks = try graphic.marks(xs, ys, type: given == "p" && args.function.name.name == "plot" ? "l" : given)
    if try graphic.flag("add", false) {
        try graphic.add(marks)
    } else {
        var panel = try graphic.panel(x: xs, y: ys, labels: ("x", label))
        panel.marks = marks
        try graphic.begin(panel)
    }
    return .named([("x", .numbers(xs)), ("y", .numbers(ys))])
}

/// `plot(f, from, to)`: the range stands where y does, or in `xlim`.
private func plotFunction(_ function: Value, _ args: Arguments) throws -> Value {
    var ends = [0.0, 1.0]
    let graphic = try GraphicArguments(args)
    if let from = graphic.used("from") { ends[0] = try from.asDoubles().elements.first ?? 0 }
    if let to = graphic.used("to") { ends[1] = try to.asDoubles().elements.first ?? 1 }
    if !args["y"].isNull { ends[0] = try args["y"].asDoubles().elements.first ?? 0 }
    if !args["y"].isNull, case .double(let v) = args["type"], let to = v.elements.first { ends[1] = to }
    if let limits = graphic.used("xlim") {
        let numbers = try limits.asDoubles().elements
        if numbers.count == 2 { ends = numbers }
    }
    let xs = steps(ends[0], ends[1], 101)
    let ys = try args.context.call(function, [Argument(.numbers(xs))], environment: args.environment)
    return try drawCurve(xs, try args.context.plotNumbers(ys), (args.label("x", position: 0) ?? "f") + " (x)", args)
}

/// A factor or table as bars.
private func plotCounts(_ x: Value, _ args: Arguments) throws -> Value {
    var heights = x
    if x.inherits("factor") { heights = try args.context.call("table", [Argument(x)]) }
    return try args.context.call("barplot", [Argument(heights)] + args.dots, environment: args.environment)
}
