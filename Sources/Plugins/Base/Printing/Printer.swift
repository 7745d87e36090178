import Diagnostics
import FormatValues
import RRuntime
import TextValues

/// Writes values to the console as R's `print.default` does.
///
/// The tag is where in a nested list the value stands (`$a[[2]]`): printed above each element.
final class Printer {
    let context: Context
    let environment: Environment
    var settings: PrintSettings
    var tag = ""
    private var depth = 0
    private var buffer = ""

    init(_ context: Context, _ environment: Environment, _ settings: PrintSettings) {
        self.context = context
        self.environment = environment
        self.settings = settings
    }

    /// Adds text to what ``flush()`` writes.
    func write(_ text: String) {
        buffer += text
        if buffer.utf8.count > 1 << 16 { flush() }
    }

    /// Writes what has come together; needed before other code prints.
    func flush() {
        if buffer.isEmpty { return }
        context.console.write(buffer)
        buffer = ""
    }

    /// Prints a value by its class's method, else as it is.
    func printByClass(_ value: Value) throws {
        guard value.isObject || value.isFunction else { return try printValue(value) }
        if case .builtin = value { return try printValue(value) }
        flush()
        _ = try context.call("print", [Argument(value)], environment: environment)
    }

    /// Prints a value without regard to its class, then its attributes.
    func printValue(_ value: Value) throws {
        depth += 1
        defer { depth -= 1 }
        if depth > 1000 { throw WorkbenchError(.value, "the list is nested too deeply to be printed") }
        switch value {
        case .null: write("NULL\n")
        case .logical, .integer, .double, .complex, .character, .raw: try printAtomic(value)
        case .list(let list): try printList(value, list)
        case .expression: write(deparsed(value) + "\n")
        case .symbol(let symbol):
            write((isSyntacticName(symbol.name) ? symbol.name : "`\(symbol.name)`") + "\n")
        case .call: write(deparsed(value.bare) + "\n")
        case .closure(let closure): printClosure(closure)
        case .builtin: write(functionText(value, context) + "\n")
        case .environment(let environment): write(environmentText(environment) + "\n")
        case .object(let object): write("<\(object.classes.first?.string ?? "object")>\n")
        case .missing: write("\n")
        case .promise, .activeBinding, .dots: write("<\(value.typeName)>\n")
        }
        try printAttributes(value)
    }

    private func deparsed(_ value: Value) -> String {
        var options = DeparseOptions()
        options.useSource = settings.useSource && context.options.flag("keep.source")
        return context.deparse(value, options).joined(separator: "\n")
    }

    private func printAtomic(_ value: Value) throws {
        // A method may have left the sizes of another length behind.
        if let dim = value.dim, dim.reduce(1, { $0.multipliedReportingOverflow(by: $1).partialValue }) == value.length {
            let dimnames = Dimnames(value, dim)
            switch dim.count {
            case 1:
                if let names = dimnames.labels[0], value.length > 0 {
                    if let title = dimnames.titles[0] { write(title + "\n") }
                    printNamed(value, names)
                } else if value.length == 0 {
                    printEmpty(value)
                } else {
                    printUnnamed(value)
                }
            case 2: printMatrix(value, dim[0], dim[1], dimnames)
            default: printArray(value, dim, dimnames)
            }
            return
        }
        guard value.length > 0 else { return printEmpty(value) }
        if let names = value.names, names.count == value.length {
            printNamed(value, names)
        } else {
            printUnnamed(value)
        }
    }

    private func printEmpty(_ value: Value) {
        let kind = value.typeName == "double" ? "numeric" : value.typeName
        write((value.names != nil ? "named " : "") + "\(kind)(0)\n")
    }

    /// How many of the elements are shown: one more than the limit costs no line that says so.
    private func shownCount(_ count: Int) -> Int {
        count - 1 <= settings.max ? count : max(0, settings.max)
    }

