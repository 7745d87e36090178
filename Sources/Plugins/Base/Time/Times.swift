import BaseValues
import Diagnostics
import Glibc
import RRuntime

/// Registers `Sys.time`, `as.POSIXct`, `as.POSIXlt`, `strptime`, `ISOdate`, `seq` and rounding of times.
func registerTimes(_ base: Namespace) {
    base.function("Sys.time", [], help: "Now.") { args in timeValue([currentSeconds()], zone: nil) }
    base.function("Sys.timezone", [.value("location", true)], help: "Name of the local time zone.") { args in
        .string(args.context.localZone)
    }
    base.function("date", [], help: "Now, as text.") { args in
        let now = currentSeconds()
        let time = Calendar(seconds: now + (try args.context.zoneOffset("", at: now))) ?? Calendar()
        func two(_ n: Int) -> String { String(n).leftPadded(to: 2) }
        func zero(_ n: Int) -> String { n < 10 ? "0\(n)" : String(n) }
        return .string(
            "\(Calendar.dayNames[time.weekday].prefix(3)) \(Calendar.monthNames[time.month - 1].prefix(3)) \(two(time.day)) "
                + "\(zero(time.hour)):\(zero(time.minute)):\(zero(Int(time.second))) \(time.year)")
    }
    registerConversions(base)
    registerISO(base)
    registerTimeRounding(base)
}

private let standardFormats = [
    "%Y-%m-%d %H:%M:%OS", "%Y/%m/%d %H:%M:%OS", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d",
]

private func parsedTimes(_ texts: [Text?], _ formats: [String], zone: String, _ context: Context) throws -> [(
    time: Calendar?, offset: Double
)] {
    let today = try context.today(zone: zone)
    return try texts.indices.map { index in
        guard let text = texts[index], !formats.isEmpty,
            let found = Calendar.parse(text.string, format: formats[index % formats.count], today: today)
        else { return (nil, 0) }
        guard let offset = found.offset else { return (found.time, 0) }
        // A written offset gives the moment; it is shown in the zone asked for.
        let moment = found.time.seconds - Double(offset)
        return (Calendar(seconds: moment + (try context.zoneOffset(zone, at: moment))), 0)
    }
}

/// Times of texts in one of R's standard formats.
private func standardTimes(_ texts: [Text?], tries: [String]?, zone: String, isOptional: Bool, _ context: Context)
    throws -> [(time: Calendar?, offset: Double)]
{
    let present = texts.filter { $0 != nil && $0 != "" }
    guard !present.isEmpty else { return texts.map { _ in (nil, 0) } }
    for format in tries ?? standardFormats {
        if try parsedTimes(present, [format], zone: zone, context).allSatisfy({ $0.time != nil }) {
            return try parsedTimes(texts, [format], zone: zone, context)
        }
    }
    if isOptional { return texts.map { _ in (nil, 0) } }
    throw try context.failing(
        "as.POSIXlt.character", ["x", "tz", "..."], "character string is not in a standard unambiguous format",
        hint: "as.POSIXct(x, format = \"%d.%m.%Y %H:%M\") says how it is written")
}

