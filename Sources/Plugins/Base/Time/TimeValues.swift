import BaseValues
import Diagnostics
import Glibc
import RRuntime

let unitsName = Symbol.named("units")
let zoneName = Symbol.named("tzone")

/// Days since 1970-01-01 as a `Date`.
func dateValue(_ days: [Double], names: [Text?]? = nil) -> Value {
    Value.numbers(days).withNames(names).withClass("Date")
}

/// Seconds since 1970-01-01 UTC as a `POSIXct`; without a zone attribute for nil.
func timeValue(_ seconds: [Double], zone: String?, names: [Text?]? = nil) -> Value {
    let value = Value.numbers(seconds).withNames(names).withClass("POSIXct", "POSIXt")
    return zone.map { value.setting(zoneName, .string($0)) } ?? value
}

/// A time difference in units.
func differenceValue(_ numbers: [Double], units: String, names: [Text?]? = nil) -> Value {
    Value.numbers(numbers).withNames(names).withClass("difftime").setting(unitsName, .string(units))
}

/// Seconds of the units of time differences.
let secondsOfUnit: [String: Double] = ["secs": 1, "mins": 60, "hours": 3600, "days": 86_400, "weeks": 604_800]

/// The full name of a unit given by its beginning.
func unitName(_ text: String) throws -> String {
    guard let unit = ["secs", "mins", "hours", "days", "weeks"].first(where: { $0.hasPrefix(text) }), !text.isEmpty
    else {
        throw WorkbenchError(
            .value, "invalid units specified", hint: "units are \"secs\", \"mins\", \"hours\", \"days\", \"weeks\"")
    }
    return unit
}

extension Context {
    /// Name of the zone that `""` stands for.
    var localZone: String {
        if let variable = getenv("TZ") {
            let name = String(cString: variable)
            if !name.isEmpty { return name.hasPrefix(":") ? String(name.dropFirst()) : name }
        }
        return "UTC"
    }

    /// Seconds that a zone's clocks are ahead of Greenwich at a moment.
    func zoneOffset(_ zone: String, at seconds: Double) throws -> Double {
        if zone == "UTC" || zone == "GMT" || !seconds.isFinite { return 0 }
        if zone.isEmpty, ["UTC", "GMT"].contains(localZone) { return 0 }
        let text =
            try call(
                "format",
                [Argument(timeValue([seconds], zone: zone)), Argument("%z"), Argument(.string(zone), name: "tz")]
            ).asCharacters()[0]?.string ?? "+0000"
        guard text.utf8.count == 5, let number = Int(text) else { return 0 }
        let size = abs(number)
        return Double((number < 0 ? -1 : 1) * (size / 100 * 3600 + size % 100 * 60))
    }

    /// The moment at which a zone's clocks show a time.
    func moment(_ time: Calendar, zone: String) throws -> Double {
        let shown = time.seconds
        let guess = shown - (try zoneOffset(zone, at: shown))
        return shown - (try zoneOffset(zone, at: guess))
    }

    /// Today in a zone.
    func today(zone: String) throws -> Calendar {
        var now = Calendar(seconds: currentSeconds() + (try zoneOffset(zone, at: currentSeconds()))) ?? Calendar()
        now.hour = 0
        now.minute = 0
        now.second = 0
        return now
    }

    /// Seconds since 1970 of any time: dates are midnight UTC.
    func seconds(of value: Value, zone: String = "") throws -> [Double] {
        if value.inherits("POSIXct") { return try value.asDoubles().elements }
        if value.inherits("Date") { return try value.asDoubles().elements.map { $0 * 86_400 } }
        return try call("as.POSIXct", [Argument(value), Argument(.string(zone), name: "tz")]).asDoubles().elements
    }
}

/// Now, in seconds since 1970.
func currentSeconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec / 1000) * 1e-6
}

/// The zone attribute of a time, "" if there is none.
func zone(of value: Value) -> String {
    guard case .character(let v)? = value.attribute(zoneName), let first = v.elements.first else { return "" }
    return first?.string ?? ""
}

/// Broken-down local times.
func brokenDown(_ times: [(time: Calendar?, offset: Double)], zone: String, names: [Text?]? = nil) -> Value {
    func whole(_ field: (Calendar) -> Int) -> Value {
        .integer(Vector(times.map { $0.time.map { Int32(truncatingIfNeeded: field($0)) } }))
    }
    let fields: [(String, Value)] = [
        ("sec", .numbers(times.map { $0.time?.second ?? .na })), ("min", whole { $0.minute }),
        ("hour", whole { $0.hour }), ("mday", whole { $0.day }), ("mon", whole { $0.month - 1 }),
        ("year", whole { $0.year - 1900 }.withNames(names)), ("wday", whole { $0.weekday }),
        ("yday", whole { $0.dayOfYear }),
        ("isdst", .integer(Vector(times.map { $0.time == nil ? -1 : 0 }))),
    ]
    return Value.named(fields).withClass("POSIXlt", "POSIXt").setting(zoneName, .string(zone))
}

/// The times that the fields of a `POSIXlt` describe; fields out of range run over.
func calendarTimes(_ value: Value) throws -> [Calendar?] {
    guard case .list = value else { return [] }
    func field(_ name: Text) throws -> [Double] { try value.column(name)?.asDoubles().elements ?? [] }
    let parts = try ["sec", "min", "hour", "mday", "mon", "year"].map { try field(Text($0)) }
    let count = parts.map { $0.count }.max() ?? 0
    guard parts.allSatisfy({ !$0.isEmpty }) || count == 0 else { return [] }
    return (0..<count).map { index in
        let numbers = parts.map { $0[index % $0.count] }
        guard numbers.allSatisfy({ $0.isFinite && abs($0) < 1e12 }) else { return nil }
        var time = Calendar(year: Int(numbers[5]) + 1900, month: Int(numbers[4]) + 1, day: Int(numbers[3]))
        let seconds = Double(time.days) * 86_400 + numbers[2] * 3600 + numbers[1] * 60 + numbers[0]
        time = Calendar(seconds: seconds) ?? time
        // The fraction as given, not what is left of it after adding days.
        if numbers[0] >= 0, numbers[0] < 60 { time.second = numbers[0] }
        return time
    }
}
