import Diagnostics
import Glibc
import GraphicDevices
import PluginAPI

private func texts(_ colors: [Color]) -> Value { .strings(colors.map { $0.hex }) }

/// The number of colours asked for.
private func count(_ args: Arguments) throws -> Int {
    let n = try args.int("n")
    guard n >= 0, n <= 10_000_000 else { throw args.invalid("n") }
    return n
}

/// An element of a recycled list.
private func element(_ list: [Double], _ index: Int) -> Double { list.isEmpty ? .nan : list[index % list.count] }

/// Registers the functions that make colours of numbers.
func registerColorMakers(_ devices: Namespace) {
    devices.function(
        "rgb",
        [
            .value("red"), .value("green", nil), .value("blue", nil), .value("alpha", nil), .value("names", nil),
            .value("maxColorValue", 1),
        ], help: "Colours as #RRGGBB of red, green and blue, or of the rows of a matrix."
    ) { args in
        let largest = try args.number("maxColorValue")
        guard largest > 0 else { throw args.invalid("maxColorValue") }
        var parts: [[Double]] = []
        let red = try args.required("red")
        if let dim = red.dim, dim.count == 2, dim[1] >= 3, args["green"].isNull {
            let all = try red.asDoubles().elements
            parts = (0..<min(dim[1], 4)).map { Array(all[($0 * dim[0])..<(($0 + 1) * dim[0])]) }
        } else {
            parts = try ["red", "green", "blue", "alpha"].map { try args[$0].asDoubles().elements }
            if parts[3].isEmpty { parts.removeLast() }
        }
        let length = parts.contains { $0.isEmpty } ? 0 : parts.map(\.count).max() ?? 0
        let colors = try (0..<length).map { index -> String in
            let values = parts.map { element($0, index) / largest }
            for (value, name) in zip(values, ["red", "green", "blue", "alpha"]) where !(0...1).contains(value) {
                throw WorkbenchError(
                    .value,
                    "color intensity \(numberText(value * largest)), not in \(largest == 1 ? "[0,1]" : "0:\(numberText(largest))")",
                    hint: "\(name) is out of range")
            }
            let color = Color(
                red: values[0], green: values[1], blue: values[2], alpha: values.count > 3 ? values[3] : 1)
            guard values.count > 3, color.alpha == 255 else { return color.hex }
            return color.hex + "FF"
        }
        let result = Value.strings(colors)
        return args["names"].isNull ? result : result.withNames(try args["names"].asCharacters().elements)
    }
    devices.function(
        "gray", [.value("level"), .value("alpha", nil)], help: "Grays of levels from 0 (black) to 1 (white)."
    ) { args in
        let alpha = try args["alpha"].asDoubles().elements
        return texts(
            try args.required("level").asDoubles().elements.enumerated().map { index, level in
                guard (0...1).contains(level) else {
                    throw WorkbenchError(.value, "invalid gray level, must be in [0,1].")
                }
                return Color(
                    red: level, green: level, blue: level, alpha: alpha.isEmpty ? 1 : element(alpha, index))
            })
    }
    devices.alias("grey", of: "gray")
    devices.function(
        "hsv", [.value("h", 1), .value("s", 1), .value("v", 1), .value("alpha", 1)],
        help: "Colours of hue, saturation and value, each from 0 to 1."
    ) { args in
        let parts = try ["h", "s", "v", "alpha"].map { try args[$0].asDoubles().elements }
        guard parts.joined().allSatisfy({ (0...1).contains($0) }) else {
            throw WorkbenchError(.value, "invalid hsv color")
        }
        let length = parts.contains { $0.isEmpty } ? 0 : parts.map(\.count).max() ?? 0
        return texts(
            (0..<length).map {
                hsv(element(parts[0], $0), element(parts[1], $0), element(parts[2], $0), element(parts[3], $0))
            })
    }
    devices.function(
        "hcl", [.value("h", 0), .value("c", 35), .value("l", 85), .value("alpha", 1)],
        help: "Colours of hue in degrees, chroma and luminance."
    ) { args in
        let parts = try ["h", "c", "l", "alpha"].map { try args[$0].asDoubles().elements }
        let length = parts.contains { $0.isEmpty } ? 0 : parts.map(\.count).max() ?? 0
        return texts(
            (0..<length).map {
                hcl(element(parts[0], $0), element(parts[1], $0), element(parts[2], $0), element(parts[3], $0))
            })
    }
}

