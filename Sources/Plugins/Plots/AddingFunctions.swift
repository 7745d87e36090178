import Diagnostics
import GraphicDevices
import PluginAPI

/// Registers what adds lines, points, areas and text to a plot.
func registerAdditions(_ graphics: Namespace) {
    for (name, type) in [("lines", "l"), ("points", "p")] {
        graphics.drawing(
            name, [.value("x"), .value("y", nil), .value("type", .string(type)), .dots],
            help: "Adds \(name) to a plot."
        ) { args in
            let graphic = try GraphicArguments(args)
            let y = args.optional("y")
            let data = try PlotData(try args.required("x"), y, labels: (nil, nil), args.context)
            try graphic.add(try graphic.marks(data.x, data.y, type: try graphic.text("type") ?? type))
            return .null
        }
    }
    graphics.function(
        "abline",
        [
            .value("a", nil), .value("b", nil), .value("h", nil), .value("v", nil), .value("coef", nil),
            .value("untf", false), .dots,
        ],
        help: "Adds straight lines: intercept and slope, horizontal, vertical.", visible: false
    ) { args in
        let graphic = try GraphicArguments(args)
        let strokes = try graphic.strokes()
        var marks: [Mark] = []
        for (index, value) in try graphic.numbers(args["h"]).enumerated() {
            marks.append(.horizontal([value], strokes[index % strokes.count]))
        }
        for (index, value) in try graphic.numbers(args["v"]).enumerated() {
            marks.append(.vertical([value], strokes[index % strokes.count]))
        }
        var line: [Double] = []
        if case .list(let model) = args["a"] {
            let names = args["a"].names?.map { $0?.string ?? "" } ?? []
            if let place = names.firstIndex(of: "coefficients") { line = try graphic.numbers(model[place]) }
        } else if !args["a"].isNull || !args["coef"].isNull {
            line = try graphic.numbers(args["coef"].isNull ? args["a"] : args["coef"])
            if line.count == 1, !args["b"].isNull { line += try graphic.numbers(args["b"]) }
        }
        if line.count >= 2 {
            marks.append(.slope(intercept: line[0], slope: line[1], strokes[0]))
        } else if !line.isEmpty {
            throw WorkbenchError(.value, "invalid a=, b= specification")
        }
        try graphic.add(marks)
        return .null
    }
    graphics.function(
        "segments", [.value("x0"), .value("y0"), .value("x1", code: "x0"), .value("y1", code: "y0"), .dots],
        help: "Adds separate lines.", visible: false
    ) { args in
        let graphic = try GraphicArguments(args)
        let ends = try recycled(args, ["x0", "y0", "x1", "y1"])
        try graphic.add([.segments(x0: ends[0], y0: ends[1], x1: ends[2], y1: ends[3], try graphic.strokes())])
        return .null
    }
    graphics.alias("arrows", of: "segments")
    graphics.function(
        "rect", [.value("xleft"), .value("ybottom"), .value("xright"), .value("ytop"), .dots], help: "Adds boxes.",
        visible: false
    ) { args in
        let graphic = try GraphicArguments(args)
        let ends = try recycled(args, ["xleft", "ybottom", "xright", "ytop"])
        let border = graphic.given("border") == nil ? Stroke(.ink) : try graphic.stroke("border")
        try graphic.add([
            .rectangles(
                x0: ends[0], y0: ends[1], x1: ends[2], y1: ends[3],
                fills: graphic.used("col") == nil ? [.clear] : try graphic.colors(),
                border: border)
        ])
        return .null
    }
    graphics.function("polygon", [.value("x"), .value("y", nil), .dots], help: "Adds an area.", visible: false) {
        args in
        let graphic = try GraphicArguments(args)
        let data = try PlotData(
            try args.required("x"), args.optional("y"), labels: (nil, nil), args.context)
        let fill = graphic.used("col") == nil ? Color.clear : try graphic.colors()[0]
        let border = graphic.given("border") == nil ? Stroke(.ink) : try graphic.stroke("border")
        try graphic.add([.polygon(x: data.x, y: data.y, fill: fill, border: border)])
        return .null
    }
    graphics.drawing(
        "text",
        [
            .value("x"), .value("y", nil), .value("labels", nil), .value("adj", nil), .value("pos", nil),
            .value("offset", 0.5), .value("srt", 0), .dots,
        ],
        help: "Adds text at points."
    ) { args in
        let graphic = try GraphicArguments(args)
        // text(x, y, "a"), or text(list(x, y), "a").
        let data = try PlotData(
            try args.required("x"), args.optional("y"), labels: (nil, nil), args.context)
        let labels = args["labels"].isNull ? data.x.indices.map { String($0 + 1) } : try graphic.texts(args["labels"])
        guard !labels.isEmpty else { throw WorkbenchError(.value, "zero-length 'labels' specified") }
        var style = TextStyle()
        style.colors = try graphic.colors()
        style.size = try graphic.factors("cex", 1)[0] * 0.95
        style.rotation = try graphic.number("srt", 0)
        style.isBold = try graphic.number("font", 1) == 2
        if !args["adj"].isNull {
            let parts = try args["adj"].asDoubles().elements
            style.adjust = parts.first ?? 0.5
            if parts.count > 1 { style.rise = parts[1] }
        }
        if !args["pos"].isNull {
            let away = try graphic.number("offset", 0.5) * 1.6
            switch try args.int("pos") {
            case 1: (style.rise, style.shift) = (1, (0, -away))
            case 2: (style.adjust, style.shift) = (1, (-away, 0))
            case 3: (style.rise, style.shift) = (0, (0, away))
            case 4: (style.adjust, style.shift) = (0, (away, 0))
            default: throw args.invalid("pos")
            }
        }
        try graphic.add([.text(x: data.x, y: data.y, labels, style)])
        return .null
    }
}

