import Diagnostics
import Language
import PluginAPI

/// What a file of R code defines, read without running it: top-level assignments, their parameters where they are
/// functions, and the comments above them.
struct ScriptedDefinitions {
    /// One of them.
    struct Definition {
        let name: String
        /// Of a function, or of the constructor of a class; nil for anything else.
        let formals: Formals?
        let documentation: Documentation
        /// What the documentation demands of arguments.
        let demands: [(name: Symbol, demand: ArgumentDemand)]
        /// The function on the right that makes it, for what is no function: `nn_module`, `luz_callback`.
        let maker: String

        /// Looks at the arguments in a frame; defaults are the author's own.
        /// - Throws: for the first that is not what the documentation demands.
        func check(_ frame: Environment, _ context: Context) throws {
            for demand in demands {
                switch frame.local(demand.name) {
                case nil, .missing?: continue
                case .promise(let promise)? where promise.isDefault: continue
                case .some(let given): try demand.demand.check(try context.forced(given), demand.name.name, context)
                }
            }
        }
    }

    let expressions: [ParsedExpression]
    let definitions: [Definition]
    /// What is written above definitions and does nothing, with its line: a demand without a colon, an argument that does
    /// not exist.
    let notes: [(line: Int, text: String)]

    /// Reads a file.
    /// - Throws: `.syntax` with file and line; what is demanded of arguments and cannot be read.
    init(_ source: SourceText) throws {
        switch parse(source) {
        case .complete(let expressions): self.expressions = expressions
        case .incomplete(_, let error), .failure(_, let error): throw error
        }
        var notes: [(line: Int, text: String)] = []
        definitions = try expressions.compactMap { expression in
            guard case .call(let call) = expression.value, call.name?.name == "<-" || call.name?.name == "=",
                call.arguments.count == 2, let name = ScriptedDefinitions.name(call.arguments[0].value)
            else { return nil }
            var formals: Formals?
            var maker = ""
            if case .call(let right) = call.arguments[1].value {
                maker = ScriptedDefinitions.maker(right)
                if maker == "function" { formals = Formals(right.arguments.first?.value ?? .null) }
                for argument in right.arguments where argument.name === Symbol.initialize {
                    guard case .call(let function) = argument.value, function.name?.name == "function" else { continue }
                    formals = Formals(function.arguments.first?.value ?? .null)
                }
            }
            let comments = ScriptedDefinitions.comments(above: expression.span)
            let (documentation, demands, lines) = try ScriptedDefinitions.read(comments, in: source)
            notes += ScriptedDefinitions.notes(documentation, formals, lines)
            return Definition(
                name: name, formals: formals, documentation: documentation, demands: demands, maker: maker)
        }
        self.notes = notes
    }

    private static func notes(
        _ documentation: Documentation, _ formals: Formals?, _ lines: [Int]
    ) -> [(line: Int, text: String)] {
        zip(documentation.parameters, lines).compactMap { parameter, line in
            let names = formals?.names.map { $0.name } ?? []
            if formals != nil, !names.contains(parameter.name), !names.contains("...") || parameter.name.isEmpty {
                let near = didYouMean(parameter.name, among: names)
                return (line, "there is no argument `\(parameter.name)`" + (near.map { ": \($0)" } ?? ""))
            }
            let first = parameter.text.split(separator: "\n").first ?? ""
            guard !first.utf8.contains(UInt8(ascii: ":")), ArgumentDemand.isLeftOpen(first) else { return nil }
            return (line, "`\(parameter.name)` is not checked: \"\(first)\" needs a colon behind it")
        }
    }

    /// A top-level expression; where it defines a class (`nn_module`, `luz_callback`, …) whose documentation demands
    /// something of arguments, `initialize` looks at them first.
    func checkingConstructors(_ expression: ParsedExpression, in namespace: Namespace) -> Value {
        guard case .call(let call) = expression.value, call.arguments.count == 2,
            let name = ScriptedDefinitions.name(call.arguments[0].value),
            let definition = definitions.first(where: { $0.name == name && $0.maker != "function" }),
            !definition.demands.isEmpty, case .call(let right) = call.arguments[1].value
        else { return expression.value }
        let arguments = right.arguments.map { argument -> Argument in
            guard argument.name === Symbol.initialize, case .call(let function) = argument.value,
                function.name?.name == "function", function.arguments.count >= 2
            else { return argument }
            let check = Builtin(
                "check", namespace: "", [.promiseDots],
                special: { _, frame, context in
                    do {
                        try definition.check(frame, context)
                    } catch let error as WorkbenchError {
                        // The call the user wrote; this one holds a function without a name.
                        throw try context.raise(error, call: context.innermostCall)
                    }
                    return .null
                }
            ) { _ in .null }
            // Saved sessions find it by this name.
            namespace.inner("\(definition.name) check", check)
            var parts = function.arguments
            let body = Call("{", [.call(Call(.builtin(check), [])), parts[1].value])
            parts[1] = Argument(.call(body))
            return Argument(.call(Call(function.function, parts, span: function.span)), name: argument.name)
        }
        let made = Call(right.function, arguments, span: right.span, attributes: right.attributes)
        return .call(
            Call(
                call.function, [call.arguments[0], Argument(.call(made))], span: call.span, attributes: call.attributes)
        )
    }