/// Registers R's ready-made palettes.
func registerPalettes(_ devices: Namespace) {
    devices.function(
        "rainbow", [.value("n"), .value("s", 1), .value("v", 1), .value("alpha", nil)],
        help: "Colours around the wheel."
    ) { args in
        let n = try count(args)
        let (s, v) = (try args.number("s"), try args.number("v"))
        return texts(steps(0, Double(max(n - 1, 1)) / Double(max(n, 1)), n).map { hsv($0, s, v) })
    }
    devices.function("heat.colors", [.value("n")], help: "Red over yellow to white.") { args in
        let n = try count(args)
        let pale = n / 4
        let bright = steps(0, 1.0 / 6, n - pale).map { hsv($0, 1, 1) }
        let half = 1 / Double(max(2 * pale, 1))
        return texts(bright + steps(1 - half, half, pale).map { hsv(1.0 / 6, $0, 1) })
    }
    devices.function("terrain.colors", [.value("n")], help: "Green over brown to white.") { args in
        let n = try count(args)
        let k = n / 2
        let low = zip(steps(4.0 / 12, 2.0 / 12, k), steps(0.65, 0.9, k)).map { hsv($0, 1, $1) }
        var high: [Color] = []
        for i in 0..<(n - k + 1) {
            let t = n - k > 0 ? Double(i) / Double(n - k) : 0
            high.append(hsv(2.0 / 12 - t * 2.0 / 12, 1 - t, 0.9 + t * 0.05))
        }
        return texts(low + high.dropFirst())
    }
    devices.function("topo.colors", [.value("n")], help: "Blue over green to yellow.") { args in
        let n = try count(args)
        let (j, k) = (n / 3, n / 3)
        let i = n - j - k
        var result: [Color] = []
        if i > 0 { result += steps(43.0 / 60, 31.0 / 60, i).map { hsv($0, 1, 1) } }
        if j > 0 { result += steps(23.0 / 60, 11.0 / 60, j).map { hsv($0, 1, 1) } }
        if k > 0 { result += zip(steps(10.0 / 60, 6.0 / 60, k), steps(1, 0.3, k)).map { hsv($0, $1, 1) } }
        return texts(result)
    }
    devices.function(
        "hcl.colors",
        [.value("n"), .value("palette", "viridis"), .value("alpha", nil), .value("rev", false)],
        help: "Perceptually even palettes: viridis, Plasma, Inferno, Blues, Grays, Heat."
    ) { args in
        let name = try args.string("palette")
        let key = name.lowercased().filter { $0.isLetter || $0.isNumber }
        guard let path = ColorPath.known[key] else {
            throw WorkbenchError(
                .unsupported, "no palette '\(name)'",
                hint: "there are viridis, Plasma, Inferno, Blues, Grays and Heat")
        }
        let alpha = args["alpha"].isNull ? 1 : try args.number("alpha")
        let colors = path.colors(try count(args), alpha: alpha)
        return texts(try args.flag("rev") ? colors.reversed() : colors)
    }
    devices.function(
        "gray.colors", [.value("n"), .value("start", 0.3), .value("end", 0.9), .value("gamma", 2.2)], help: "Grays."
    ) { args in
        let gamma = try args.number("gamma")
        let (first, last) = (pow(try args.number("start"), gamma), pow(try args.number("end"), gamma))
        return texts(
            steps(first, last, try count(args)).map { level in
                let value = pow(level, 1 / gamma)
                return Color(red: value, green: value, blue: value)
            })
    }
    devices.alias("grey.colors", of: "gray.colors")
}

/// Registers the session's palette and what is asked about colours.
func registerColorQueries(_ devices: Namespace) {
    let palette = devices.function(
        "palette", [.value("value")], help: "The colours that numbers stand for; a new palette, or \"default\"."
    ) { args in
        let palette = args.context.palette
        let old = Value.strings(palette.names)
        args.context.isVisible = true
        guard args.has("value") else { return old }
        let value = try args.required("value")
        if case .character(let names) = value, names.count == 1, names[0]?.string.lowercased() == "default" {
            palette.colors = Palette.standard
            palette.names = Palette.standardNames
        } else {
            let colors = try args.context.colors(value)
            guard !colors.isEmpty else { throw args.invalid("value") }
            palette.colors = colors
            palette.names = colors.map { $0.hex }
        }
        args.context.isVisible = false
        return old
    }
    palette.keepsVisibility = true
    devices.function("colors", [.value("distinct", false)], help: "Names of colours.") { _ in
        .strings((colorTable.keys + (0...100).flatMap { ["gray\($0)", "grey\($0)"] }).inByteOrder())
    }
    devices.alias("colours", of: "colors")
    devices.function(
        "col2rgb", [.value("col"), .value("alpha", false)], help: "Red, green and blue, 0 … 255, one column a colour."
    ) { args in
        let value = try args.required("col")
        let colors = try args.context.colors(value)
        let withAlpha = try args.flag("alpha")
        let parts = colors.flatMap { color -> [Int] in
            let rgb = [Int(color.red), Int(color.green), Int(color.blue)]
            return withAlpha ? rgb + [Int(color.alpha)] : rgb
        }
        let rows = ["red", "green", "blue"] + (withAlpha ? ["alpha"] : [])
        let columns: Value = value.names.map { .character(Vector($0)) } ?? .null
        return Value.ints(parts).setting(Symbol.dim, .ints([rows.count, colors.count]))
            .setting(Symbol.dimnames, .items([.strings(rows), columns]))
    }
    devices.function(
        "adjustcolor", [.value("col"), .value("alpha.f", 1)], help: "Colours with their opacity multiplied."
    ) { args in
        let factor = try args.number("alpha.f")
        return .strings(
            try args.context.colors(try args.required("col")).map { color in
                let product = Double(color.alpha) * factor
                guard !product.isNaN else {
                    throw WorkbenchError(.value, "alpha level NaN, not in [0,1]", hint: "alpha.f is \(factor)")
                }
                let alpha = min(max(product, 0), 255)
                let text = Color(color.red, color.green, color.blue).hex
                return text + formatInteger(Int64(alpha.rounded()), conversion: "X", width: 2, flags: "0")
            })
    }
    devices.functionMaker(
        "colorRampPalette", [.value("colors"), .dots], help: "A function that makes n colours between given ones."
    ) { args in
        let anchors = try args.context.colors(try args.required("colors"))
        guard !anchors.isEmpty else { throw args.invalid("colors") }
        return Builtin("colorRamp", namespace: "grDevices", [.value("n")], help: "Makes n colours.") { inner in
            texts(ramp(anchors, try count(inner)))
        }
    }
}
