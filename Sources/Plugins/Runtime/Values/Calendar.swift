import Glibc

/// Days and times of day in the proleptic Gregorian calendar, without zones.
public struct Calendar: Sendable {
    /// Year; 0 is 1 BC.
    public var year = 1970
    /// 1 … 12
    public var month = 1
    /// 1 … 31
    public var day = 1
    /// 0 … 23
    public var hour = 0
    /// 0 … 59
    public var minute = 0
    /// 0 … 61, with fractions
    public var second = 0.0

    /// Midnight of a day.
    public init(year: Int = 1970, month: Int = 1, day: Int = 1) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// The moment so many seconds after 1970-01-01 00:00; nil beyond some million years.
    public init?(seconds: Double) {
        guard seconds.isFinite, abs(seconds) < 1e14 else { return nil }
        let days = (seconds / 86_400).rounded(.down)
        self.init(days: days)
        let rest = seconds - days * 86_400
        let whole = Int(rest.rounded(.down))
        hour = whole / 3600
        minute = whole % 3600 / 60
        second = Double(whole % 60) + (rest - rest.rounded(.down))
    }

    /// The day so many days after 1970-01-01 (fractions are dropped); nil beyond some hundred million years.
    public init?(days: Double) {
        guard days.isFinite, abs(days) < 1e11 else { return nil }
        // Years that begin in March put the odd day last (Howard Hinnant's civil_from_days).
        let shifted = Int(days.rounded(.down)) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let part = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * part + 2) / 5 + 1
        month = part < 10 ? part + 3 : part - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Days since 1970-01-01. Months beyond 12 and days beyond the month's end run over, as C's `mktime` lets them.
    public var days: Int {
        let months = month - 1
        let yearsOver = (months >= 0 ? months : months - 11) / 12
        let month = months - yearsOver * 12 + 1
        let shifted = year + yearsOver - (month <= 2 ? 1 : 0)
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468 + day - 1
    }

    /// Seconds since 1970-01-01 00:00.
    public var seconds: Double {
        Double(days) * 86_400 + Double(hour * 3600 + minute * 60) + second
    }

    /// 0 for Sunday … 6.
    public var weekday: Int { ((days % 7) + 11) % 7 }

    /// 0 for the first of January.
    public var dayOfYear: Int { days - Calendar(year: year).days }

    /// Days of a month.
    public static func length(ofMonth month: Int, year: Int) -> Int {
        Calendar(year: year, month: month + 1).days - Calendar(year: year, month: month).days
    }

    /// Names of the months in English.
    public static let monthNames = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    /// Names of the days in English, Sunday first.
    public static let dayNames = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    /// Reads a time as C's `strptime` does; text behind the format is let be.
    ///
    /// Conversions: `%Y %y %m %b %B %h %d %e %j %H %I %M %S %OS %p %F %T %R %D %a %A %z %n %t %%`. What the format does
    /// not give is today's date and midnight.
    /// - Returns: the time and, if `%z` was there, its offset from Greenwich in seconds; nil if the text does not fit.
    public static func parse(_ text: String, format: String, today: Calendar) -> (time: Calendar, offset: Int?)? {
        var reader = TimeReader(text)
        guard reader.read(Array(format.utf8)) else { return nil }
        return reader.result(today)
    }
}

/// Reads the fields of a time one after the other.
private struct TimeReader {
    private var text: ArraySlice<UInt8>
    private var year: Int?
    private var month: Int?
    private var day: Int?
    private var dayOfYear: Int?
    private var hour: Int?
    private var minute: Int?
    private var second: Double?
    private var isAfternoon: Bool?
    private var offset: Int?

    init(_ text: String) { self.text = Array(text.utf8)[...] }

    private mutating func skipBlanks() {
        while let byte = text.first, byte == 32 || (9...13).contains(byte) { text.removeFirst() }
    }

    private mutating func number(_ digits: Int, _ range: ClosedRange<Int>) -> Int? {
        skipBlanks()
        var value = 0
        var count = 0
        while count < digits, let byte = text.first, (48...57).contains(byte) {
            value = value * 10 + Int(byte - 48)
            text.removeFirst()
            count += 1
        }
        return count > 0 && range.contains(value) ? value : nil
    }

    private mutating func name(_ names: [String]) -> Int? {
        let lower = text.map { (65...90).contains($0) ? $0 + 32 : $0 }
        for (index, name) in names.enumerated() {
            for candidate in [name, String(name.prefix(3))] {
                let bytes = Array(candidate.lowercased().utf8)
                if lower.starts(with: bytes) {
                    text.removeFirst(bytes.count)
                    return index
                }
            }
        }
        return nil
    }

