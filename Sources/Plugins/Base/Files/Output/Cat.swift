import Diagnostics
import FormatValues
import RRuntime
import TextValues

func registerCat(_ base: Namespace) {
    base.function(
        "cat",
        [
            .dots, .value("file", ""), .value("sep", " "), .value("fill", false), .value("labels", nil),
            .value("append", false),
        ], help: "Writes values one after the other, as bare text.", visible: false
    ) { args in try cat(args) }
}

/// The texts that `cat` writes for one argument.
private func catTexts(_ value: Value, _ position: Int, _ args: Arguments) throws -> [String] {
    switch value {
    case .null: return []
    case .character(let v): return v.elements.map { $0?.string ?? "NA" }
    case .logical(let v): return v.elements.map { $0.map { $0 ? "TRUE" : "FALSE" } ?? "NA" }
    case .integer(let v): return v.elements.map { $0.map { String($0) } ?? "NA" }
    case .double(let v):
        let settings = PrintSettings(args.context)
        return v.elements.map { catNumber($0, settings) }
    case .complex(let v):
        let settings = PrintSettings(args.context)
        return v.elements.map { ComplexFormat([$0], settings).text($0, settings) }
    case .raw(let v): return v.elements.map(rawText)
    case .symbol(let symbol): return [symbol.name]
    default:
        if value.length == 0 { return [] }
        throw WorkbenchError(
            .type, "argument \(position) (type '\(value.typeName)') cannot be handled by 'cat'",
            hint: value.inherits("torch_tensor")
                ? "as.numeric(x) or x$item() give its numbers; print(x) shows it" : "print() it")
    }
}

/// A number with up to seven significant digits, on its own.
func catNumber(_ value: Double, _ settings: PrintSettings) -> String {
    let text = NumberFormat(CollectionOfOne(value), digits: settings.digits, scipen: settings.scipen).text(value)
    return decimalMarked(text, settings.decimalMark)
}

private func cat(_ args: Arguments) throws -> Value {
    guard case .character(let separators) = args["sep"] else {
        throw WorkbenchError(.value, "invalid 'sep' specification")
    }
    let sep = separators.elements.map { $0?.string ?? "NA" }
    var fillWidth = 0
    switch args["fill"] {
    case .logical(let v):
        if v.elements.first == true { fillWidth = PrintSettings(args.context).width }
    case let number:
        fillWidth = try number.asIntegers().elements.first.flatMap { $0.map { Int($0) } } ?? 0
        if fillWidth <= 0 {
            try args.context.warn("non-positive 'fill' argument will be ignored", call: args.call)
            fillWidth = 0
        }
    }
    var labels: [String] = []
    if case .character(let v) = args["labels"] { labels = v.elements.map { $0?.string ?? "NA" } }

    // A separator comes before every argument but the first that is not NULL, even before one without elements.
    var writer = CatWriter(separators: sep, fillWidth: fillWidth, labels: labels)
    for (index, argument) in args.dots.enumerated() {
        if index > 0, !argument.value.isNull { writer.separate() }
        let texts: [String]
        do {
            texts = try catTexts(argument.value, index + 1, args)
        } catch {
            // What came before is written all the same.
            try emit(writer.result, args)
            throw error
        }
        for (place, text) in texts.enumerated() {
            if place > 0 { writer.separate() }
            writer.add(text)
        }
    }
    if fillWidth > 0 || sep.contains(where: { $0.utf8.contains(UInt8(ascii: "\n")) }) { writer.result += "\n" }
    try emit(writer.result, args)
    return .null
}

/// Texts in a row, with separators, broken into lines where `fill` asks for it.
private struct CatWriter {
    let separators: [String]
    let fillWidth: Int
    let labels: [String]
    var result = ""
    private var width = 0
    private var lines = 0
    private var separated = 0

    init(separators: [String], fillWidth: Int, labels: [String]) {
        self.separators = separators
        self.fillWidth = fillWidth
        self.labels = labels
    }

    private var next: String { separators.isEmpty ? "" : separators[separated % separators.count] }

    mutating func separate() {
        result += next
        separated += 1
    }

    mutating func add(_ text: String) {
        guard fillWidth > 0 else {
            result += text
            return
        }
        let columns = DisplayWidth.of(text) + DisplayWidth.of(next)
        if width > 0, width + columns > fillWidth {
            result += "\n"
            width = 0
        }
        if width == 0, !labels.isEmpty {
            let label = labels[lines % labels.count] + " "
            result += label
            width += DisplayWidth.of(label)
            lines += 1
        }
        result += text
        width += columns
    }
}

private func emit(_ text: String, _ args: Arguments) throws {
    if case .character(let v) = args["file"], v.elements.first.flatMap({ $0 })?.isEmpty ?? false {
        args.context.console.write(text)
        return
    }
    try writeOutput(text, to: args["file"], append: try args.flag("append"), args)
}
