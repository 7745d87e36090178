import PluginAPI

/// A line that is drawn over itself: `2/5 [=====>-----] - ETA:  2s - Loss: 2.3041  - Acc: 0.0938 `.
///
/// Appears once a phase has run for a moment, is redrawn a few times a second, and leaves no trace.
final class ProgressBar {
    /// Steps there will be, nil if not known.
    var total: Int?
    private let width: Int
    private let showsETA: Bool
    private let delay: Double
    private let interval: Double
    private let clock: () -> Double
    private let write: (String) -> Void
    private let start: Double
    private var current = 0
    private var drawnAt: Double?
    private var drawnWidth = 0
    private var spins = 0
    /// Whether the terminal knows the escape that erases a line to its end.
    var erasesLine = false

    /// - Parameters:
    ///   - total: Steps there will be, nil if not known.
    ///   - width: Columns of the line.
    ///   - showsETA: Whether it says how long it will take.
    ///   - delay: Seconds before it appears.
    ///   - interval: Least seconds between two drawings.
    ///   - clock: Seconds; monotonic.
    init(
        total: Int?, width: Int, showsETA: Bool, delay: Double, interval: Double, clock: @escaping () -> Double,
        write: @escaping (String) -> Void
    ) {
        self.total = total
        self.width = max(20, width)
        self.showsETA = showsETA
        self.delay = delay
        self.interval = interval
        self.clock = clock
        self.write = write
        start = clock()
    }

    /// Counts; true if it is time to draw.
    func advance(to step: Int) -> Bool {
        current = step
        let now = clock()
        guard now - start >= delay else { return false }
        guard let drawnAt, let total, step < total else { return true }
        return now - drawnAt >= interval
    }

    /// Draws the line, with a text behind the bar.
    func draw(_ text: String) {
        let now = clock()
        drawnAt = now
        let line = total.map { bar($0, now, text) } ?? spinner(now, text)
        let columns = line.unicodeScalars.count
        write("\r" + line + String(repeating: " ", count: max(0, drawnWidth - columns)))
        drawnWidth = columns
    }

    /// Blanks the line, if it was drawn.
    func clear() {
        guard drawnAt != nil else { return }
        // The terminal itself may have written "^C" behind the bar.
        write("\r" + String(repeating: " ", count: max(width, drawnWidth)) + "\r" + (erasesLine ? "\u{1B}[K" : ""))
        drawnAt = nil
        drawnWidth = 0
    }

    private func bar(_ total: Int, _ now: Double, _ text: String) -> String {
        var tail = "]"
        if showsETA { tail += " - ETA: " + ProgressBar.vague(remaining(total, now)).leftPadded(to: 3) }
        if !text.isEmpty { tail += " - " + text }
        let head = "\(current)/\(total) ["
        let room = max(0, width - head.unicodeScalars.count - tail.unicodeScalars.count)
        let share = total > 0 ? min(1, Double(current) / Double(total)) : 1
        let done = min(room, Int((Double(room) * share).rounded(.toNearestOrEven)))
        var middle = String(repeating: "=", count: done)
        if done > 0, current < total { middle = String(repeating: "=", count: done - 1) + ">" }
        return head + middle + String(repeating: "-", count: room - done) + tail
    }

    private func spinner(_ now: Double, _ text: String) -> String {
        let signs = ["-", "\\", "|", "/"]
        let sign = signs[spins % signs.count]
        spins += 1
        let rate = now > start ? Double(current) / (now - start) : 0
        let line = "\(current)/unk [\(sign)] - Rate: \(numberText(rate, digits: 2)) iter/s"
        return text.isEmpty ? line : line + " - " + text
    }

    private func remaining(_ total: Int, _ now: Double) -> Double {
        guard current > 0 else { return 0 }
        return (now - start) / Double(current) * Double(max(0, total - current))
    }

    /// `12s`, `3m`, `2h`, `4d`: one unit, rounded.
    static func vague(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e9 else { return "?" }
        if seconds < 50 { return "\(Int(seconds.rounded()))s" }
        if seconds < 50 * 60 { return "\(Int((seconds / 60).rounded()))m" }
        if seconds < 23 * 3600 { return "\(Int((seconds / 3600).rounded()))h" }
        return "\(Int((seconds / 86400).rounded()))d"
    }
}