/// Numbers of parameters, all as long as the longest; a missing x1 or y1 stands for x0 or y0.
private func recycled(_ args: Arguments, _ names: [String]) throws -> [[Double]] {
    var lists: [[Double]] = []
    for (index, name) in names.enumerated() {
        if args[name].isMissing, index >= 2 {
            lists.append(lists[index - 2])
        } else {
            lists.append(try args.context.plotNumbers(try args.required(name)))
        }
    }
    let length = lists.contains { $0.isEmpty } ? 0 : lists.map(\.count).max() ?? 0
    return lists.map { list in (0..<length).map { list[$0 % list.count] } }
}

/// Registers titles, axes, boxes, grids and text in margins.
func registerDecorations(_ graphics: Namespace) {
    graphics.function(
        "title",
        [
            .value("main", nil), .value("sub", nil), .value("xlab", nil), .value("ylab", nil),
            .value("line", .number(.na)), .value("outer", false), .dots,
        ],
        help: "Adds a heading and labels.", visible: false
    ) { args in
        let graphic = try GraphicArguments(args)
        let device = try args.context.devices.currentDevice()
        if try graphic.flag("outer", false) {
            device.figure?.title = try graphic.text("main")
            return .null
        }
        let (main, sub, x, y) = (
            try graphic.text("main"), try graphic.text("sub"), try graphic.text("xlab"), try graphic.text("ylab")
        )
        try device.changePanel { panel in
            if let main { panel.title = main }
            if let sub { panel.subtitle = sub }
            if let x { panel.xLabel = x }
            if let y { panel.yLabel = y }
        }
        return .null
    }
    graphics.function(
        "axis",
        [
            .value("side"), .value("at", nil), .value("labels", true), .value("tick", true),
            .value("line", .number(.na)), .dots,
        ],
        help: "Adds an axis: 1 below, 2 left, 3 above, 4 right.", visible: false
    ) { args in
        let graphic = try GraphicArguments(args)
        guard let side = Side(rawValue: try args.int("side")) else {
            throw WorkbenchError(.value, "invalid axis number \(try args.int("side"))")
        }
        var line = AxisLine(side)
        line.showsLine = true
        let lies = try graphic.number("las", graphic.parameters.number("las", 0))
        line.isRotated = lies == 2 || lies == 3
        let at = args["at"].isNull ? nil : try graphic.numbers(args["at"])
        var labels: [String]?
        if case .logical(let flags) = args["labels"] {
            if flags.elements.first == false { labels = (at ?? []).map { _ in "" } }
        } else if !args["labels"].isNull {
            labels = try graphic.texts(args["labels"])
        }
        if let labels, let at, labels.count != at.count {
            throw WorkbenchError(.value, "'at' and 'labels' lengths differ, \(at.count) != \(labels.count)")
        }
        if let at {
            line.ticks = .at(at, labels: labels)
        } else if labels != nil {
            guard case .logical = args["labels"] else {
                throw WorkbenchError(.value, "'labels' is supplied and not 'at'")
            }
            line.ticks = .at([], labels: nil)
        }
        var values: [Double] = at ?? []
        try args.context.devices.currentDevice().changePanel { panel in
            if at == nil { values = panel.ticks(of: line).values }
            panel.axes.append(line)
        }
        return .numbers(values)
    }
    graphics.function(
        "box", [.value("which", "plot"), .value("lty", "solid"), .dots], help: "Draws a line around the plot.",
        visible: false
    ) { args in
        try args.context.devices.currentDevice().changePanel { $0.frame = .box }
        return .null
    }
    graphics.function(
        "grid", [.value("nx", nil), .value("ny", nil), .dots], help: "Adds light lines at the ticks.", visible: false
    ) { args in
        let stroke = Stroke(try GraphicArguments(args).colors("col", Color(0xD9DCE1))[0], dashes: [1, 3])
        try args.context.devices.currentDevice().changePanel { panel in
            let (x, y) = panel.resolvedLimits
            let marks: [Mark] = [
                .vertical(Ticks(x, panel.x.scale).values, stroke), .horizontal(Ticks(y, panel.y.scale).values, stroke),
            ]
            panel.marks = marks + panel.marks
        }
        return .null
    }
    graphics.function(
        "mtext",
        [
            .value("text"), .value("side", 3), .value("line", 0), .value("outer", false), .value("at", .number(.na)),
            .value("adj", .number(.na)), .dots,
        ],
        help: "Adds text in a margin.", visible: false
    ) { args in
        let graphic = try GraphicArguments(args)
        let text = try graphic.text("text") ?? ""
        if try graphic.flag("outer", false) {
            try args.context.devices.currentDevice().figure?.title = text
            return .null
        }
        guard let side = Side(rawValue: try args.int("side")) else { throw args.invalid("side") }
        var margin = MarginText(text, side, line: try graphic.number("line", 0))
        let (at, adjust) = (try graphic.number("at", .nan), try graphic.number("adj", .nan))
        if !at.isNaN { margin.at = at }
        if !adjust.isNaN { margin.adjust = adjust }
        margin.color = try graphic.colors()[0]
        margin.size = try graphic.factors("cex", 1)[0] * 0.95
        try args.context.devices.currentDevice().changePanel { $0.marginTexts.append(margin) }
        return .null
    }
}