    mutating func read(_ format: [UInt8]) -> Bool {
        var place = 0
        while place < format.count {
            let byte = format[place]
            place += 1
            if byte == 32 || (9...13).contains(byte) {
                skipBlanks()
                continue
            }
            guard byte == UInt8(ascii: "%"), place < format.count else {
                guard text.first == byte else { return false }
                text.removeFirst()
                continue
            }
            var letter = format[place]
            place += 1
            if letter == UInt8(ascii: "O") || letter == UInt8(ascii: "E"), place < format.count {
                letter = letter == UInt8(ascii: "O") && format[place] == UInt8(ascii: "S") ? 0 : format[place]
                place += 1
                if letter == 0, place < format.count, (48...57).contains(format[place]) { place += 1 }
            }
            guard field(letter) else { return false }
        }
        return true
    }

    private mutating func field(_ letter: UInt8) -> Bool {
        switch Character(UnicodeScalar(letter)) {
        case "Y":
            year = number(4, 0...9999)
            return year != nil
        case "y":
            guard let two = number(2, 0...99) else { return false }
            year = two < 69 ? 2000 + two : 1900 + two
            return true
        case "m":
            month = number(2, 1...12)
            return month != nil
        case "b", "B", "h":
            month = name(Calendar.monthNames).map { $0 + 1 }
            return month != nil
        case "d", "e":
            day = number(2, 1...31)
            return day != nil
        case "j":
            dayOfYear = number(3, 1...366)
            return dayOfYear != nil
        case "H", "k":
            hour = number(2, 0...24)
            return hour != nil
        case "I", "l":
            hour = number(2, 1...12)
            return hour != nil
        case "M":
            minute = number(2, 0...59)
            return minute != nil
        case "S":
            second = number(2, 0...61).map { Double($0) }
            return second != nil
        case "\0":
            guard let whole = number(2, 0...61) else { return false }
            var value = Double(whole)
            if text.first == UInt8(ascii: ".") || text.first == UInt8(ascii: ",") {
                var digits = "0."
                text.removeFirst()
                while let byte = text.first, (48...57).contains(byte) {
                    digits.unicodeScalars.append(UnicodeScalar(byte))
                    text.removeFirst()
                }
                // The whole number is read at once, so that 15.5 is the nearest double to it.
                value = parseNumber(String(whole) + digits.dropFirst()) ?? value
            }
            second = value
            return true
        case "p":
            let lower = text.prefix(2).map { (65...90).contains($0) ? $0 + 32 : $0 }
            guard lower == Array("am".utf8) || lower == Array("pm".utf8) else { return false }
            isAfternoon = lower == Array("pm".utf8)
            text.removeFirst(2)
            return true
        case "a", "A": return name(Calendar.dayNames) != nil
        case "F": return read(Array("%Y-%m-%d".utf8))
        case "T": return read(Array("%H:%M:%S".utf8))
        case "R": return read(Array("%H:%M".utf8))
        case "D": return read(Array("%m/%d/%y".utf8))
        case "z":
            if text.first == UInt8(ascii: "Z") {
                text.removeFirst()
                offset = 0
                return true
            }
            guard let sign = text.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return false }
            text.removeFirst()
            guard let hours = number(2, 0...14) else { return false }
            if text.first == UInt8(ascii: ":") { text.removeFirst() }
            let minutes = number(2, 0...59) ?? 0
            offset = (sign == UInt8(ascii: "-") ? -1 : 1) * (hours * 3600 + minutes * 60)
            return true
        case "Z":
            while let byte = text.first, (65...90).contains(byte) || (97...122).contains(byte) { text.removeFirst() }
            return true
        case "n", "t":
            skipBlanks()
            return true
        case "%":
            guard text.first == letter else { return false }
            text.removeFirst()
            return true
        default: return false
        }
    }

    func result(_ today: Calendar) -> (time: Calendar, offset: Int?)? {
        var time = today
        let hasDate = year != nil || month != nil || day != nil || dayOfYear != nil
        if hasDate {
            time.year = year ?? today.year
            if let dayOfYear {
                guard let date = Calendar(days: Double(Calendar(year: time.year).days + dayOfYear - 1)) else {
                    return nil
                }
                time.month = date.month
                time.day = date.day
            } else {
                // A year alone is a day of this year's calendar; a month without a day is no date.
                time.month = month ?? today.month
                if month != nil || year == nil, day == nil { return nil }
                time.day = day ?? today.day
            }
            guard time.day <= Calendar.length(ofMonth: time.month, year: time.year) else { return nil }
        }
        var hour = self.hour ?? 0
        if let isAfternoon { hour = hour % 12 + (isAfternoon ? 12 : 0) }
        time.hour = hour
        time.minute = minute ?? 0
        time.second = second ?? 0
        return (time, offset)
    }
}
