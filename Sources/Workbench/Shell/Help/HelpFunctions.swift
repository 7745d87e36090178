import Diagnostics
import PluginAPI
import Session

/// `?`, `help`, `help.search`, `apropos`: what one asks at the prompt.
public enum Help: Plugin {
    /// Name under which `plugins()` lists it.
    public static let name = "Help"

    /// Adds the functions to `utils`.
    public static func register(in registry: Registry) {
        let utils = registry.attachedNamespace("utils")
        registerQuestions(utils)
        registerSearch(utils)
    }

    private static func registerQuestions(_ utils: Namespace) {
        let sides: [Parameter] = [
            .promise("e1", help: "a name, package::name, or ?words for a search"), .promise("e2"),
        ]
        utils.function("?", sides, help: "Explains a function or object: ?name, ??words searches", visible: false) {
            arguments in
            let asked = arguments.expression(arguments.has("e2") ? "e2" : "e1")
            if case .call(let call) = asked, call.name?.name == "?", let words = call.arguments.first?.value {
                search(topicName(words), arguments.context)
            } else {
                try explain(asked, arguments.context)
            }
            return .null
        }
        utils.function(
            "help",
            [.promise("topic", help: "a name, quoted or not"), .promise("package", help: "where to look only")],
            help: "Explains a function or object", visible: false
        ) { arguments in
            guard arguments.has("topic") else {
                arguments.context.console.write(overview)
                return .null
            }
            let package = arguments.has("package") ? topicName(arguments.expression("package")) : nil
            try explain(arguments.expression("topic"), arguments.context, package: package)
            return .null
        }
    }

    private static func registerSearch(_ utils: Namespace) {
        utils.function(
            "help.search", [.value("pattern", help: "words")],
            help: "Lists functions whose name or summary has a word", visible: false
        ) { arguments in
            search(try arguments.string("pattern"), arguments.context)
            return .null
        }
        utils.function(
            "apropos",
            [
                .value("what", help: "a regular expression"), .value("where", false), .value("ignore.case", true),
                .value("mode", "any", help: "\"function\" for functions only"),
            ], help: "Names on the search path that match a pattern"
        ) { arguments in
            let context = arguments.context
            let pattern = try arguments.string("what")
            let mode = try arguments.string("mode")
            let ignoresCase = try arguments.flag("ignore.case")
            var names: Set<String> = []
            for environment in context.searchPath.environments {
                for symbol in environment.names() {
                    if mode == "function", environment.local(symbol)?.isFunction != true { continue }
                    names.insert(symbol.name)
                }
            }
            let all = names.map { Text($0) }.inByteOrder()
            return try context.call(
                "grep",
                [
                    Argument(.string(pattern)), Argument(.character(Vector(all.map { $0 }))),
                    Argument(.flag(ignoresCase), name: "ignore.case"), Argument(true, name: "value"),
                ])
        }
    }

    private static let overview = """
        ?name          explains a function; ?package::name where several have it
        ??word         lists what has to do with a word
        ?saving        what saves what: models, fits, values, sessions
        apropos("x")   names that contain x
        Tab            completes names, arguments, fields after $, files in quotes
        library(name)  attaches a namespace
        q()            leaves

        """

    /// A name as written: a symbol, a string, a call's function, an operator.
    private static func topicName(_ expression: Value) -> String {
        switch expression {
        case .symbol(let symbol): return symbol.name
        case .character(let text): return text.elements.first.flatMap { $0 }?.string ?? ""
        case .call(let call): return call.name?.name ?? ""
        default: return ""
        }
    }