    private static func name(_ value: Value) -> String? {
        switch value {
        case .symbol(let symbol): return symbol.name
        case .character(let text): return text.elements.first.flatMap { $0 }?.string
        default: return nil
        }
    }

    /// `nn_module` of `nn_module(…)` and of `torch::nn_module(…)`.
    private static func maker(_ call: Call) -> String {
        if let name = call.name { return name.name }
        guard case .call(let inner) = call.function, inner.name?.name == "::", inner.arguments.count == 2 else {
            return ""
        }
        return name(inner.arguments[1].value) ?? ""
    }

    // MARK: Comments

    /// The comment lines right above an expression, first to last, with their numbers.
    private static func comments(above span: SourceSpan) -> [(line: Int, text: String)] {
        var line = span.position.line - 1
        var found: [(line: Int, text: String)] = []
        while line >= 1 {
            let text = span.source.line(line)
            guard text.utf8.first == UInt8(ascii: "#") else { break }
            found.insert((line, text), at: 0)
            line -= 1
        }
        return found
    }

    /// Title, details, `@param name demand: text`, `@return text`; lines go on until the next tag.
    private static func read(
        _ comments: [(line: Int, text: String)], in source: SourceText
    ) throws -> (Documentation, [(name: Symbol, demand: ArgumentDemand)], lines: [Int]) {
        var documentation = Documentation(title: "")
        var parts: [(tag: String, text: String, line: Int)] = [("", "", comments.first?.line ?? 0)]
        for (line, comment) in comments {
            var text = comment.drop { $0 == "#" }
            if text.first == "'" { text = text.dropFirst() }
            if text.first == " " { text = text.dropFirst() }
            text = inOneLine(String(text), most: 10_000)[...]
            if text.first == "@" {
                let tag = text.dropFirst().prefix { $0 != " " }
                parts.append((String(tag), String(text.dropFirst(tag.count + 1).drop { $0 == " " }), line))
            } else {
                let last = parts.count - 1
                parts[last].text += (parts[last].text.isEmpty ? "" : "\n") + text
            }
        }
        let main = parts[0].text.split(separator: "\n", omittingEmptySubsequences: false).drop { $0.isEmpty }
        documentation.title = main.first.map(String.init) ?? ""
        documentation.details = main.dropFirst().drop { $0.isEmpty }.joined(separator: "\n")
        var demands: [(name: Symbol, demand: ArgumentDemand)] = []
        var lines: [Int] = []
        for part in parts.dropFirst() {
            switch part.tag {
            case "param":
                let name = part.text.prefix { $0 != " " && $0 != "\n" }
                let text = part.text.dropFirst(name.count).drop { $0 == " " || $0 == "\n" }
                documentation.parameters.append((String(name), String(text)))
                lines.append(part.line)
                let words = text.prefix { $0 != ":" }
                guard words.count < text.count else { continue }
                if name == "...", ArgumentDemand(words) != nil {
                    let start = source.lineStarts[part.line - 1]
                    throw WorkbenchError(
                        .syntax, "nothing can be demanded of `...`, which stands for any number of arguments: \(words)",
                        hint: "name an argument of its own, or write it without the colon",
                        span: SourceSpan(source, start..<start + source.line(part.line).utf8.count))
                }
                if let demand = ArgumentDemand(words) {
                    demands.append((Symbol.named(String(name)), demand))
                } else if ArgumentDemand.isMeant(words) {
                    let start = source.lineStarts[part.line - 1]
                    throw WorkbenchError(
                        .syntax, "what is demanded of `\(name)` cannot be read: \(words)",
                        hint: "number, whole number (both also from A, from A to B, above A), one of a, b, c",
                        span: SourceSpan(source, start..<start + source.line(part.line).utf8.count))
                }
            case "return", "returns": documentation.result = part.text
            default: break
            }
        }
        return (documentation, demands, lines)
    }
}

extension PluginDescriptor {
    /// What is written in its R code above definitions and does nothing: file, line and what.
    var notes: [String] {
        guard let path = script, let bytes = contents(of: path, limit: 1 << 24),
            let found = try? ScriptedDefinitions(SourceText(String(decoding: bytes, as: UTF8.self), file: path))
        else { return [] }
        return found.notes.map { "\(path):\($0.line): \($0.text)" }
    }

    /// What the plug-in provides, as far as it can be said without loading it: from the descriptor, or from the R code.
    var signatures: [Provided] {
        guard case .script(let path) = code else { return provides }
        guard let bytes = contents(of: path, limit: 1 << 24),
            let definitions = try? ScriptedDefinitions(
                SourceText(String(decoding: bytes, as: UTF8.self), file: path)
            ).definitions
        else { return [] }
        return definitions.filter { $0.name.utf8.first != UInt8(ascii: ".") }.map { definition in
            let formals = definition.formals ?? .none
            let texts = definition.documentation
            return Provided(
                kind: ScriptedPlugin.kind(definition), namespace: name, name: definition.name,
                help: texts.title + (texts.details.isEmpty ? "" : "\n" + texts.details),
                parameters: zip(formals.names, formals.defaults).map { symbol, fallback in
                    (
                        symbol.name, fallback.isMissing ? nil : plainText(fallback),
                        texts.parameters.first { $0.name == symbol.name }?.text ?? ""
                    )
                })
        }
    }
}

/// R code of a value, for listings.
func plainText(_ value: Value) -> String {
    if case .symbol(let symbol) = value { return symbol.name }
    return deparse(value).joined(separator: " ")
}
