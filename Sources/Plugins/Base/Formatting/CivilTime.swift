import Glibc
import RRuntime

/// A day and time of day in the proleptic Gregorian calendar.
struct CivilTime {
    var year = 1970
    var month = 1
    var day = 1
    var hour = 0
    var minute = 0
    var second = 0.0
    /// Minutes east of Greenwich.
    var offset = 0
    /// Name of the zone.
    var zone = "UTC"

    /// Days since 1970-01-01.
    var days: Int { Calendar(year: year, month: month, day: day).days }

    /// 0 for Sunday.
    var weekday: Int { ((days % 7) + 11) % 7 }

    /// 1 for the first of January.
    var dayOfYear: Int { days - CivilTime(year: year).days + 1 }

    init(year: Int = 1970, month: Int = 1, day: Int = 1) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// The day so many days after 1970-01-01; nil if it is out of any sensible range.
    init?(days: Double) {
        guard let date = Calendar(days: days) else { return nil }
        (year, month, day) = (date.year, date.month, date.day)
    }

    /// The time so many seconds after 1970-01-01 00:00 UTC, seen from a zone ("" is the machine's).
    init?(seconds: Double, zone: String) {
        guard seconds.isFinite, abs(seconds) < 1e15 else { return nil }
        let whole = seconds.rounded(.down)
        var offsetSeconds = 0
        var name = zone
        switch zone {
        case "UTC", "GMT": break
        case "":
            var moment = time_t(whole)
            var parts = tm()
            localtime_r(&moment, &parts)
            offsetSeconds = parts.tm_gmtoff
            name = parts.tm_zone.map { String(cString: $0) } ?? "UTC"
        default:
            if let rule = TimeZoneFile.read(zone) {
                (offsetSeconds, name) = rule.offset(at: Int(whole))
            }
        }
        let local = whole + Double(offsetSeconds)
        self.init(days: (local / 86_400).rounded(.down))
        let rest = Int(local - (local / 86_400).rounded(.down) * 86_400)
        hour = rest / 3600
        minute = rest % 3600 / 60
        second = Double(rest % 60) + (seconds - whole)
        offset = offsetSeconds / 60
        self.zone = name
    }

    private static let monthNames = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let dayNames = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    /// The time as C's strftime writes it, with R's `%OS3` for fractions of seconds.
    func formatted(_ format: String) -> String {
        var result = ""
        var scalars = Array(format.unicodeScalars)[...]
        func two(_ number: Int) -> String { number < 10 && number >= 0 ? "0\(number)" : "\(number)" }
        func space(_ number: Int) -> String { number < 10 ? " \(number)" : "\(number)" }
        while let scalar = scalars.popFirst() {
            guard scalar == "%", let letter = scalars.popFirst() else {
                result.unicodeScalars.append(scalar)
                continue
            }
            switch letter {
            case "Y": result += String(year)
            case "m": result += two(month)
            case "d": result += two(day)
            case "e": result += space(day)
            case "H": result += two(hour)
            case "I": result += two((hour + 11) % 12 + 1)
            case "k": result += space(hour)
            case "l": result += space((hour + 11) % 12 + 1)
            case "M": result += two(minute)
            case "S": result += two(Int(second))
            case "O":
                guard scalars.first == "S" else { continue }
                scalars.removeFirst()
                var places = 0
                if let digit = scalars.first, let number = Int(String(digit)) {
                    places = number
                    scalars.removeFirst()
                }
                result += secondsText(places)
            case "F": result += formatted("%Y-%m-%d")
            case "T": result += formatted("%H:%M:%S")
            case "R": result += formatted("%H:%M")
            case "D", "x": result += formatted("%m/%d/%y")
            case "X": result += formatted("%H:%M:%S")
            case "c": result += formatted("%a %b %e %H:%M:%S %Y")
            case "r": result += formatted("%I:%M:%S %p")
            case "y": result += two(((year % 100) + 100) % 100)
            case "C": result += two(year / 100)
            case "B": result += CivilTime.monthNames[month - 1]
            case "b", "h": result += String(CivilTime.monthNames[month - 1].prefix(3))
            case "A": result += CivilTime.dayNames[weekday]
            case "a": result += String(CivilTime.dayNames[weekday].prefix(3))
            case "u": result += String(weekday == 0 ? 7 : weekday)
            case "w": result += String(weekday)
            case "p": result += hour < 12 ? "AM" : "PM"
            case "P": result += hour < 12 ? "am" : "pm"
            case "j":
                let text = String(dayOfYear)
                result += String(repeating: "0", count: 3 - text.count) + text
            case "U": result += two((dayOfYear - 1 + 7 - weekday) / 7)
            case "W": result += two((dayOfYear - 1 + 7 - (weekday + 6) % 7) / 7)
            case "V": result += two(isoWeek.week)
            case "G": result += String(isoWeek.year)
            case "Z": result += zone
            case "z":
                let size = abs(offset)
                result += (offset < 0 ? "-" : "+") + two(size / 60) + two(size % 60)
            case "s": result += String(days * 86_400 + hour * 3600 + minute * 60 + Int(second) - offset * 60)
            case "n": result += "\n"
            case "t": result += "\t"
            case "%": result += "%"
            default: result += "%" + String(Character(letter))
            }
        }
        return result
    }