    private static func explain(_ expression: Value, _ context: Context, package: String? = nil) throws {
        var name = topicName(expression)
        var package = package
        if case .call(let call) = expression, name == "::" || name == ":::", call.arguments.count == 2 {
            package = topicName(call.arguments[0].value)
            name = topicName(call.arguments[1].value)
        }
        let topic = HelpTopic.all(named: name, in: context, namespace: package).first
        if package == nil, !(topic?.value.isFunction ?? false), let article = HelpArticle.named(name) {
            context.console.write(article.text(columns: HelpPage.columns(context)))
            return
        }
        if let topic {
            context.console.write(HelpPage(topic, context).text)
            return
        }
        if package == nil, let namespace = context.registry.existingNamespace(name) {
            context.console.write(contents(of: namespace, context))
            return
        }
        if let package, context.registry.existingNamespace(package) == nil,
            let found = context.pluginFolders.help(of: package).first(where: { $0.name == name })
        {
            context.console.write(HelpPage.page(of: found, context))
            return
        }
        if package == nil, case let pages = context.pluginFolders.help(of: name), !pages.isEmpty {
            context.console.write("\(name): a plug-in that is not loaded, library(\(name))\n\n")
            for page in pages { context.console.write("  \(page.name)  \(page.summary)\n") }
            return
        }
        if package == nil, let plugin = context.registry.whoProvides?(name),
            let found = context.pluginFolders.help(of: plugin).first(where: { $0.name == name })
        {
            context.console.write(HelpPage.page(of: found, context))
            return
        }
        // Says it where one is blocked.
        if let package, try context.registry.loadedNamespace(package) == nil {
            let known = didYouMean(package, among: context.registry.namespaces.map(\.name))
            throw WorkbenchError(.name, "there is no package called ‘\(package)’", hint: known)
        }
        let near = didYouMean(name, among: HelpTopic.names(in: context).union(HelpArticle.all.map { $0.name }))
        try context.message("No help for '\(name)'" + (near.map { "; \($0)" } ?? "; ??\(name) searches") + "\n")
    }

    private static func contents(of namespace: Namespace, _ context: Context) -> String {
        let names = namespace.environment.names().map(\.name).filter(isSyntacticName).inByteOrder()
        var text = "\(namespace.name): \(names.count) names, ?\(namespace.name)::name explains one\n\n"
        var line = " "
        for name in names {
            if line.unicodeScalars.count + name.unicodeScalars.count + 1 > min(100, context.console.width) {
                text += line + "\n"
                line = " "
            }
            line += " " + name
        }
        return text + line + "\n"
    }

    private static func search(_ words: String, _ context: Context) {
        let wanted = words.lowercased()
        var lines: [(name: String, summary: String)] = []
        for namespace in context.registry.namespaces {
            for symbol in namespace.environment.names() {
                guard let value = namespace.environment.local(symbol), let builtin = HelpTopic.builtin(behind: value)
                else { continue }
                let summary = builtin.help.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? ""
                let isMatch =
                    symbol.name.lowercased().utf8.contains(wanted.utf8)
                    || summary.lowercased().utf8.contains(wanted.utf8)
                if isMatch, !wanted.isEmpty { lines.append(("\(namespace.name)::\(symbol.name)", summary)) }
            }
        }
        for plugin in context.pluginFolders.names()
        where !wanted.isEmpty && context.registry.existingNamespace(plugin) == nil {
            for page in context.pluginFolders.help(of: plugin)
            where [plugin, page.name, page.summary].contains(where: { $0.lowercased().utf8.contains(wanted.utf8) }) {
                lines.append(("\(plugin)::\(page.name)", "\(page.summary) (installed: library(\(plugin)))"))
            }
        }
        guard !lines.isEmpty else {
            let near = didYouMean(words, among: HelpTopic.names(in: context))
            context.console.write("Nothing about '\(words)'" + (near.map { "; \($0)" } ?? "") + "\n")
            return
        }
        lines = lines.ordered { Text($0.name) < Text($1.name) }
        let width = min(40, lines.map { $0.name.unicodeScalars.count }.max() ?? 0)
        for line in lines {
            let gap = String(repeating: " ", count: max(2, width - line.name.unicodeScalars.count + 2))
            context.console.write(line.name + (line.summary.isEmpty ? "" : gap + line.summary) + "\n")
        }
    }
}

extension Collection where Element: Equatable {
    /// Whether another sequence of elements occurs in this one.
    fileprivate func contains(_ other: some Collection<Element>) -> Bool {
        if other.isEmpty { return true }
        var start = startIndex
        while start != endIndex {
            if self[start...].starts(with: other) { return true }
            formIndex(after: &start)
        }
        return false
    }
}
