import Diagnostics
import PluginAPI

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
    case .list(let list):
        return try list.elements.flatMap { element -> [String] in
            if element.isNull { return [] }
            if case .symbol(let symbol) = element { return [symbol.name] }
            guard element.isAtomic, element.length == 1 else {
                throw WorkbenchError(
                    .type, "argument \(position) (type 'list') cannot be handled by 'cat'",
                    hint: "unlist() it, or print() it")
            }
            return try catTexts(element, position, args)
        }
    default:
        throw WorkbenchError(
            .type, "argument \(position) (type '\(value.typeName)') cannot be handled by 'cat'", hint: "print() it")
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

    var result = ""
    var width = 0
    var lineCount = 0
    var written = 0
    func label() {
        guard fillWidth > 0, !labels.isEmpty else { return }
        let text = labels[lineCount % labels.count] + " "
        result += text
        width += DisplayWidth.of(text)
        lineCount += 1
    }
    // A separator that breaks the line stands directly behind its text; fill breaks lines before what does not fit.
    var texts: [String] = []
    do {
        for (index, argument) in args.dots.enumerated() {
            texts += try catTexts(argument.value, index + 1, args)
        }
    } catch {
        // What came before the argument that cannot be written is written all the same.
        try emit(joined(texts, sep) + (texts.isEmpty || sep.isEmpty ? "" : sep[(texts.count - 1) % sep.count]), args)
        throw error
    }
    guard fillWidth > 0 else {
        try emit(joined(texts, sep), args)
        return .null
    }
    for text in texts {
        let separator = sep.isEmpty ? "" : sep[written % sep.count]
        let columns = DisplayWidth.of(text)
        if written == 0 {
            label()
        } else if width + columns + DisplayWidth.of(separator) > fillWidth {
            result += "\n"
            width = 0
            label()
        }
        result += text
        width += columns
        written += 1
        if written < texts.count {
            result += separator
            width += DisplayWidth.of(separator)
        }
    }
    if width > 0 { result += "\n" }
    try emit(result, args)
    return .null
}

private func joined(_ texts: [String], _ sep: [String]) -> String {
    guard !sep.isEmpty else { return texts.joined() }
    if sep.count == 1 { return texts.joined(separator: sep[0]) }
    var result = ""
    for (index, text) in texts.enumerated() {
        result += text
        if index + 1 < texts.count { result += sep[index % sep.count] }
    }
    // With several separators of which one breaks lines, the last one stands at the end.
    if sep.contains(where: { $0.contains("\n") }), !texts.isEmpty, texts.count % sep.count == 0, sep.count > 1 {
        result += ""
    }
    return result
}

private func emit(_ text: String, _ args: Arguments) throws {
    if case .character(let v) = args["file"], v.elements.first.flatMap({ $0 })?.isEmpty ?? false {
        args.context.console.write(text)
        return
    }
    try writeOutput(text, to: args["file"], append: try args.flag("append"), args)
}
