import Diagnostics
import FormatValues
import RRuntime
import TextValues

func registerStr(_ utils: Namespace) {
    utils.function(
        "str",
        [
            .value("object"), .value("max.level", code: "NA"), .value("vec.len", 4), .value("digits.d", 3),
            .value("nchar.max", 128), .value("give.attr", true), .value("give.head", true),
            .value("give.length", code: "give.head"), .value("width", code: "getOption(\"width\")"),
            .value("nest.lev", 0), .value("indent.str", code: "paste(rep.int(\" \", nest.lev + 1), collapse = \"..\")"),
            .value("comp.str", "$ "), .value("no.list", false), .value("list.len", 99), .dots,
        ], help: "Shows the structure of a value in one line an element.", dispatch: .generic, visible: false
    ) { args in try str(args) }
    utils.function(
        "ls.str", [.value("pos", code: "parent.frame()"), .dots], help: "Structures of all variables.", visible: false
    ) { args in
        var home = args.environment
        if case .environment(let environment) = args[0] { home = environment }
        let writer = StrWriter(args.context, args.environment, StrSettings(args.context))
        for name in home.names().map({ $0.text }).inByteOrder() where !name.string.hasPrefix(".") {
            guard let value = try args.context.variable(Symbol.named(name), in: home) else { continue }
            writer.write("\(name.string) : ")
            try writer.show(value)
        }
        writer.flush()
        return .null
    }
}

/// The arguments of `str`.
struct StrSettings {
    var maxLevel: Int?
    var vectorLength = 4.0
    var vectorLengthGiven = false
    var digits = 3
    var maxCharacters = 128
    var giveAttributes = true
    var giveHead = true
    var giveLength = true
    /// Set for the columns of a data frame: attributes below still show lengths.
    var isFrameColumn = false
    var width = 80
    var level = 0
    var indent = " "
    var component = "$ "
    var noList = false
    var listLength = 99

    init(_ context: Context) { width = PrintSettings(context).width }

    init(_ args: Arguments) throws {
        self.init(args.context)
        if args.has("max.level"), let level = try args["max.level"].asIntegers().elements.first, let level {
            maxLevel = Int(level)
        }
        vectorLength = min(max(try args.number("vec.len"), 0), 1e9)
        vectorLengthGiven = vectorLength != 4
        digits = min(max(try args.int("digits.d"), 1), 22)
        maxCharacters = try args.int("nchar.max")
        giveAttributes = try args.flag("give.attr")
        giveHead = try args.flag("give.head")
        giveLength = args.has("give.length") ? try args.flag("give.length") : giveHead
        if args.has("width") { width = try args.int("width") }
        level = min(max(try args.int("nest.lev"), 0), 1000)
        if args.has("indent.str") {
            indent = try args.string("indent.str")
        } else {
            indent = Array(repeating: " ", count: max(0, level + 1)).joined(separator: "..")
        }
        component = try args.string("comp.str")
        noList = try args.flag("no.list")
        listLength = try args.int("list.len")
    }

    /// The settings for something inside.
    var nested: StrSettings {
        var copy = self
        copy.level += 1
        copy.indent += " .."
        copy.component = "$ "
        copy.noList = false
        // R hands the number of elements on, so that the width no longer decides.
        copy.vectorLengthGiven = true
        return copy
    }
}

private func str(_ args: Arguments) throws -> Value {
    let writer = StrWriter(args.context, args.environment, try StrSettings(args))
    try writer.show(try args.required("object"))
    writer.flush()
    return .null
}

/// Writes structures.
final class StrWriter {
    let context: Context
    let environment: Environment
    var settings: StrSettings
    private var buffer = ""

    init(_ context: Context, _ environment: Environment, _ settings: StrSettings) {
        self.context = context
        self.environment = environment
        self.settings = settings
    }

    func write(_ text: String) { buffer += text }

    func flush() {
        context.console.write(buffer)
        buffer = ""
    }

    /// Something inside the value shown, with settings of its own; classes with a `str` method use it.
    func showInside(_ value: Value, _ inner: StrSettings) throws {
        if inner.level > 500 { throw WorkbenchError(.value, "the value is nested too deeply for str()") }
        if value.isObject, let method = try userMethod(value, inner) {
            write(method)
            return
        }
        let outer = settings
        settings = inner
        defer { settings = outer }
        try show(value)
    }

    /// What a method registered for the class writes, or nil if there is none.
    private func userMethod(_ value: Value, _ inner: StrSettings) throws -> String? {
        var result: Value?
        let call = Call("str", [value])
        var arguments = [
            Argument(value), Argument(.string(inner.indent), name: "indent.str"),
            Argument(.int(inner.level), name: "nest.lev"),
            Argument(.flag(inner.giveLength), name: "give.length"),
            Argument(.flag(inner.giveAttributes), name: "give.attr"),
        ]
        if let level = inner.maxLevel { arguments.append(Argument(.int(level), name: "max.level")) }
        let text = try context.console.capturing {
            result = try context.dispatch(
                Symbol.named("str"), on: value, arguments, call: call, environment: environment)
        }
        return result == nil ? nil : text
    }