    /// Seconds with decimals, cut off and not rounded.
    private func secondsText(_ places: Int) -> String {
        let whole = Int(second)
        let text = whole < 10 ? "0\(whole)" : "\(whole)"
        guard places > 0 else { return text }
        var scale = 1.0
        for _ in 0..<min(places, 6) { scale *= 10 }
        let digits = String(Int(((second - Double(whole)) * scale + 1e-6).rounded(.down)))
        return text + "." + String(repeating: "0", count: max(0, min(places, 6) - digits.count)) + digits
    }

    private var isoWeek: (year: Int, week: Int) {
        let thursday = days - (weekday + 6) % 7 + 3
        guard let middle = CivilTime(days: Double(thursday)) else { return (year, 1) }
        return (middle.year, (middle.dayOfYear - 1) / 7 + 1)
    }
}

/// The rules of a time zone as the system keeps them (TZif).
struct TimeZoneFile {
    private var transitions: [Int] = []
    private var kinds: [Int] = []
    private var offsets: [Int] = []
    private var names: [String] = []

    /// Reads the rules of a zone; nil if the system has none of that name.
    static func read(_ zone: String) -> TimeZoneFile? {
        guard !zone.contains(".."), !zone.hasPrefix("/") else { return nil }
        let file = open("/usr/share/zoneinfo/" + zone, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
        guard count > 44 else { return nil }
        return TimeZoneFile(Array(bytes.prefix(count)))
    }

    private init?(_ bytes: [UInt8]) {
        func number(_ place: Int, _ size: Int) -> Int {
            guard place + size <= bytes.count else { return 0 }
            var value: UInt64 = bytes[place] >= 0x80 ? UInt64.max : 0
            for byte in bytes[place..<(place + size)] { value = value << 8 | UInt64(byte) }
            return Int(truncatingIfNeeded: value)
        }
        guard bytes.starts(with: Array("TZif".utf8)) else { return nil }
        func counts(_ start: Int) -> [Int] { (0..<6).map { number(start + 20 + 4 * $0, 4) } }
        var start = 0
        var size = 4
        if bytes[4] >= UInt8(ascii: "2") {
            let first = counts(0)
            start = 44 + first[3] * 5 + first[4] * 6 + first[5] + first[2] * 8 + first[1] + first[0]
            size = 8
        }
        guard start + 44 <= bytes.count else { return nil }
        let header = counts(start)
        let (timeCount, typeCount, nameCount) = (header[3], header[4], header[5])
        var place = start + 44
        guard timeCount >= 0, typeCount > 0, nameCount >= 0,
            place + timeCount * (size + 1) + typeCount * 6 + nameCount <= bytes.count
        else { return nil }
        transitions = (0..<timeCount).map { number(place + $0 * size, size) }
        place += timeCount * size
        kinds = (0..<timeCount).map { Int(bytes[place + $0]) }
        place += timeCount
        let nameStart = place + typeCount * 6
        for type in 0..<typeCount {
            offsets.append(number(place + type * 6, 4))
            let from = nameStart + Int(bytes[place + type * 6 + 5])
            let end = bytes[min(from, bytes.count)...].firstIndex(of: 0) ?? bytes.count
            names.append(String(decoding: bytes[min(from, end)..<end], as: UTF8.self))
        }
    }

    /// Seconds east of Greenwich and the zone's abbreviation at a time.
    func offset(at seconds: Int) -> (Int, String) {
        var kind = 0
        if let after = transitions.firstIndex(where: { $0 > seconds }) {
            kind = after > 0 ? kinds[after - 1] : 0
        } else if let last = kinds.last {
            kind = last
        }
        guard kind < offsets.count else { return (0, "UTC") }
        return (offsets[kind], names[kind])
    }
}
