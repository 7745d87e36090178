/// Compares a line of output with a recorded one: text exactly, numbers within a tolerance; what changes from run to run
/// (addresses, durations, clock times, temporary paths) is left out of account.
struct ReplayComparison {
    /// Relative tolerance of numbers that are written with a point or an exponent; whole numbers must be equal.
    let tolerance: Double

    /// Whether two lines agree.
    func agree(_ expected: String, _ actual: String) -> Bool { agree(Line(expected), Line(actual)) }

    private func agree(_ expected: Line, _ actual: Line) -> Bool {
        if expected.bytes == actual.bytes { return true }
        guard expected.tokens.count == actual.tokens.count else { return false }
        return zip(expected.tokens, actual.tokens).allSatisfy { agree($0, $1) }
    }

    private func agree(_ a: Token, _ b: Token) -> Bool {
        switch (a, b) {
        case (.number(let x, let isWhole), .number(let y, let isAlsoWhole)):
            if x == y { return true }
            if isWhole, isAlsoWhole { return false }
            // What is left of a zero by rounding has no digits to compare: 1e-9 where the tolerance is 1e-5.
            return abs(x - y) <= tolerance * max(abs(x), abs(y), 1e-4)
        default: return a == b
        }
    }

    /// The differences of two lists of lines, or nil when they agree. A recorded `...` stands for any lines.
    func differences(_ expected: [String], _ actual: [String]) -> [Difference]? {
        if expected.contains("...") {
            return matches(expected.map(Line.init), actual.map(Line.init))
                ? nil : expected.map { .missing($0) } + actual.map { .extra($0) }
        }
        let changes = actual.map(Line.init).difference(from: expected.map(Line.init), by: agree)
        if changes.isEmpty { return nil }
        var removed: Set<Int> = []
        var inserted: Set<Int> = []
        for change in changes {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var result: [Difference] = []
        var old = 0
        var new = 0
        while old < expected.count || new < actual.count {
            if old < expected.count, removed.contains(old) {
                result.append(.missing(expected[old]))
                old += 1
            } else if new < actual.count, inserted.contains(new) {
                result.append(.extra(actual[new]))
                new += 1
            } else {
                if new < actual.count { result.append(.same(actual[new])) }
                old += 1
                new += 1
            }
        }
        return result
    }

    /// Whether lines are as recorded, with as few lines as possible for each `...`: where the rest does not agree, only the
    /// last one has to take one line more.
    private func matches(_ expected: [Line], _ actual: [Line]) -> Bool {
        var place = 0, line = 0
        var last: (place: Int, line: Int)?
        while line < actual.count {
            if place < expected.count, expected[place].isAnyLines {
                place += 1
                last = (place, line)
            } else if place < expected.count, agree(expected[place], actual[line]) {
                place += 1
                line += 1
            } else if let before = last {
                (place, line) = (before.place, before.line + 1)
                last = (place, line)
            } else {
                return false
            }
        }
        return expected[place...].allSatisfy { $0.isAnyLines }
    }

    /// A line of a comparison.
    enum Difference: Equatable {
        case same(String)
        case missing(String)
        case extra(String)
    }
}

// MARK: Tokens

extension ReplayComparison {
    /// A line, taken apart once: thousands of lines are compared with each other.
    private struct Line {
        let bytes: [UInt8]
        let tokens: [Token]

        init(_ text: String) {
            bytes = Array(text.utf8)
            tokens = ReplayComparison.tokens(text)
        }

        /// `...`, which stands for any lines.
        var isAnyLines: Bool { bytes.elementsEqual("...".utf8) }
    }

    /// Part of a line.
    enum Token: Equatable {
        case text([UInt8])
        case blank
        case number(Double, isWhole: Bool)
        /// Something that differs from run to run.
        case masked
    }

    /// A line in parts: words, runs of blanks (of any length, as columns widen with their numbers), numbers.
    static func tokens(_ line: String) -> [Token] {
        var scanner = LineScanner(Array(line.utf8))
        var tokens: [Token] = []
        while let token = scanner.next() { tokens.append(token) }
        if tokens.last == .blank { tokens.removeLast() }
        if tokens.first == .blank { tokens.removeFirst() }
        return tokens
    }