/// Broken-down times of anything.
private func localTimes(_ x: Value, _ args: Arguments, zone: String) throws -> Value {
    let context = args.context
    if x.inherits("POSIXlt") { return x }
    if x.inherits("Date") {
        return brokenDown(try x.asDoubles().elements.map { (Calendar(days: $0), 0) }, zone: "UTC", names: x.names)
    }
    if x.inherits("POSIXct") {
        let own = zone.isEmpty ? PluginZone.of(x) : zone
        let times = try x.asDoubles().elements.map { seconds -> (time: Calendar?, offset: Double) in
            let offset = try context.zoneOffset(own, at: seconds)
            return (Calendar(seconds: seconds + offset), offset)
        }
        return brokenDown(times, zone: own, names: x.names)
    }
    switch x {
    case .character,
        .integer where x.isFactor:
        let texts = try context.texts(of: x)
        if args.has("format"), !args["format"].isNull {
            let formats = try context.texts(of: args["format"]).compactMap { $0?.string }
            return brokenDown(try parsedTimes(texts, formats, zone: zone, context), zone: zone, names: x.names)
        }
        let tries = args.has("tryFormats") ? try context.texts(of: args["tryFormats"]).compactMap { $0?.string } : nil
        let isOptional = args.has("optional") ? try args.flag("optional") : false
        return brokenDown(
            try standardTimes(texts, tries: tries, zone: zone, isOptional: isOptional, context), zone: zone,
            names: x.names)
    case .logical(let v) where v.elements.allSatisfy({ $0 == nil }):
        return brokenDown(v.elements.map { _ in (nil, 0) }, zone: zone)
    case .integer, .double:
        let moments = timeValue(try numericMoments(x, args), zone: zone)
        return try localTimes(moments, args, zone: zone)
    default:
        throw WorkbenchError(.type, "do not know how to convert 'x' to class “POSIXlt”")
    }
}

private enum PluginZone {
    static func of(_ value: Value) -> String { zone(of: value) }
}

private func numericMoments(_ x: Value, _ args: Arguments) throws -> [Double] {
    let seconds = try x.asDoubles().elements
    guard args.has("origin") else {
        if seconds.contains(where: { $0.isFinite }) {
            throw try args.context.failing(
                "as.POSIXct.numeric", nil, "'origin' must be supplied",
                hint: "as.POSIXct(x, origin = \"1970-01-01\")")
        }
        return seconds
    }
    let start = try args.context.call("as.POSIXct", [Argument(args["origin"]), Argument("GMT", name: "tz")])
        .asDoubles()[0]
    return seconds.map { start + $0 }
}

private func registerConversions(_ base: Namespace) {
    let parameters: [Parameter] = [
        .value("x"), .value("tz", ""), .value("format"), .value("tryFormats"), .value("optional", false),
        .value("origin"), .dots,
    ]
    base.function("as.POSIXct", parameters, help: "Moments: seconds since 1970.", dispatch: .generic) { args in
        let x = try args.required("x")
        let zone = try args["tz"].asCharacters().elements.first??.string ?? ""
        if x.inherits("POSIXct") { return x }
        if x.inherits("Date") {
            return timeValue(try x.asDoubles().elements.map { $0 * 86_400 }, zone: nil, names: x.names)
        }
        if x.isNumeric, !x.isObject {
            return timeValue(try numericMoments(x, args), zone: args.has("tz") && !zone.isEmpty ? zone : nil)
        }
        let local = x.inherits("POSIXlt") ? x : try localTimes(x, args, zone: zone)
        let own = x.inherits("POSIXlt") && zone.isEmpty ? PluginZone.of(x) : zone
        let moments = try calendarTimes(local).map { time in
            try time.map { try args.context.moment($0, zone: own) } ?? .na
        }
        return timeValue(moments, zone: own, names: local.column("year")?.names)
    }
    base.function("as.POSIXlt", parameters, help: "Times with fields: year, mon, mday, hour, …", dispatch: .generic) {
        args in
        try localTimes(
            try args.required("x"), args, zone: try args["tz"].asCharacters().elements.first??.string ?? "")
    }
    base.function(
        "strptime", [.value("x"), .value("format"), .value("tz", "")],
        help: "Times that texts written in a format mean."
    ) {
        args in
        let texts = try args.context.texts(of: try args.required("x"))
        guard case .character(let written) = try args.required("format") else {
            throw WorkbenchError(.value, "invalid 'format' argument")
        }
        let formats = written.elements.compactMap { $0?.string }
        guard !formats.isEmpty || texts.isEmpty else { throw WorkbenchError(.value, "invalid 'format' argument") }
        let zone = try args.string("tz")
        let count = texts.isEmpty ? 0 : max(texts.count, formats.count)
        let all = (0..<count).map { texts[$0 % texts.count] }
        return brokenDown(try parsedTimes(all, formats, zone: zone, args.context), zone: zone)
    }
}

