import Diagnostics
import RRuntime
import TextValues

/// `txtProgressBar`, `setTxtProgressBar`, `getTxtProgressBar`.
func registerTextProgress(_ utils: Namespace, _ base: Namespace) {
    utils.function(
        "txtProgressBar",
        [
            .value("min", 0), .value("max", 1), .value("initial", 0), .value("char", "="),
            .value("width", .number(.na)),
            .value("title"), .value("label"), .value("style", 1), .value("file", ""),
        ], help: "A bar of characters that setTxtProgressBar() moves on; close() ends its line."
    ) { args in
        let low = try args.number("min"), high = try args.number("max")
        guard high > low else {
            throw WorkbenchError(
                .value, "must have 'max' > 'min'", hint: "min = \(numberText(low)), max = \(numberText(high))")
        }
        let character = try args.string("char")
        let size = DisplayWidth.of(character)
        guard size > 0 else { throw WorkbenchError(.value, "'char' must be a non-empty string of one or more columns") }
        let style = try args.int("style")
        var width = args.context.options.int("width", 80) - (style == 3 ? 10 : 0)
        if let given = try args["width"].asDoubles().elements.first, given.isFinite {
            width = Int(max(1, min(given, 100_000)))
        } else {
            width = max(1, width / size)
        }
        let bar = TextProgress(
            low: low, high: high, character: character, size: size, width: width,
            style: (1...3).contains(style) ? style : 1, file: args["file"])
        try bar.move(to: try args.number("initial"), args)
        return .object(bar)
    }
    utils.function(
        "setTxtProgressBar", [.value("pb"), .value("value"), .value("title", nil), .value("label", nil)],
        help: "Moves a bar on; returns where it was.", visible: false
    ) { args in
        let bar = try bar(args, "pb")
        let before = bar.value
        if let value = try args.required("value").asDoubles().elements.first { try bar.move(to: value, args) }
        return .number(before)
    }
    utils.function("getTxtProgressBar", [.value("pb")], help: "Where a bar is.") { args in
        .number(try bar(args, "pb").value)
    }
    base.method("close", for: "txtProgressBar", [.value("con"), .dots], visible: false) { args in
        try bar(args, "con").close(args)
        return .null
    }
    base.method("print", for: "txtProgressBar", [.value("x"), .dots], visible: false) { args in
        let bar = try bar(args, "x")
        args.context.console.write(
            "<txtProgressBar> \(numberText(bar.value)) of \(numberText(bar.low)) … \(numberText(bar.high))\n")
        return args[0]
    }
}

private func bar(_ args: Arguments, _ name: String) throws -> TextProgress {
    guard case .object(let object) = try args.required(name), let bar = object as? TextProgress else {
        throw WorkbenchError(
            .type, "'\(name)' is not from class \"txtProgressBar\"", hint: "txtProgressBar(max = n) makes one")
    }
    return bar
}

/// A bar of text, in R's three styles.
final class TextProgress: ForeignObject, @unchecked Sendable {
    let low: Double
    let high: Double
    private(set) var value: Double
    private let character: String
    private let size: Int
    private let width: Int
    private let style: Int
    private let file: Value
    private var drawn = 0
    private var percent = -1
    private var isClosed = false

    init(low: Double, high: Double, character: String, size: Int, width: Int, style: Int, file: Value) {
        self.low = low
        self.high = high
        value = low
        self.character = character
        self.size = size
        self.width = width
        self.style = style
        self.file = file
    }

    override var classes: [Text] { ["txtProgressBar"] }
    override var typeName: String { "list" }

    /// Draws the bar for a value; one outside of the range changes nothing.
    func move(to new: Double, _ args: Arguments) throws {
        guard new.isFinite, new >= low, new <= high, !isClosed else { return }
        value = new
        let share = (new - low) / (high - low)
        let cells = Int((Double(width) * share).rounded(.toNearestOrEven))
        func bar(_ count: Int) -> String { String(repeating: character, count: max(0, count)) }
        func blanks(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }
        switch style {
        case 3:
            let now = Int((100 * share).rounded(.toNearestOrEven))
            guard cells != drawn || now != percent else { return }
            percent = now
            let number = String(now)
            try write("\r  |" + blanks(size * width + 6), args)
            try write(
                "\r  |" + bar(cells) + blanks(size * (width - cells)) + "| " + blanks(3 - number.utf8.count) + number
                    + "%",
                args)
        case 2:
            try write((drawn <= cells ? "" : "\r" + blanks(drawn * size)) + "\r" + bar(cells), args)
        default:
            if cells > drawn {
                try write(bar(cells - drawn), args)
            } else if cells < drawn {
                try write("\r" + blanks(drawn * size) + "\r" + bar(cells), args)
            }
        }
        drawn = cells
    }

    /// Ends the line, once.
    func close(_ args: Arguments) throws {
        guard !isClosed else { return }
        isClosed = true
        try write("\n", args)
    }

    private func write(_ text: String, _ args: Arguments) throws {
        _ = try args.context.call("cat", [Argument(.string(text)), Argument(file, name: "file")])
    }

    override func visitReferences(_ visit: (Value) -> Void) { visit(file) }
}
