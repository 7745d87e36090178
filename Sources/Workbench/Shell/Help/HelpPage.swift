import Diagnostics
import PluginAPI
import Session

/// The text that `?name` shows.
struct HelpPage {
    private let topic: HelpTopic
    private let context: Context

    /// A page about a topic.
    init(_ topic: HelpTopic, _ context: Context) {
        self.topic = topic
        self.context = context
    }

    /// The lines, each with its end.
    var text: String {
        if let said = context.registry.existingNamespace(topic.home)?.documentation(of: Symbol.named(topic.name)) {
            return page(said)
        }
        switch topic.value {
        case .builtin(let builtin): return page(of: builtin)
        case .closure(let closure): return page(of: closure)
        case .object(let object) where HelpTopic.constructor(of: object) != nil:
            return HelpTopic.constructor(of: object).map(page) ?? ""
        case .object(let object) where object.isCallable:
            return heading(object.classes.first?.string ?? "function") + usage(object.formals ?? .none, [])
        case .promise(let promise):
            guard let value = promise.value else { return heading("a value that is computed when it is first used") }
            return HelpPage(
                HelpTopic(name: topic.name, value: value, home: topic.home, isAttached: topic.isAttached), context
            ).text
        default: return heading(describe(topic.value))
        }
    }

    /// What a plug-in's comments say about one of its names.
    private func page(_ said: Documentation) -> String {
        let formals = topic.value.formals ?? .none
        var text = heading(said.title)
        if topic.value.isFunction {
            text += usage(
                formals,
                formals.names.map { symbol in
                    Parameter.value(symbol.name, help: said.parameters.first { $0.name == symbol.name }?.text ?? "")
                })
        }
        if !said.result.isEmpty { text += "\nValue:\n" + HelpPage.filled("  ", said.result, indent: 2, columns: room) }
        if !said.details.isEmpty { text += "\n" + said.details + "\n" }
        if case .closure(let closure) = topic.value, let span = closure.source, let file = span.source.file {
            text += "\nWritten in \(file), line \(span.position.line)\n"
        }
        return text
    }

    /// The page of something in a plug-in that is not loaded.
    static func page(of page: PluginHelp, _ context: Context) -> String {
        let function = Builtin(
            page.name, namespace: page.plugin,
            page.parameters.map { Parameter($0.name, .value, text: $0.fallback, help: $0.help) }, help: page.help
        ) { _ in .null }
        return HelpPage(
            HelpTopic(name: page.name, value: .builtin(function), home: page.plugin, isAttached: false), context
        ).text
    }

    private func page(of builtin: Builtin) -> String {
        var paragraphs = builtin.help.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        let summary = paragraphs.isEmpty ? "" : paragraphs.removeFirst()
        var text = heading(summary)
        if builtin.special == nil { text += usage(builtin.formals, builtin.parameters) }
        if let rest = paragraphs.first, !rest.isEmpty { text += "\n" + rest + (rest.hasSuffix("\n") ? "" : "\n") }
        let near = HelpTopic.all(named: topic.name, in: context).filter { $0.home != topic.home }
        for article in HelpArticle.about(topic.name) {
            text += "\n?\(article.name): \(article.title.prefix(1).lowercased())\(article.title.dropFirst())\n"
        }
        if !near.isEmpty {
            text += "\nSee also: " + near.map { "?\($0.home)::\($0.name)" }.joined(separator: ", ") + "\n"
        }
        return text
    }

    private func page(of closure: Closure) -> String {
        var text = heading(comments(before: closure) ?? "a function written in R")
        text += usage(closure.formals, [])
        if let span = closure.source, let file = span.source.file {
            text += "\nWritten in \(file), line \(span.position.line)\n"
        }
        return text
    }

