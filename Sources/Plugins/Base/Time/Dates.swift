import BaseValues
import Diagnostics
import Glibc
import RRuntime

/// Registers `Sys.Date`, `as.Date`, `seq` and `cut` of dates, `weekdays`, `months`, `julian`.
func registerDates(_ base: Namespace) {
    base.function("Sys.Date", [], help: "Today.") { args in
        dateValue([Double(try args.context.today(zone: "").days)])
    }
    registerAsDate(base)
    registerDateParts(base)
    registerDateSequences(base)
}

private let standardFormats = ["%Y-%m-%d", "%Y/%m/%d"]

/// Dates of texts: the format is the first that fits the first text there is.
private func parsedDates(_ texts: [Text?], _ formats: [String]?, tries: [String], isOptional: Bool, _ context: Context)
    throws -> [Double]
{
    let today = try context.today(zone: "UTC")
    func parse(_ text: Text?, _ format: String) -> Double {
        guard let text, let found = Calendar.parse(text.string, format: format, today: today) else { return .na }
        return Double(found.time.days)
    }
    if let formats, !formats.isEmpty {
        return texts.indices.map { parse(texts[$0], formats[$0 % formats.count]) }
    }
    guard let first = texts.first(where: { $0 != nil && $0 != "" }) else { return texts.map { _ in .na } }
    for format in tries where !parse(first, format).isNaN { return texts.map { parse($0, format) } }
    if isOptional { return texts.map { _ in .na } }
    throw try context.failing(
        "charToDate", ["x"], "character string is not in a standard unambiguous format",
        hint: "as.Date(x, format = \"%d.%m.%Y\") says how it is written; without it 2024-01-31 and 2024/01/31 are read")
}

private func registerAsDate(_ base: Namespace) {
    base.function(
        "as.Date",
        [
            .value("x"), .value("format"), .value("tryFormats", code: "c(\"%Y-%m-%d\", \"%Y/%m/%d\")"),
            .value("optional", false), .value("origin"), .value("tz", "UTC"), .dots,
        ], help: "Dates of texts, times or numbers of days.", dispatch: .generic
    ) { args in
        let x = try args.required("x")
        let context = args.context
        if x.inherits("Date") { return x }
        if x.inherits("POSIXct") {
            let zone = args.call.arguments.contains { $0.name?.name == "tz" } ? try args.string("tz") : "UTC"
            return dateValue(
                try x.asDoubles().elements.map { seconds in
                    ((seconds + (try context.zoneOffset(zone, at: seconds))) / 86_400).rounded(.down)
                }, names: x.names)
        }
        if x.inherits("POSIXlt") { return dateValue(try calendarTimes(x).map { $0.map { Double($0.days) } ?? .na }) }
        switch x {
        case .integer where x.isFactor, .character:
            let texts = try context.texts(of: x)
            let tries =
                args.has("tryFormats")
                ? try context.texts(of: args["tryFormats"]).compactMap { $0?.string } : standardFormats
            let formats =
                args.has("format") && !args["format"].isNull
                ? try context.texts(of: args["format"]).compactMap { $0?.string } : nil
            return dateValue(
                try parsedDates(texts, formats, tries: tries, isOptional: try args.flag("optional"), context),
                names: x.isFactor ? nil : x.names)
        case .logical(let v) where v.elements.allSatisfy({ $0 == nil }):
            return dateValue(v.elements.map { _ in .na }, names: x.names)
        case .integer, .double:
            let days = try x.asDoubles().elements
            var origin = args.has("origin") ? args["origin"] : .missing
            // as.Date(x, origin) by position.
            if origin.isMissing, args.has("format"),
                args["format"].inherits("Date") || args["format"].typeName == "character"
            {
                origin = args["format"]
            }
            if origin.isMissing {
                if days.contains(where: { $0.isFinite }) {
                    throw try context.failing(
                        "as.Date.numeric", nil, "'origin' must be supplied",
                        hint: "as.Date(x, origin = \"1970-01-01\")")
                }
                return dateValue(days, names: x.names)
            }
            let start = try context.call("as.Date", [Argument(origin)]).asDoubles().elements.first ?? .na
            return dateValue(days.map { start + $0 }, names: x.names)
        default:
            throw WorkbenchError(
                .type, "do not know how to convert 'x' to class “Date”")
        }
    }
}