private func registerISO(_ base: Namespace) {
    let day: [Parameter] = [.value("year"), .value("month"), .value("day")]
    func moments(_ args: Arguments) throws -> Value {
        let fields = try ["year", "month", "day", "hour", "min", "sec"].map {
            try args.required($0).asDoubles().elements
        }
        let zone = try args.string("tz")
        let count = fields.contains { $0.isEmpty } ? 0 : fields.map { $0.count }.max() ?? 0
        return timeValue(
            try (0..<count).map { index in
                let numbers = fields.map { $0[index % $0.count] }
                guard numbers.allSatisfy({ $0.isFinite && abs($0) < 1e9 }) else { return .na }
                var time = Calendar(year: Int(numbers[0]), month: Int(numbers[1]), day: Int(numbers[2]))
                guard (1...12).contains(time.month), time.day >= 1,
                    time.day <= Calendar.length(ofMonth: time.month, year: time.year)
                else { return .na }
                time.hour = Int(numbers[3])
                time.minute = Int(numbers[4])
                time.second = numbers[5]
                return try args.context.moment(time, zone: zone)
            }, zone: zone)
    }
    base.function(
        "ISOdate", day + [.value("hour", 12), .value("min", 0), .value("sec", 0), .value("tz", "GMT")],
        help: "The moment of a day and time."
    ) { args in try moments(args) }
    base.function(
        "ISOdatetime", day + [.value("hour"), .value("min"), .value("sec"), .value("tz", "")],
        help: "The moment of a day and time."
    ) { args in try moments(args) }
}

/// Times by the hour, day, month, … or by given moments, each interval named by its beginning.
private func cutTimes(_ given: Arguments) throws -> Value {
    var args = given
    let context = args.context
    args.values[0] = try context.call("as.POSIXct", [Argument(args[0])])
    let x = args[0]
    if let result = try cutByCount(args) { return result }
    let moments = try x.asDoubles().elements
    let finite = moments.filter { $0.isFinite }
    guard let first = finite.min(), let last = finite.max() else {
        throw WorkbenchError(.value, "there are no times to cut")
    }
    func like(_ seconds: [Double]) -> Value {
        Value.double(Vector(seconds, x.attributes.removing([Symbol.names])))
    }
    var starts: [Double]
    if args["breaks"].inherits("POSIXt") {
        starts = try context.seconds(of: args["breaks"]).ascending()
    } else {
        guard case .character = args["breaks"] else {
            throw WorkbenchError(
                .value, "invalid specification of 'breaks'", hint: "\"day\", \"2 hours\", a number or moments")
        }
        guard let step = try? TimeStep(args["breaks"], numberUnit: "secs") else {
            throw WorkbenchError(
                .value, "invalid specification of 'breaks'", hint: "\"day\", \"2 hours\", a number or moments")
        }
        let unit = step.unit == "weeks" ? "days" : step.unit
        let local = try context.call("trunc", [Argument(like([first])), Argument(.string(unit))])
        var begin = try context.seconds(of: local).first ?? first
        if step.unit == "weeks", let time = try calendarTimes(local).first ?? nil {
            begin -= 86_400 * Double(try args.flag("start.on.monday") ? (time.weekday + 6) % 7 : time.weekday)
        }
        if args["breaks"].singleText?.string.contains("quarter") == true,
            let time = try calendarTimes(local).first ?? nil
        {
            let quarter = Calendar(year: time.year, month: time.month - (time.month - 1) % 3)
            begin = try context.moment(quarter, zone: PluginZone.of(x))
        }
        let end = last + (step.months.map { $0 * 31 * 86_400 } ?? step.seconds)
        starts = try context.call(
            "seq", [Argument(like([begin])), Argument(like([end])), Argument(args["breaks"], name: "by")]
        ).asDoubles().elements
        starts = Array(starts.prefix(starts.filter { $0 <= last }.count + 1))
    }
    let codes = moments.map { moment -> Int32? in
        guard moment.isFinite, let next = starts.firstIndex(where: { $0 > moment }), next > 0 else { return nil }
        return Int32(clamping: next)
    }
    if case .character(let v) = args["labels"] { return makeFactor(codes, levels: v.elements) }
    if case .logical(let v) = args["labels"], v.elements == [false] { return .integer(Vector(codes)) }
    return makeFactor(codes, levels: try context.texts(of: like(Array(starts.dropLast()))))
}