    /// Elements with the position of the first in brackets before each line.
    func printUnnamed(_ value: Value) {
        let count = value.length
        let shown = shownCount(count)
        let cells = Cells(value, 0..<shown, settings)
        printIndexed(cells, count: shown)
        omitted(count - shown)
    }

    /// Texts with positions in brackets.
    func printIndexed(_ cells: Cells, count: Int) {
        let labelWidth = digitCount(count) + 2
        let step = cells.width + settings.gap
        var column = labelWidth
        write("[1]".leftPadded(to: labelWidth))
        for (index, text) in cells.texts.enumerated() {
            if index > 0, column + step > settings.width {
                write("\n" + "[\(index + 1)]".leftPadded(to: labelWidth))
                column = labelWidth
            }
            write(blanks(settings.gap) + text.fitted(to: cells.width, left: cells.isText && !settings.right))
            column += step
        }
        write("\n")
    }

    /// Elements below their names.
    func printNamed(_ value: Value, _ names: [Text?]) {
        let count = value.length
        let shown = shownCount(count)
        let cells = Cells(value, 0..<shown, settings)
        let labels = names.prefix(shown).map { $0.map { escaped($0.string, quote: nil) } ?? "<NA>" }
        let width = labels.reduce(cells.width) { max($0, DisplayWidth.of($1)) }
        let perLine = max(1, settings.width / (width + settings.gap))
        let gap = blanks(settings.gap)
        var start = 0
        while start < shown {
            let end = min(start + perLine, shown)
            for index in start..<end {
                write((index < labels.count ? labels[index] : "").fitted(to: width, left: false) + gap)
            }
            write("\n")
            if case .complex = value {
                // R pads complex numbers to their own width only.
                write(cells.texts[start..<end].joined(separator: gap))
            } else {
                for index in start..<end { write(cells.texts[index].fitted(to: width, left: false) + gap) }
            }
            write("\n")
            start = end
        }
        omitted(count - shown)
    }

    private func omitted(_ count: Int) {
        if count > 0 { write(" [ reached getOption(\"max.print\") -- omitted \(count) entries ]\n") }
    }

    private func printClosure(_ closure: Closure) {
        write(functionText(.closure(closure), context, useSource: settings.useSource) + "\n")
        let home = closure.environment
        if home !== context.globalEnvironment { write(environmentText(home) + "\n") }
    }

    // MARK: Attributes

    private func printAttributes(_ value: Value) throws {
        guard let entries = value.attributes?.entries else { return }
        if case .object = value { return }
        let isArray = value.dim != nil
        let isFactor = value.inherits("factor")
        let isFrame = value.inherits("data.frame")
        let outer = tag
        for (name, content) in entries {
            switch name.name {
            case "names": if !isArray, value.isVector { continue }
            case "dim", "dimnames": if isArray { continue }
            case "levels" where isFactor, "class" where isFactor:
                continue
            case "row.names" where isFrame: continue
            case "srcref", "comment", "wholeSrcref", "srcfile": continue
            case ".Environment":
                if case .call = value { continue }
            case "class":
                if case .call = value { continue }
            default: break
            }
            let label = "attr(,\"\(name.name)\")"
            tag = label
            write(label + "\n")
            if name === Symbol.rowNames {
                try printValue(expandedRowNames(content))
            } else {
                try printElement(content)
            }
        }
        tag = outer
    }

    /// A value inside another one: by its class's method, which starts with no tag of its own.
    func printElement(_ value: Value) throws {
        if value.isObject {
            try printByClass(value)
        } else {
            let saved = settings
            try printValue(value)
            settings = saved
        }
    }
}

/// Number of decimal digits of a count.
func digitCount(_ count: Int) -> Int { String(max(count, 1)).utf8.count }

/// `row.names` written out where they are kept as a count.
func expandedRowNames(_ value: Value) -> Value {
    guard case .integer(let v) = value, v.count == 2, v[0] == nil, let count = v[1] else { return value }
    let rows = Int(count.magnitude)
    return .ints(rows > 0 ? Array(1...rows) : [])
}