    func show(_ value: Value) throws {
        switch value {
        case .null: write(" NULL\n")
        case .closure, .builtin:
            showFunction(value)
            try showAttributes(value, without: ["srcref", "names"])
        case .list(let list):
            if value.inherits("POSIXlt") { return try showTimes(value) }
            try showList(value, list)
        case .object, .environment: try showReference(value)
        case .logical, .integer, .double, .complex, .character, .raw:
            if value.inherits("factor") {
                try showFactor(value)
            } else if value.inherits("Date") || value.inherits("POSIXt"), value.length > 0 {
                try showTimes(value)
            } else {
                try showAtomic(value)
            }
        default: try showCode(value)
        }
    }

    private func showFunction(_ value: Value) {
        var parameters = ""
        switch value {
        case .closure(let closure): parameters = parameterText(closure.formals, context)
        case .builtin(let builtin): parameters = parameterText(builtin.formals, context)
        default: break
        }
        write("function (" + parameters + ")  \n")
    }

    // MARK: Lists

    private func showList(_ value: Value, _ list: ListVector) throws {
        let isFrame = value.inherits("data.frame")
        var hidden = ["names"]
        var inner = settings.nested
        if isFrame {
            let others = (value.classAttribute ?? []).filter { $0 != Text("data.frame") }.map { $0.string }
            if !others.isEmpty {
                write("Classes " + others.map { "‘\($0)’" }.joined(separator: ", ") + " and ")
            }
            let count = list.count
            write(
                "'data.frame':\t\(rowCount(value)) obs. of  \(count) variable\(count == 1 ? "" : "s")"
                    + (count > 0 ? ":" : "") + "\n")
            hidden += ["class", "row.names"]
            inner.giveLength = settings.level > 0
            inner.isFrameColumn = true
        } else {
            inner.giveLength = settings.giveLength
            if list.isEmpty {
                write((value.names != nil ? " Named list()" : " list()") + "\n")
            } else if !settings.noList {
                write("List of \(list.count)\n")
            } else {
                hidden.append("class")
            }
        }
        if settings.maxLevel.map({ settings.level < $0 }) ?? true, !list.isEmpty {
            let names = value.names
            let width = (names ?? []).reduce(0) { max($0, DisplayWidth.of($1?.string ?? "NA")) }
            for (index, element) in list.elements.prefix(max(0, settings.listLength)).enumerated() {
                let name = (names?[index]?.string ?? (names == nil ? "" : "NA")).fitted(to: width, left: true)
                write(settings.indent + settings.component + name + ":")
                try showInside(element, inner)
            }
            if list.count > settings.listLength { write(settings.indent + " [list output truncated]\n") }
        }
        try showAttributes(value, without: hidden)
    }

    func showAttributes(_ value: Value, without hidden: [String]) throws {
        guard settings.giveAttributes else { return }
        for (name, content) in value.attributes?.entries ?? [] where !hidden.contains(name.name) {
            write(settings.indent + "- attr(*, \"\(name.name)\")=")
            var inner = settings.nested
            inner.giveLength = settings.giveLength || settings.isFrameColumn
            inner.isFrameColumn = false
            try showInside(name === Symbol.rowNames ? expandedRowNames(content) : content, inner)
        }
    }

    // MARK: Others

    private func showReference(_ value: Value) throws {
        switch value {
        case .environment(let environment):
            if let classes = value.classAttribute { write(classText(classes)) }
            write((value.classAttribute == nil ? "" : "") + environmentText(environment) + " \n")
            try showAttributes(value, without: ["class", "names"])
        case .object(let object):
            let classes = object.classes
            write(classText(classes) + "<\(classes.first?.string ?? "object")> \n")
        default: break
        }
    }

    private func classText(_ classes: [Text]) -> String {
        "Class\(classes.count > 1 ? "es" : "") '" + classes.map { $0.string }.joined(separator: "', '") + "' "
    }

    private func showCode(_ value: Value) throws {
        switch value {
        case .symbol(let symbol): write(" symbol \(symbol.name)\n")
        case .missing: write(" symbol \n")
        case .call:
            if value.inherits("formula") {
                write("Class 'formula' ")
                let lines = context.deparse(value.bare)
                write(" language " + lines.joined(separator: " ") + "\n")
                var inner = settings
                inner.indent += " .."
                let outer = settings
                settings = inner
                defer { settings = outer }
                try showAttributes(value, without: ["class"])
                return
            }
            let lines = context.deparse(value.bare)
            write(" language " + codeText(lines) + "\n")
        case .expression(let list):
            write(
                "  expression("
                    + list.elements.map { context.deparse($0).joined(separator: " ") }.joined(separator: ", ") + ")\n")
        default: write(" <\(value.typeName)>\n")
        }
        try showAttributes(value, without: ["names", "srcref", "wholeSrcref", "srcfile"])
    }

    /// Lines of code on one line; a block keeps its braces, what is too much gives way to dots.
    private func codeText(_ lines: [String]) -> String {
        var parts = lines
        var limit = Int((0.5 * settings.vectorLength).rounded(.toNearestOrEven))
        if parts.count > 1, parts[0] == "{", parts[parts.count - 1] == "}" {
            limit += 2
            if parts.count >= 3 {
                let body = parts[1..<(parts.count - 1)].map { line in
                    " " + line.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
                }
                parts = [parts[0], body.joined(separator: ";"), parts[parts.count - 1]]
            }
        }
        let shown = parts.prefix(limit).joined(separator: " ")
        return shown + (parts.count > limit ? " ..." : "")
    }
}
