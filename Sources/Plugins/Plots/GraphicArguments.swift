import Diagnostics
import GraphicDevices
import PluginAPI

/// Graphical arguments of a call, wherever they stand: among the parameters, in `...`, else in `par()`.
struct GraphicArguments {
    let args: Arguments
    let parameters: GraphicParameters

    init(_ args: Arguments) throws {
        self.args = args
        parameters = try args.context.devices.currentDevice().parameters
    }

    /// An argument given in the call, or nil.
    func given(_ name: String) -> Value? {
        let value = args[name]
        if !value.isMissing { return value }
        return args.dots.first { $0.name?.name == name }?.value
    }

    /// An argument given in the call that is not `NULL`.
    func used(_ name: String) -> Value? {
        guard let value = given(name), !value.isNull else { return nil }
        return value
    }

    /// Numbers of an argument, objects of plug-ins as `as.numeric` gives them.
    func numbers(_ value: Value) throws -> [Double] { try args.context.plotNumbers(value) }

    /// One number, or a fallback if it is not given, NULL or NA.
    func number(_ name: String, _ fallback: Double) throws -> Double {
        guard let value = used(name), let first = try value.asDoubles().elements.first, !first.isNaN else {
            return fallback
        }
        return first
    }

    /// One truth value.
    func flag(_ name: String, _ fallback: Bool) throws -> Bool {
        guard let value = used(name), let first = try value.asLogicals().elements.first, let first else {
            return fallback
        }
        return first
    }

    /// One text, or nil.
    func text(_ name: String) throws -> String? {
        guard let value = used(name) else { return nil }
        if case .call = value { return args.context.deparse(value).first }
        if case .symbol(let symbol) = value { return symbol.name }
        if case .expression(let parts) = value {
            return parts.elements.first.flatMap { args.context.deparse($0).first }
        }
        return try value.asCharacters().elements.map { $0?.string ?? "NA" }.joined(separator: "\n")
    }

    /// Texts, numbers written as R writes them.
    func texts(_ value: Value) throws -> [String] {
        if value.inherits("factor"), case .character(let levels)? = (value.levelsAttribute) {
            return try value.asIntegers().elements.map { code in
                guard let code, Int(code) >= 1, Int(code) <= levels.count else { return "NA" }
                return levels[Int(code) - 1]?.string ?? "NA"
            }
        }
        return try args.context.asCharacters(value).elements.map { $0?.string ?? "NA" }
    }

    /// Colours of an argument, recycled; the fallback if there is none.
    func colors(_ name: String = "col", _ fallback: Color = .ink) throws -> [Color] {
        if let value = used(name) {
            let colors = try args.context.colors(value)
            if !colors.isEmpty { return colors }
        }
        if let value = parameters.values[name], let color = try args.context.colors(value).first { return [color] }
        return [fallback]
    }

    /// Dashes of line types; nil for a blank line.
    func lineTypes(_ name: String = "lty") throws -> [[Double]?] {
        guard let value = used(name) ?? parameters.values[name] else { return [[]] }
        let types: [[Double]?]
        if case .character(let names) = value {
            types = try names.elements.map { try dashes(named: $0?.string ?? "blank") }
        } else {
            let kinds = ["blank", "solid", "dashed", "dotted", "dotdash", "longdash", "twodash"]
            types = try value.asDoubles().elements.map { number in
                guard number.isFinite else { return nil }
                guard number >= 0, let whole = Int(exactly: number.rounded(.towardZero)) else {
                    throw WorkbenchError(.value, "invalid line type: must be non-negative")
                }
                return try dashes(named: kinds[whole == 0 ? 0 : (whole - 1) % 6 + 1])
            }
        }
        return types.isEmpty ? [[]] : types
    }

    private func dashes(named name: String) throws -> [Double]? {
        switch name {
        case "blank": return nil
        case "solid": return []
        case "dashed": return [4, 4]
        case "dotted": return [1, 3]
        case "dotdash": return [1, 3, 4, 3]
        case "longdash": return [7, 3]
        case "twodash": return [2, 2, 6, 2]
        default:
            let digits = name.compactMap { $0.hexDigitValue }
            guard digits.count == name.count, [2, 4, 6, 8].contains(digits.count), !digits.contains(0) else {
                throw WorkbenchError(
                    .value, "invalid line type '\(name)'",
                    hint: didYouMean(
                        name, among: ["blank", "solid", "dashed", "dotted", "dotdash", "longdash", "twodash"]))
            }
            return digits.map { Double($0) }
        }
    }

    /// Numbers of an argument, recycled; the fallback if there is none.
    func factors(_ name: String, _ fallback: Double) throws -> [Double] {
        guard let value = used(name) ?? parameters.values[name] else { return [fallback] }
        let list = try value.asDoubles().elements.map { $0.isFinite && $0 >= 0 ? min($0, 1000) : fallback }
        return list.isEmpty ? [fallback] : list
    }

    /// Strokes of `col`, `lty` and `lwd`, as many as the longest of them.
    func strokes(_ colorName: String = "col") throws -> [Stroke] {
        let (colors, types, widths) = (try colors(colorName), try lineTypes(), try factors("lwd", 1))
        return (0..<max(colors.count, types.count, widths.count)).map { index in
            guard let dashes = types[index % types.count] else { return Stroke(.clear, width: 0) }
            return Stroke(colors[index % colors.count], width: widths[index % widths.count], dashes: dashes)
        }
    }