private func registerTimeRounding(_ base: Namespace) {
    for (name, rounds) in [("trunc", false), ("round", true)] {
        for className in ["POSIXct", "POSIXlt"] {
            base.method(name, for: className, [.value("x"), .value("units", "secs"), .dots]) { args in
                let zone = PluginZone.of(args[0])
                let unit = try args["units"].asCharacters().elements.first??.string ?? "secs"
                let times = try calendarTimes(try localTimes(args[0], args, zone: ""))
                let length = unit.hasPrefix("month") || unit.hasPrefix("year") ? nil : secondsOfUnit[try unitName(unit)]
                return brokenDown(
                    times.map { time in
                        guard var time else { return (nil, 0) }
                        if let length {
                            let seconds = time.seconds + (rounds ? length / 2 : 0)
                            return (Calendar(seconds: (seconds / length).rounded(.down) * length), 0)
                        }
                        time = Calendar(year: time.year, month: unit.hasPrefix("year") ? 1 : time.month)
                        return (time, 0)
                    }, zone: zone)
            }
        }
    }
    base.method(
        "cut", for: "POSIXt",
        [
            .value("x"), .value("breaks"), .value("labels", nil), .value("start.on.monday", true),
            .value("right", false), .dots,
        ]
    ) { args in try cutTimes(args) }
    base.method(
        "seq", for: "POSIXct",
        [.value("from"), .value("to"), .value("by"), .value("length.out", nil), .value("along.with", nil), .dots]
    ) { args in
        guard let from = try args["from"].asDoubles().elements.first else {
            throw WorkbenchError(.value, "'from' must be of length 1")
        }
        let zone = PluginZone.of(args["from"])
        var to: Double?
        if args.has("to"), !args["to"].isNull {
            to = try args.context.seconds(of: args["to"]).first
            if to == nil { throw WorkbenchError(.value, "'to' must be of length 1") }
        }
        var count: Int?
        if !args["along.with"].isNull {
            count = args["along.with"].length
        } else if !args["length.out"].isNull {
            count = try args.int("length.out")
        }
        func at(_ index: Int, _ step: TimeStep) throws -> Double {
            if let months = step.months {
                guard var time = Calendar(seconds: from + (try args.context.zoneOffset(zone, at: from))) else {
                    return .na
                }
                time.month += Int(months) * index
                return try args.context.moment(time, zone: zone)
            }
            return from + Double(index) * step.seconds
        }
        var result: [Double] = []
        if args.has("by") {
            let step = try TimeStep(args["by"], numberUnit: "secs")
            let size = step.months ?? step.seconds
            if let count {
                result = try (0..<max(count, 0)).map { try at($0, step) }
            } else if let to {
                guard size != 0, (to - from) * size >= 0, abs((to - from) / step.seconds) < 1e8 else {
                    throw WorkbenchError(.value, "wrong sign in 'by' argument")
                }
                var index = 0
                while true {
                    let value = try at(index, step)
                    if size > 0 ? value > to + 1e-9 : value < to - 1e-9 { break }
                    result.append(value)
                    index += 1
                }
            }
        } else if let to, let count {
            result = (0..<max(count, 0)).map { from + Double($0) * (count > 1 ? (to - from) / Double(count - 1) : 0) }
        } else {
            throw WorkbenchError(.value, "exactly two of 'to', 'by' and 'length.out' / 'along.with' must be specified")
        }
        return timeValue(result, zone: args["from"].attribute(zoneName) == nil ? nil : zone)
    }
}