private func registerDateParts(_ base: Namespace) {
    func eachDay(_ x: Value, _ context: Context) throws -> [Calendar?] {
        if x.inherits("Date") { return try x.asDoubles().elements.map { Calendar(days: $0) } }
        return try calendarTimes(try context.call("as.POSIXlt", [Argument(x)]))
    }
    base.function(
        "weekdays", [.value("x"), .value("abbreviate", false)], help: "Names of the days of the week.",
        dispatch: .generic
    ) { args in
        let isShort = try args.flag("abbreviate")
        return .character(
            Vector(
                try eachDay(try args.required("x"), args.context).map { day in
                    day.map {
                        Text(isShort ? String(Calendar.dayNames[$0.weekday].prefix(3)) : Calendar.dayNames[$0.weekday])
                    }
                }))
    }
    base.function(
        "months", [.value("x"), .value("abbreviate", false)], help: "Names of the months.", dispatch: .generic
    ) { args in
        let isShort = try args.flag("abbreviate")
        return .character(
            Vector(
                try eachDay(try args.required("x"), args.context).map { day in
                    day.map {
                        Text(
                            isShort
                                ? String(Calendar.monthNames[$0.month - 1].prefix(3))
                                : Calendar.monthNames[$0.month - 1])
                    }
                }))
    }
    base.function("quarters", [.value("x"), .dots], help: "Quarters of the year: Q1 … Q4.", dispatch: .generic) {
        args in
        .character(
            Vector(
                try eachDay(try args.required("x"), args.context).map { day in
                    day.map { Text("Q\(($0.month + 2) / 3)") }
                }))
    }
    base.function(
        "julian", [.value("x"), .value("origin", code: "as.Date(\"1970-01-01\")"), .dots],
        help: "Days since an origin.", dispatch: .generic
    ) { args in
        let x = try args.required("x")
        let origin = args.has("origin") ? args["origin"] : dateValue([0])
        guard origin.length == 1 else { throw WorkbenchError(.value, "'origin' must be of length one") }
        if x.inherits("Date") {
            let start = try args.context.call("as.Date", [Argument(origin)]).asDoubles()[0]
            return Value.numbers(try x.asDoubles().elements.map { $0 - start }).setting(Symbol.named("origin"), origin)
        }
        let start = try args.context.seconds(of: origin)[0]
        return differenceValue(try args.context.seconds(of: x).map { ($0 - start) / 86_400 }, units: "days")
            .setting(Symbol.named("origin"), args.has("origin") ? origin : timeValue([0], zone: "GMT"))
    }
    base.method("trunc", for: "Date", [.value("x"), .dots, .value("units", "days")]) { args in
        let unit = try args.dots.first?.value.singleText?.string ?? args.string("units")
        return dateValue(
            try args[0].asDoubles().elements.map { days in
                guard let date = Calendar(days: days) else { return days }
                if unit.hasPrefix("month") { return Double(Calendar(year: date.year, month: date.month).days) }
                if unit.hasPrefix("year") { return Double(Calendar(year: date.year).days) }
                return days.rounded(.down)
            }, names: args[0].names)
    }
    base.method("round", for: "Date", [.value("x"), .dots]) { args in
        dateValue(try args[0].asDoubles().elements.map { $0.rounded(.toNearestOrEven) }, names: args[0].names)
    }
}

/// A step of dates or times: a number of units.
struct TimeStep {
    var count: Double
    /// `days`, `months`, `secs`, …
    var unit: String

