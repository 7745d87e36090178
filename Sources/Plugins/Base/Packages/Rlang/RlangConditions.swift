import Diagnostics
import LanguageValues
import RRuntime

/// `abort`, `warn`, `inform`, `signal`: conditions with bullets, classes and fields.
func registerRlangConditions(_ rlang: Namespace) {
    rlang.function(
        "abort",
        [
            .value("message", nil), .value("class", nil), .dots, .value("call"), .value("body", nil),
            .value("footer", nil), .value("trace", nil), .value("parent", nil), .value("use_cli_format", nil),
            .value(".internal", false), .value(".file", nil), .value(".frame"), .value(".trace_bottom", nil),
        ], help: "Ends with an error that has classes, fields and a message of several lines"
    ) { args in
        let context = args.context
        var call = context.frame(of: args.environment)?.call
        switch args["call"] {
        case .missing: break
        case .call(let given): call = given
        case .environment(let environment): call = context.frame(of: environment)?.call
        default: call = nil
        }
        var text = try bulletText(args)
        let parent = args["parent"]
        if isCondition(parent) {
            text += context.causes(of: makeCondition("", call: nil, classes: []).causedBy(parent))
        }
        throw try context.raise(
            try condition(text, ["rlang_error", "error", "condition"], call, parent, args))
    }
    rlang.function(
        "warn",
        [
            .value("message", nil), .value("class", nil), .dots, .value("call"), .value("parent", nil),
            .value(".frequency", "always"), .value(".frequency_id", nil),
        ],
        help: "A warning with classes and a message of several lines", visible: false
    ) { args in
        let text = try bulletText(args)
        try args.context.warn(
            try condition(text, ["rlang_warning", "warning", "condition"], nil, args["parent"], args))
        return .string(text)
    }
    rlang.function(
        "inform",
        [
            .value("message", nil), .value("class", nil), .dots, .value("call"), .value("parent", nil),
            .value(".frequency", "always"), .value(".frequency_id", nil), .value(".file", nil),
        ],
        help: "A message with classes, of several lines", visible: false
    ) { args in
        let text = try bulletText(args) + "\n"
        try args.context.message(
            try condition(text, ["rlang_message", "message", "condition"], nil, args["parent"], args))
        return .null
    }
    rlang.function(
        "cnd_message", [.value("cnd"), .dots, .value("inherit", true), .value("prefix", false)],
        help: "The text of a condition with those of the errors that caused it"
    ) { args in
        let condition = try args.required("cnd")
        guard isCondition(condition) else {
            throw WorkbenchError(.type, "`cnd` must be a condition, not \(args.describe(condition))")
        }
        let width = args.context.options["cli.width"].flatMap { try? $0.asDoubles().elements.first } ?? 80
        var text = wrapped(condition.conditionMessage, condition, width)
        if try args.flag("inherit") { text += args.context.causes(of: condition) }
        return .string(text)
    }
    rlang.function("cnd_signal", [.value("cnd")], help: "Signals a condition as what it is") { args in
        let condition = try args.required("cnd")
        if condition.inherits("error") { throw try args.context.raise(condition) }
        if condition.inherits("warning") {
            try args.context.warn(condition)
        } else if condition.inherits("message") {
            try args.context.message(condition)
        } else {
            try args.context.signal(condition)
        }
        return .null
    }
    rlang.function(
        "signal", [.value("message", ""), .value("class"), .dots, .value(".file", nil), .value("call", nil)],
        help: "Shows a condition with classes to the handlers; goes on if none of them takes it", visible: false
    ) { args in
        try args.context.signal(try condition(try bulletText(args), ["condition"], nil, .null, args))
        return .null
    }
    rlang.function("interrupt", [], help: "Interrupts as Ctrl-C does", visible: false) { args in
        try args.context.signal(makeCondition("", call: nil, classes: ["interrupt", "condition"]))
        throw Interrupt()
    }
    rlang.function("format_error_bullets", [.value("x")], help: "Lines with a mark in front, by their names") { args in
        .string(bullets(try args["x"].asCharacters().elements, args["x"].names, first: false))
    }
}

private func condition(
    _ text: String, _ classes: [String], _ call: Call?, _ parent: Value, _ args: Arguments
) throws -> Value {
    let own = try args["class"].asCharacters().elements.compactMap { $0?.string }
    var fields: [(String, Value)] = [
        ("message", .string(text)), ("call", call.map { .call($0) } ?? .null),
    ]
    if !parent.isNull, !parent.isMissing { fields.append(("parent", parent)) }
    for argument in args.dots { fields.append((argument.name?.name ?? "", argument.value)) }
    return Value.named(fields).setting(Symbol.classAttribute, .strings(own + classes))
}

private func bulletText(_ args: Arguments) throws -> String {
    let message = args["message"]
    let lines = try args.context.asCharacters(message).elements
    return bullets(lines, message.names, first: true)
}

/// The first line as it is, the others with the mark that their name asks for.
private func bullets(_ lines: [Text?], _ names: [Text?]?, first: Bool) -> String {
    lines.enumerated().map { place, line in
        let text = line?.string ?? "NA"
        let name = (names.flatMap { place < $0.count ? $0[place] : nil })?.string ?? ""
        if place == 0, first, name.isEmpty { return text }
        switch name {
        case "i": return "\u{2139} " + text
        case "x": return "\u{2716} " + text
        case "v": return "\u{2714} " + text
        case "!": return "! " + text
        case ">": return "\u{2192} " + text
        case " ": return "  " + text
        case "*": return "\u{2022} " + text
        default: return names == nil ? "\u{2022} " + text : text
        }
    }.joined(separator: "\n")
}

/// The text of an error of the tidyverse's kind in lines of at most `width` letters; those of others stay as they are.
private func wrapped(_ text: String, _ condition: Value, _ width: Double) -> String {
    guard condition.inherits("rlang_error") else { return text }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
        guard Double(line.unicodeScalars.count) > width else { return String(line) }
        var rows: [String] = []
        for word in line.split(separator: " ") {
            if let last = rows.last, Double(last.unicodeScalars.count + 1 + word.unicodeScalars.count) <= width {
                rows[rows.count - 1] = last + " " + word
            } else {
                rows.append(String(word))
            }
        }
        return rows.joined(separator: "\n")
    }
    return lines.joined(separator: "\n")
}
