import Diagnostics
import Glibc
import GraphicDevices
import PluginAPI

/// `c(name = number)`, as `dev.cur()` shows a device.
private func shown(_ number: Int, _ context: Context) -> Value {
    Value.int(number).withNames([context.devices.devices[number]?.name ?? "null device"])
}

/// Checks that a file can be made where a device is to write it, as R does when the device is opened.
private func checkFolder(_ path: String, _ kind: String, _ args: Arguments) throws {
    let absolute = args.context.absolutePath(path)
    let bytes = Array(absolute.utf8)
    let slash = bytes.lastIndex(of: UInt8(ascii: "/")) ?? 0
    let folder = slash == 0 ? "/" : String(decoding: bytes[..<slash], as: UTF8.self)
    guard access(folder, W_OK) == 0 else {
        let reason = String(cString: strerror(errno))
        throw WorkbenchError(
            .data, "cannot open file '\(path)': \(reason)", hint: "\(kind)() writes it when dev.off() is called")
    }
}

/// Registers the functions that open devices.
func registerDevices(_ namespace: Namespace) {
    for kind in [PageFormat.Kind.png, .jpeg] {
        namespace.function(
            kind.rawValue,
            [
                .value("filename", .string("Rplot%03d.\(kind.rawValue)")), .value("width", 480), .value("height", 480),
                .value("units", "px"), .value("pointsize", 12),
                .value(kind == .png ? "bg" : "quality", kind == .png ? "white" : 75),
                .value("res", code: "NA"), .dots,
            ], help: "Opens a device that writes plots as \(kind.rawValue.uppercased()) files.", visible: false
        ) { args in
            let resolution = args.has("res") ? try args["res"].asDoubles().elements.first ?? .nan : .nan
            let dots = resolution.isNaN ? 72 : resolution
            let unit: Double
            switch try args.string("units") {
            case "px": unit = 72 / dots
            case "in": unit = 72
            case "cm": unit = 72 / 2.54
            case "mm": unit = 7.2 / 2.54
            case let other:
                throw WorkbenchError(.value, "'\(other)' is no unit of length", hint: "one of px, in, cm, mm")
            }
            let path = try args.string("filename")
            var format = PageFormat(
                kind: kind, width: try args.number("width") * unit, height: try args.number("height") * unit,
                scale: dots / 72, pointSize: try args.number("pointsize"))
            try checkSize(format)
            var background = Color.white
            if kind == .png {
                background = try args.context.colors(args["bg"]).first ?? .white
            } else {
                format.quality = try args.int("quality")
            }
            try checkFolder(path, kind.rawValue, args)
            try args.context.devices.open(Device(kind.rawValue, .files(pattern: path), format, background: background))
            return .null
        }
    }
    namespace.function(
        "svg",
        [
            .value("filename", "Rplot%03d.svg"), .value("width", 7), .value("height", 7), .value("pointsize", 12),
            .value("onefile", false), .value("family", "sans"), .value("bg", "white"), .dots,
        ], help: "Opens a device that writes plots as SVG files; sizes in inches.", visible: false
    ) { args in try openVector(.svg, "filename", args) }
    namespace.function(
        "pdf",
        [
            .value("file", "Rplots.pdf"), .value("width", 7), .value("height", 7), .value("onefile", true),
            .value("family", "Helvetica"), .value("title", "R Graphics Output"), .value("pointsize", 12),
            .value("bg", "white"), .dots,
        ], help: "Opens a device that writes plots as pages of a PDF file; sizes in inches.", visible: false
    ) { args in try openVector(.pdf, "file", args) }
}

private func checkSize(_ format: PageFormat) throws {
    let (width, height) = (format.width * format.scale, format.height * format.scale)
    guard width.isFinite, height.isFinite, width >= 1, height >= 1, width <= 32_000, height <= 32_000,
        (1...1000).contains(format.pointSize)
    else { throw WorkbenchError(.value, "invalid plot size \(numberText(width)) x \(numberText(height))") }
}

private func openVector(_ kind: PageFormat.Kind, _ name: String, _ args: Arguments) throws -> Value {
    let path = try args.string(name)
    let format = PageFormat(
        kind: kind, width: try args.number("width") * 72, height: try args.number("height") * 72,
        pointSize: try args.number("pointsize"))
    try checkSize(format)
    try checkFolder(path, kind.rawValue, args)
    let background = try args.context.colors(args["bg"]).first ?? .white
    let isDocument = try args.flag("onefile") && kind == .pdf
    try args.context.devices.open(
        Device(
            kind.rawValue, isDocument ? .document(path: path) : .files(pattern: path), format, background: background))
    return .null
}

/// Registers the functions that ask about devices, choose and close them.
func registerDeviceControl(_ namespace: Namespace) {
    namespace.function(
        "dev.off", [.value("which", code: "dev.cur()")], help: "Closes a device, which completes its file."
    ) { args in
        let devices = args.context.devices
        let which = try args.optionalInt("which") ?? devices.current
        guard which != 1 else {
            throw WorkbenchError(.value, "cannot shut down device 1 (the null device)", hint: "no device is open")
        }
        try devices.close(which, args.context)
        return shown(devices.current, args.context)
    }
    namespace.function("graphics.off", [], help: "Closes all devices.", visible: false) { args in
        for number in args.context.devices.numbers { try args.context.devices.close(number, args.context) }
        return .null
    }
    namespace.function("dev.cur", [], help: "Number and name of the current device.") { args in
        shown(args.context.devices.current, args.context)
    }
    namespace.function("dev.list", [], help: "Numbers and names of the open devices, or NULL.") { args in
        let devices = args.context.devices
        guard !devices.numbers.isEmpty else { return .null }
        return Value.ints(devices.numbers).withNames(devices.numbers.map { devices.devices[$0]?.name ?? "" })
    }
    namespace.function("dev.set", [.value("which", code: "dev.next()")], help: "Makes a device the current one.") {
        args in
        let devices = args.context.devices
        devices.select(try args.optionalInt("which") ?? devices.after(devices.current))
        return shown(devices.current, args.context)
    }
    for (name, isNext) in [("dev.next", true), ("dev.prev", false)] {
        namespace.function(
            name, [.value("which", code: "dev.cur()")], help: "The device \(isNext ? "after" : "before") one."
        ) { args in
            let devices = args.context.devices
            let which = try args.optionalInt("which") ?? devices.current
            return shown(isNext ? devices.after(which) : devices.before(which), args.context)
        }
    }
    namespace.function("dev.new", [.dots], help: "Opens the device that is used when none is open.", visible: false) {
        args in
        let format = PageFormat(kind: .png, width: 700, height: 450, scale: 2)
        try args.context.devices.open(Device("plot", .session, format))
        return .null
    }
    namespace.function("dev.flush", [.dots], help: "Writes what has been drawn.", visible: false) { args in
        try args.context.devices.flush(args.context)
        return .int(0)
    }
}