    /// Name and home on the first line, then the summary.
    private func heading(_ summary: String) -> String {
        var origin = topic.home
        if case .builtin(let builtin) = topic.value, !builtin.plugin.isEmpty, builtin.plugin != topic.home {
            origin += ", plug-in \(builtin.plugin)"
        }
        if !topic.isAttached { origin += ", not attached: library(\(topic.home))" }
        let gap = max(
            2, min(80, context.console.width) - topic.name.unicodeScalars.count - origin.unicodeScalars.count - 2)
        var text = topic.name + String(repeating: " ", count: gap) + "{" + origin + "}\n"
        if !summary.isEmpty { text += "\n" + summary + "\n" }
        return text
    }

    private func usage(_ formals: Formals, _ parameters: [Parameter]) -> String {
        let name = isSyntacticName(topic.name) ? topic.name : "`\(topic.name)`"
        let arguments = zip(formals.names, formals.defaults).map { argument, fallback in
            fallback.isMissing ? argument.name : argument.name + " = " + code(fallback)
        }
        var text = "\nUsage:\n" + wrapped("  " + name + "(", arguments, ")")
        let explained = parameters.filter { !$0.help.isEmpty }
        guard !explained.isEmpty else { return text }
        let width = min(20, explained.map { $0.name.name.unicodeScalars.count }.max() ?? 0)
        text += "\nArguments:\n"
        for parameter in explained {
            let gap = max(1, width - parameter.name.name.unicodeScalars.count + 2)
            let margin = "  " + parameter.name.name + String(repeating: " ", count: gap)
            text += HelpPage.filled(margin, parameter.help, indent: width + 4, columns: room)
        }
        return text
    }

    private func code(_ value: Value) -> String {
        // A builtin's computed default is kept as text.
        if case .symbol(let symbol) = value { return symbol.name }
        return context.deparse(value).joined(separator: " ")
    }

    /// Arguments behind an opening, as many a line as fit.
    private func wrapped(_ opening: String, _ arguments: [String], _ closing: String) -> String {
        let indent = String(repeating: " ", count: min(opening.unicodeScalars.count, 16))
        var text = ""
        var line = opening
        for (place, argument) in arguments.enumerated() {
            let piece = argument + (place + 1 < arguments.count ? "," : closing)
            if line.unicodeScalars.count + piece.unicodeScalars.count + 1 > room, place > 0 {
                text += line + "\n"
                line = indent + piece
            } else {
                line += (place == 0 ? "" : " ") + piece
            }
        }
        return text + line + (arguments.isEmpty ? closing : "") + "\n"
    }

    /// Words behind an opening, in lines of at most so many columns; further lines are indented.
    static func filled(_ opening: String, _ words: String, indent: Int, columns: Int) -> String {
        var text = ""
        var line = opening
        var isFirst = true
        for word in words.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
            if !isFirst, line.unicodeScalars.count + word.unicodeScalars.count + 1 > columns {
                text += line + "\n"
                line = String(repeating: " ", count: indent) + word
            } else {
                line += (isFirst ? "" : " ") + word
            }
            isFirst = false
        }
        return text + line + "\n"
    }

    private var room: Int { HelpPage.columns(context) }

    /// Columns of a page.
    static func columns(_ context: Context) -> Int { max(40, min(100, context.console.width)) }

    private func describe(_ value: Value) -> String {
        let kind = value.classAttribute?.map(\.string).joined(separator: ", ") ?? value.typeName
        return "an object: \(kind), length \(value.length)"
    }

    /// The comment lines right above a function, without their marks.
    private func comments(before closure: Closure) -> String? {
        guard let span = closure.source else { return nil }
        var line = span.position.line - 1
        var found: [String] = []
        while line >= 1 {
            let text = span.source.line(line)
            guard text.utf8.first == UInt8(ascii: "#") else { break }
            found.insert(String(text.drop { $0 == "#" || $0 == "'" || $0 == " " }), at: 0)
            line -= 1
        }
        let text = found.filter { !$0.isEmpty }.joined(separator: "\n")
        return text.isEmpty ? nil : text
    }
}