/// Registers `legend`.
func registerLegend(_ graphics: Namespace) {
    graphics.function(
        "legend",
        [
            .value("x", help: "A place like \"topright\", or the x of the upper left corner."), .value("y", nil),
            .value("legend", nil), .value("fill", nil), .value("col", nil), .value("border", "black"),
            .value("lty", nil), .value("lwd", nil),
            .value("pch", nil), .value("bty", "o"), .value("bg", nil), .value("cex", 1), .value("title", nil),
            .value("horiz", false), .value("ncol", 1), .dots,
        ], help: "Explains colours, lines and symbols.", visible: false
    ) { args in
        let graphic = try GraphicArguments(args)
        // legend("top", c("a", "b")): the texts may stand where y does.
        let given = args["legend"].isNull ? args["y"] : args["legend"]
        let labels = try graphic.texts(given)
        guard !labels.isEmpty else { throw WorkbenchError(.value, "'legend' is of length 0") }
        var legend = Legend(try entries(labels, graphic), at: try place(graphic))
        legend.title = try graphic.text("title")
        legend.isHorizontal = try graphic.flag("horiz", false)
        legend.hasBox = try graphic.text("bty") != "n"
        if !legend.hasBox { legend.background = .clear }
        if graphic.used("bg") != nil { legend.background = try graphic.colors("bg")[0] }
        legend.size = try graphic.factors("cex", 1)[0]
        try args.context.devices.currentDevice().changePanel { $0.legends.append(legend) }
        return .null
    }
}

private func entries(_ labels: [String], _ graphic: GraphicArguments) throws -> [Legend.Entry] {
    let strokes = graphic.used("lty") != nil || graphic.used("lwd") != nil ? try graphic.strokes() : []
    let points = graphic.used("pch") == nil ? nil : try graphic.points()
    let fills = graphic.used("fill") == nil ? [] : try graphic.colors("fill")
    return labels.enumerated().map { index, label in
        var entry = Legend.Entry(label)
        if !strokes.isEmpty { entry.stroke = strokes[index % strokes.count] }
        if !fills.isEmpty { entry.fill = fills[index % fills.count] }
        if let points, points.symbols[index % points.symbols.count] >= 0 {
            var style = PointStyle(
                points.colors[index % points.colors.count], symbol: points.symbols[index % points.symbols.count])
            style.fills = [points.fills[index % points.fills.count]]
            entry.point = style
        }
        return entry
    }
}

private func place(_ graphic: GraphicArguments) throws -> Legend.Place {
    let x = try graphic.args.required("x")
    guard case .character(let names) = x else {
        let y = graphic.args["legend"].isNull ? Value.null : graphic.args["y"]
        guard let left = try x.asDoubles().elements.first, let top = try y.asDoubles().elements.first else {
            throw WorkbenchError(.value, "invalid coordinate lengths")
        }
        return .at(x: left, y: top)
    }
    let places: [String: (Double, Double)] = [
        "topleft": (0, 1), "top": (0.5, 1), "topright": (1, 1), "left": (0, 0.5), "center": (0.5, 0.5),
        "right": (1, 0.5),
        "bottomleft": (0, 0), "bottom": (0.5, 0), "bottomright": (1, 0),
    ]
    let name = names.elements.first??.string ?? ""
    guard let place = places[name] else {
        throw WorkbenchError(.value, "no place '\(name)' for a legend", hint: didYouMean(name, among: places.keys))
    }
    return .inside(x: place.0, y: place.1)
}