    /// Reads `"2 weeks"`, `"month"`, a number or a time difference.
    init(_ value: Value, numberUnit: String) throws {
        if value.inherits("difftime") {
            let unit = value.attribute(unitsName)?.singleText?.string ?? "days"
            count = try value.asDoubles()[0] * (secondsOfUnit[unit] ?? 1)
            self.unit = "secs"
            return
        }
        if let text = value.singleText?.string {
            let parts = text.split(separator: " ")
            guard let last = parts.last, (1...2).contains(parts.count) else {
                throw WorkbenchError(.value, "invalid 'by' string")
            }
            count = parts.count == 2 ? Double(Int(parts[0]) ?? 0) : 1
            if parts.count == 2, Int(parts[0]) == nil { throw WorkbenchError(.value, "invalid 'by' string") }
            var name = String(last)
            if name.hasSuffix("s"), name != "DSTdays" { name.removeLast() }
            let known = [
                "sec": "secs", "min": "mins", "hour": "hours", "day": "days", "DSTday": "days", "DSTdays": "days",
                "week": "weeks", "month": "months", "quarter": "quarters", "year": "years",
            ]
            guard let unit = known[name] else { throw WorkbenchError(.value, "invalid string for 'by'") }
            self.unit = unit
            if unit == "quarters" { (count, self.unit) = (count * 3, "months") }
            return
        }
        guard value.length == 1, value.isNumeric, let number = try value.asDoubles().elements.first, !number.isNaN
        else {
            throw WorkbenchError(.value, "'by' is NA")
        }
        count = number
        unit = numberUnit
    }

    /// Months in the step, or nil if it is of fixed length.
    var months: Double? { unit == "months" ? count : unit == "years" ? count * 12 : nil }
    /// Seconds in the step.
    var seconds: Double { count * (secondsOfUnit[unit] ?? 1) }
}

private func registerDateSequences(_ base: Namespace) {
    base.method(
        "seq", for: "Date",
        [.value("from"), .value("to"), .value("by"), .value("length.out", nil), .value("along.with", nil), .dots]
    ) { args in
        guard args.has("from"), args["from"].length == 1 else {
            throw WorkbenchError(.value, "'from' must be of length 1")
        }
        let from = try args["from"].asDoubles()[0]
        var to: Double?
        if args.has("to"), !args["to"].isNull {
            guard args["to"].length == 1 else { throw WorkbenchError(.value, "'to' must be of length 1") }
            to = try args.context.call("as.Date", [Argument(args["to"])]).asDoubles()[0]
        }
        var count: Int?
        if !args["along.with"].isNull {
            count = args["along.with"].length
        } else if !args["length.out"].isNull {
            count = Int((try args.number("length.out")).rounded(.up))
        }
        guard args.has("by") else {
            guard let to, let count, count >= 0, count < 100_000_000 else {
                throw WorkbenchError(
                    .value, "exactly two of 'to', 'by' and 'length.out' / 'along.with' must be specified")
            }
            let step = count > 1 ? (to - from) / Double(count - 1) : 0
            return dateValue((0..<count).map { $0 == count - 1 && count > 1 ? to : from + Double($0) * step })
        }
        guard (to == nil) != (count == nil) else {
            throw WorkbenchError(.value, "exactly two of 'to', 'by' and 'length.out' / 'along.with' must be specified")
        }
        let step = try TimeStep(args["by"], numberUnit: "days")
        if let to, (step.months ?? step.seconds) == 0, from != to {
            throw try args.context.failing("seq.int", ["0", "to0 - from", "by"], "invalid '(to - from)/by'")
        }
        if let to, (to - from) * (step.months ?? step.seconds) < 0 {
            throw try args.context.failing("seq.int", ["0", "to0 - from", "by"], "wrong sign in 'by' argument")
        }
        return dateValue(try steps(from: from, to: to, count: count, step: step))
    }
    base.method(
        "cut", for: "Date",
        [
            .value("x"), .value("breaks"), .value("labels", nil), .value("start.on.monday", true),
            .value("right", false), .dots,
        ]
    ) { args in
        try cutDates(args)
    }
}