    /// The first of ``strokes(_:)``.
    func stroke(_ colorName: String = "col") throws -> Stroke { try strokes(colorName).first ?? Stroke() }

    /// Style of points from `pch`, `col`, `bg`, `cex`.
    func points() throws -> PointStyle {
        var style = PointStyle()
        style.symbols = try symbols()
        style.colors = try colors()
        style.fills = used("bg") == nil ? [.clear] : try colors("bg", .clear)
        style.sizes = try factors("cex", 1)
        return style
    }

    private func symbols() throws -> [Int] {
        guard let value = used("pch") ?? parameters.values["pch"] else { return [1] }
        let codes: [Int]
        if case .character(let texts) = value {
            codes = texts.elements.map { $0?.string.unicodeScalars.first.map { Int($0.value) } ?? -1 }
        } else {
            codes = try value.asIntegers().elements.map { $0.map { Int($0) } ?? -1 }
        }
        return codes.isEmpty ? [1] : codes
    }
}

extension Value {
    /// The attribute `levels`.
    var levelsAttribute: Value? {
        switch self {
        case .integer(let v): return v.attributes[Symbol.levels]
        default: return nil
        }
    }
}

extension Context {
    /// Numbers to plot: vectors, factors' codes, objects of plug-ins as `as.numeric` gives them.
    func plotNumbers(_ value: Value) throws -> [Double] {
        if case .object = value { return try call("as.numeric", [Argument(value)]).asDoubles().elements }
        guard value.isAtomic || value.isNull else {
            throw WorkbenchError(
                .type, "cannot plot a value of type '\(value.typeName)'",
                hint: "numbers are needed: as.numeric() makes them")
        }
        let (numbers, lost) = try value.asDoublesNotingLoss()
        if lost { try warn("NAs introduced by coercion", call: currentCall) }
        return numbers.elements
    }
}

/// What `x` and `y` of a plot come to.
struct PlotData {
    var x: [Double]
    var y: [Double]
    var xLabel: String?
    var yLabel: String?

    init(x: [Double], y: [Double], xLabel: String?, yLabel: String?) {
        self.x = x
        self.y = y
        self.xLabel = xLabel
        self.yLabel = yLabel
    }

    /// As R's `xy.coords`: y alone against its index, a matrix's or data frame's first two columns, `list(x, y)`.
    init(_ x: Value, _ y: Value?, labels: (String?, String?), _ context: Context) throws {
        if let y {
            let (xs, ys) = (try context.plotNumbers(x), try context.plotNumbers(y))
            guard xs.count == ys.count else {
                throw WorkbenchError(.value, "'x' and 'y' lengths differ", hint: "\(xs.count) and \(ys.count) numbers")
            }
            self.init(x: xs, y: ys, xLabel: labels.0, yLabel: labels.1)
            return
        }
        if case .list(let list) = x {
            let names = x.names?.map { $0?.string ?? "" } ?? []
            let places = [names.firstIndex(of: "x"), names.firstIndex(of: "y")]
            let columns =
                places[0] != nil && places[1] != nil ? places.compactMap { $0 } : list.count >= 2 ? [0, 1] : []
            guard columns.count == 2 else {
                throw WorkbenchError(.value, "'x' is a list, but does not have components 'x' and 'y'")
            }
            try self.init(
                list[columns[0]], list[columns[1]],
                labels: (
                    columns[0] < names.count ? names[columns[0]] : "x",
                    columns[1] < names.count ? names[columns[1]] : "y"
                ),
                context)
            return
        }
        let numbers = try context.plotNumbers(x)
        if let dim = x.dim, dim.count == 2, dim[1] >= 2 {
            self.init(
                x: Array(numbers[..<dim[0]]), y: Array(numbers[dim[0]..<(2 * dim[0])]), xLabel: "x[,1]", yLabel: "x[,2]"
            )
            return
        }
        self.init(x: numbers.indices.map { Double($0 + 1) }, y: numbers, xLabel: "Index", yLabel: labels.0)
    }
}

extension Arguments {
    /// An argument, or nil if it was not given or is `NULL`.
    func optional(_ name: String) -> Value? {
        let value = self[name]
        return value.isNull || value.isMissing ? .none : .some(value)
    }

    /// The expression written for a parameter, as a label: by name, else by position among the unnamed ones.
    func label(_ name: String, position: Int) -> String? {
        var unnamed = 0
        for argument in call.arguments {
            if argument.name?.name == name { return short(argument.value) }
            guard argument.name == nil else { continue }
            if unnamed == position { return short(argument.value) }
            unnamed += 1
        }
        return nil
    }

    private func short(_ expression: Value) -> String? {
        switch expression {
        case .missing: return nil
        case .symbol(let symbol): return symbol.name
        case .call: break
        default: guard expression.isAtomic, expression.length <= 20 else { return nil }
        }
        guard let line = context.deparse(expression).first else { return nil }
        return line.unicodeScalars.count > 60 ? String(line.prefix(57)) + "..." : line
    }
}