    private struct LineScanner {
        let bytes: [UInt8]
        var place = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        mutating func next() -> Token? {
            guard place < bytes.count else { return nil }
            let start = place
            if bytes[place] == 0x20 || bytes[place] == 0x09 {
                while place < bytes.count, bytes[place] == 0x20 || bytes[place] == 0x09 { place += 1 }
                return .blank
            }
            if let end = address() ?? temporaryPath() ?? clock() ?? duration() {
                place = end
                return .masked
            }
            if let number = number() { return number }
            if isWordByte(bytes[place]) {
                // Digits inside a word (`x2`, `conv1`) are text.
                while place < bytes.count, isWordByte(bytes[place]) { place += 1 }
            } else {
                place += 1
            }
            return .text(Array(bytes[start..<place]))
        }

        private func isWordByte(_ byte: UInt8) -> Bool {
            isDigit(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
                || byte >= 0x80
        }

        private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

        private func digits(from start: Int) -> Int {
            var end = start
            while end < bytes.count, isDigit(bytes[end]) { end += 1 }
            return end
        }

        private func has(_ text: StaticString, at start: Int) -> Bool {
            let length = text.utf8CodeUnitCount
            guard start + length <= bytes.count else { return false }
            return text.withUTF8Buffer { bytes[start..<(start + length)].elementsEqual($0) }
        }

        /// `0x55d0c8a7b2c8`
        private func address() -> Int? {
            guard has("0x", at: place) else { return nil }
            var end = place + 2
            while end < bytes.count, isDigit(bytes[end]) || (0x61...0x66).contains(bytes[end]) { end += 1 }
            return end - place >= 8 ? end : nil
        }

        /// `/tmp/Rtmpx1y2z3/file12ab`
        private func temporaryPath() -> Int? {
            guard has("/tmp/", at: place) else { return nil }
            var end = place
            while end < bytes.count, isWordByte(bytes[end]) || [0x2E, 0x2D, 0x2F].contains(bytes[end]) { end += 1 }
            return end
        }

        /// `12:34:56` and `2026-01-31`
        private func clock() -> Int? {
            for (mark, counts) in [(UInt8(ascii: ":"), [2, 2, 2]), (UInt8(ascii: "-"), [4, 2, 2])] {
                var end = place
                var fits = true
                for (part, count) in counts.enumerated() {
                    if part > 0 {
                        fits = fits && end < bytes.count && bytes[end] == mark
                        end += 1
                    }
                    guard fits, end < bytes.count, digits(from: end) - end == count else {
                        fits = false
                        break
                    }
                    end += count
                }
                if fits { return end }
            }
            return nil
        }

        /// `94ms`, `3.1s`, `1m`, `0.5 secs`
        private func duration() -> Int? {
            var end = digits(from: place)
            guard end > place else { return nil }
            if end < bytes.count, bytes[end] == UInt8(ascii: ".") { end = digits(from: end + 1) }
            for unit in ["ms", "s", "m", "h", "d", " secs", " mins", " hours", " days"] as [StaticString]
            where has(unit, at: end) {
                let after = end + unit.utf8CodeUnitCount
                if after == bytes.count || !isWordByte(bytes[after]) { return after }
            }
            return nil
        }

        private mutating func number() -> Token? {
            var end = place
            if bytes[end] == UInt8(ascii: "-") || bytes[end] == UInt8(ascii: "+") { end += 1 }
            let start = end
            end = digits(from: end)
            var count = end - start
            var isWhole = true
            if end < bytes.count, bytes[end] == UInt8(ascii: ".") {
                let fraction = digits(from: end + 1)
                if fraction > end + 1 || count > 0 {
                    count += fraction - end - 1
                    isWhole = false
                    end = fraction
                }
            }
            guard count > 0 else { return nil }
            if end < bytes.count, bytes[end] == UInt8(ascii: "e") {
                var exponent = end + 1
                if exponent < bytes.count, bytes[exponent] == 0x2B || bytes[exponent] == 0x2D { exponent += 1 }
                let last = digits(from: exponent)
                if last > exponent {
                    end = last
                    isWhole = false
                }
            }
            // `3x3` and `2L` are text.
            if end < bytes.count, isWordByte(bytes[end]) { return nil }
            // Beyond what a double can tell apart (1e400 and 1e401, 9007199254740993) digits are compared as text.
            guard let value = Double(String(decoding: bytes[place..<end], as: UTF8.self)), value.isFinite,
                !isWhole || value.magnitude < 9_007_199_254_740_992
            else { return nil }
            place = end
            return .number(value, isWhole: isWhole)
        }
    }
}