private func steps(from: Double, to: Double?, count: Int?, step: TimeStep) throws -> [Double] {
    func at(_ index: Int) -> Double {
        guard let months = step.months, let start = Calendar(days: from) else {
            return from + Double(index) * step.seconds / 86_400
        }
        var moved = start
        moved.month += Int(months) * index
        return Double(moved.days)
    }
    let size = step.months ?? step.seconds
    if let count {
        guard count >= 0, count < 100_000_000 else {
            throw WorkbenchError(.value, "'length.out' must be a non-negative number")
        }
        return (0..<count).map(at)
    }
    guard let to else { return [] }
    guard size != 0 else { return from == to ? [from] : [] }
    guard (to - from) * size >= 0 else { throw WorkbenchError(.value, "wrong sign in 'by' argument") }
    guard abs(to - from) / max(abs(step.seconds / 86_400), 1e-6) < 1e8 else {
        throw WorkbenchError(.memory, "the sequence has too many dates")
    }
    var result: [Double] = []
    var index = 0
    while true {
        let value = at(index)
        if size > 0 ? value > to + 1e-9 : value < to - 1e-9 { break }
        result.append(value)
        index += 1
    }
    return result
}

/// Intervals of equal length, as many as a number says, each named by the first date or time in it; nil for other breaks.
func cutByCount(_ args: Arguments) throws -> Value? {
    let breaks = args["breaks"]
    guard breaks.isNumeric, !breaks.isObject else { return nil }
    let x = args[0]
    let result = try args.context.call(
        "cut",
        [
            Argument(x.bare), Argument(breaks), Argument(args["labels"], name: "labels"),
            Argument(args["right"], name: "right"),
        ])
    guard args["labels"].isNull, result.isFactor else { return result }
    let codes = try result.asIntegers().elements
    let firsts = try args.context.duplicates(codes.map { ElementKeyOf($0.map { Text(String($0)) }) }, fromLast: false)
    let labels = try args.context.texts(
        of: x.pickedKeepingClass(firsts.indices.filter { !firsts[$0] }).setting(Symbol.names, nil))
    guard labels.count == result.levelTexts.count else {
        throw WorkbenchError(
            .value, "number of levels differs",
            hint: "some of the \(result.levelTexts.count) intervals hold no element; labels = … names them")
    }
    return makeFactor(codes, levels: labels)
}

private func cutDates(_ args: Arguments) throws -> Value {
    if let result = try cutByCount(args) { return result }
    let days = try args[0].asDoubles().elements
    let finite = days.filter { $0.isFinite }
    guard let first = finite.min(), let last = finite.max() else { throw WorkbenchError(.value, "no dates to cut") }
    var starts: [Double]
    if args["breaks"].inherits("Date") {
        starts = try args["breaks"].asDoubles().elements.ascending()
    } else {
        let step = try TimeStep(args["breaks"], numberUnit: "days")
        guard args["breaks"].typeName == "character", let begin = Calendar(days: first) else {
            throw WorkbenchError(.unsupported, "cut() of dates wants breaks like \"month\" or a vector of dates")
        }
        var start = first
        if step.unit == "months" { start = Double(Calendar(year: begin.year, month: begin.month).days) }
        if step.unit == "years" { start = Double(Calendar(year: begin.year).days) }
        if step.unit == "weeks" {
            start = first - Double(try args.flag("start.on.monday") ? (begin.weekday + 6) % 7 : begin.weekday)
        }
        starts = try steps(from: start, to: last, count: nil, step: step)
        let length = step.months.map { $0 * 31 } ?? step.seconds / 86_400
        starts.append((starts.last ?? start) + length)
    }
    let codes = days.map { day -> Int32? in
        guard day.isFinite, let place = starts.lastIndex(where: { $0 <= day }), place < starts.count - 1 else {
            return nil
        }
        return Int32(truncatingIfNeeded: place + 1)
    }
    if case .logical(let v) = args["labels"], v.elements == [false] { return .integer(Vector(codes)) }
    let labels: [Text?]
    if case .character(let v) = args["labels"] {
        labels = v.elements
    } else {
        labels = try args.context.texts(of: dateValue(Array(starts.dropLast())))
    }
    return makeFactor(codes, levels: labels)
}
