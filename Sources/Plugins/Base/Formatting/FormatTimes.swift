import Glibc
import RRuntime

func registerFormatTimes(_ base: Namespace) {
    let dateParameters: [Parameter] = [
        .value("x"), .value("format", "%Y-%m-%d"), .value("tz", "UTC"), .value("usetz", false), .dots,
    ]
    base.method("format", for: "Date", dateParameters, help: "Texts of dates.") { args in
        try formatDates(args)
    }
    base.method("as.character", for: "Date", dateParameters, help: "Texts of dates.") { args in
        try formatDates(args)
    }
    let timeParameters: [Parameter] = [
        .value("x"), .value("format", ""), .value("tz", ""), .value("usetz", false), .dots,
    ]
    base.method("format", for: "POSIXct", timeParameters, help: "Texts of times.") { args in
        try formatTimes(args)
    }
    base.method("as.character", for: "POSIXct", timeParameters, help: "Texts of times.") { args in
        try formatTimes(args)
    }
    base.method("format", for: "POSIXlt", timeParameters, help: "Texts of times.") { args in
        try formatTimes(args)
    }
    base.method("as.character", for: "POSIXlt", timeParameters, help: "Texts of times.") { args in
        try formatTimes(args)
    }
    base.function(
        "strftime", [.value("x"), .value("format", ""), .value("tz", ""), .value("usetz", false), .dots],
        help: "Texts of times in a format."
    ) { args in
        var value = try args.required("x")
        if case .character = value {
            value = try args.context.call(
                "as.POSIXct", [Argument(value), Argument(args["tz"], name: "tz")], environment: args.environment)
        }
        return try args.context.call(
            "format",
            [
                Argument(value), Argument(args["format"], name: "format"), Argument(args["tz"], name: "tz"),
                Argument(args["usetz"], name: "usetz"),
            ], environment: args.environment)
    }
    for (name, format, short) in [("weekdays", "%A", "%a"), ("months", "%B", "%b")] {
        base.function(
            name, [.value("x"), .value("abbreviate", false)], help: "Names of days or months.", dispatch: .generic
        ) { args in
            let wanted = try args.flag("abbreviate") ? short : format
            return try args.context.call(
                "format", [Argument(try args.required("x")), Argument(.string(wanted))], environment: args.environment)
        }
    }
}

private func formatDates(_ args: Arguments) throws -> Value {
    let value = args[0]
    var formats: [Text?] = ["%Y-%m-%d"]
    if case .character(let v) = args["format"], v.count > 0 { formats = v.elements }
    let days = try value.bare.asDoubles().elements
    return .character(
        Vector(
            days.enumerated().map { index, day in
                let format = formats[index % formats.count]?.string ?? "%Y-%m-%d"
                if day.isInfinite { return Text(day > 0 ? "Inf" : "-Inf") }
                return CivilTime(days: day).map { Text($0.formatted(format.isEmpty ? "%Y-%m-%d" : format)) }
            }, value.attributes.keeping([Symbol.names])))
}

private func formatTimes(_ args: Arguments) throws -> Value {
    let value = args[0]
    var zone = try args.optionalString("tz") ?? ""
    if zone.isEmpty, case .character(let v)? = value.attribute("tzone"), let first = v.elements.first, let text = first
    {
        zone = text.string
    }
    let times: [CivilTime?]
    let moments: [Double]
    if value.inherits("POSIXlt"), case .list = value {
        let seconds = try args.context.call("as.POSIXct", [Argument(value)], environment: args.environment)
        moments = try seconds.bare.asDoubles().elements
    } else {
        moments = try value.bare.asDoubles().elements
    }
    times = moments.map { CivilTime(seconds: $0, zone: zone) }
    var formats: [Text?] = []
    if case .character(let v) = args["format"], v.elements.first.flatMap({ $0 })?.isEmpty == false {
        formats = v.elements
    }
    if formats.isEmpty {
        let known = times.compactMap { $0 }
        let isMidnight = known.allSatisfy { $0.hour == 0 && $0.minute == 0 && $0.second < 1 }
        let places = args.context.options.int("digits.secs", 0)
        let fraction = known.contains { $0.second != $0.second.rounded(.down) }
        let seconds = places > 0 && fraction ? "%OS\(min(places, 6))" : "%S"
        formats = [Text(isMidnight ? "%Y-%m-%d" : "%Y-%m-%d %H:%M:" + seconds)]
    }
    let withZone = try args.flag("usetz")
    return .character(
        Vector(
            times.enumerated().map { index, time in
                if moments[index].isInfinite { return Text(moments[index] > 0 ? "Inf" : "-Inf") }
                return time.map {
                    Text($0.formatted(formats[index % formats.count]?.string ?? "") + (withZone ? " " + $0.zone : ""))
                }
            }, value.attributes.keeping([Symbol.names])))
}
