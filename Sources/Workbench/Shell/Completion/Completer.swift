import Diagnostics
import Glibc
import PluginAPI
import Session

/// A moment after which completion gives up.
struct Deadline {
    private let end: Double

    /// A deadline from now.
    init(milliseconds: Double) { end = monotonicSeconds() + milliseconds / 1000 }

    /// The time is over.
    var isOver: Bool { monotonicSeconds() > end }
}

/// Finds what can stand at the cursor. Runs no R code: promises that are not forced and active bindings stay as they are.
struct Completer {
    /// One thing to offer.
    struct Candidate: Equatable {
        /// What is put into the text.
        var insert: String
        /// What the list shows.
        var label: String
        /// In one word what it is.
        var kind: String
        /// Appended if it is the only one.
        var suffix = ""
    }

    let context: Context
    let deadline: Deadline

    /// How Tab changes the text, given all of it before the cursor.
    func edit(_ typed: String) -> CompletionEdit {
        let point = CompletionPoint(typed)
        if point.prefix.isEmpty, point.kind == .name, isIndentation(typed) { return CompletionEdit(insert: "  ") }
        let found = candidates(point)
        guard let first = found.first else { return CompletionEdit() }
        let prefix = point.kind.isFile ? FileNames.partial(point.prefix) : point.prefix
        if found.count == 1 { return replacement(of: prefix, by: first.insert + first.suffix) }
        var common = Array(first.insert.unicodeScalars)
        for candidate in found.dropFirst() {
            let other = Array(candidate.insert.unicodeScalars)
            var length = 0
            while length < min(common.count, other.count), common[length] == other[length] { length += 1 }
            common.removeSubrange(length...)
        }
        if common.count > prefix.unicodeScalars.count {
            return replacement(of: prefix, by: String(String.UnicodeScalarView(common)))
        }
        return CompletionEdit(listing: CompletionListing(found, width: context.console.width).text)
    }

    private func replacement(of prefix: String, by text: String) -> CompletionEdit {
        if text.unicodeScalars.starts(with: prefix.unicodeScalars) {
            let rest = text.unicodeScalars.dropFirst(prefix.unicodeScalars.count)
            return CompletionEdit(insert: String(rest))
        }
        return CompletionEdit(remove: prefix.unicodeScalars.count, insert: text)
    }

    /// Only blanks before the cursor on its line.
    private func isIndentation(_ typed: String) -> Bool {
        for byte in typed.utf8.reversed() {
            if byte == UInt8(ascii: "\n") { return true }
            if byte != 0x20, byte != 0x09 { return false }
        }
        return true
    }

    /// What can stand at a point: arguments first, then by name.
    func candidates(_ point: CompletionPoint) -> [Candidate] {
        switch point.kind {
        case .nothing: return []
        case .file(let quote):
            return FileNames(context: context, deadline: deadline).candidates(point.prefix, quote: quote)
        case .export(let namespace):
            guard let environment = context.registry.existingNamespace(namespace)?.environment else {
                return sorted(
                    context.pluginFolders.help(of: namespace).filter { fits($0.name, point.prefix) }.map {
                        Candidate(insert: $0.name, label: $0.name, kind: $0.kind)
                    })
            }
            return sorted(names(in: environment, point.prefix))
        case .member(let steps):
            guard let object = value(of: steps) else { return [] }
            return sorted(members(of: object).filter { fits($0.name, point.prefix) }.map { candidate($0) })
        case .name where point.isPackage: return packages(point.prefix)
        case .name:
            let arguments = point.call.map { self.arguments(of: $0, point.prefix) } ?? []
            if point.prefix.isEmpty { return arguments }
            var found = keywords.filter { $0.hasPrefix(point.prefix) }.map {
                Candidate(insert: $0, label: $0, kind: "keyword")
            }
            for environment in context.searchPath.environments {
                if deadline.isOver { return [] }
                found += names(in: environment, point.prefix)
            }
            for namespace in context.registry.namespaces where namespace.name.hasPrefix(point.prefix) {
                found.append(
                    Candidate(insert: namespace.name + "::", label: namespace.name + "::", kind: "namespace"))
            }
            return arguments + sorted(found)
        }
    }

    /// What `library()` can attach: namespaces, and plug-ins that are installed.
    private func packages(_ prefix: String) -> [Candidate] {
        let namespaces = context.registry.namespaces.map {
            Candidate(insert: $0.name, label: $0.name, kind: "namespace")
        }
        let plugins = context.pluginFolders.names().map { Candidate(insert: $0, label: $0, kind: "plug-in") }
        return sorted((namespaces + plugins).filter { fits($0.insert, prefix) })
    }

    private var keywords: [String] {
        ["TRUE", "FALSE", "NULL", "NA", "Inf", "NaN", "function", "while", "repeat", "break", "next"]
    }

    private func sorted(_ candidates: [Candidate]) -> [Candidate] {
        var seen: Set<String> = []
        return candidates.filter { seen.insert($0.insert).inserted }.ordered { Text($0.label) < Text($1.label) }
    }

    private func fits(_ name: String, _ prefix: String) -> Bool {
        guard name.utf8.starts(with: prefix.utf8) else { return false }
        return !prefix.isEmpty || name.utf8.first != UInt8(ascii: ".")
    }

    private func names(in environment: Environment, _ prefix: String) -> [Candidate] {
        environment.names().compactMap { symbol in
            guard fits(symbol.name, prefix), isSyntacticName(symbol.name) else { return nil }
            let kind = environment.local(symbol).map { self.kind($0) } ?? ""
            return Candidate(insert: symbol.name, label: symbol.name, kind: kind)
        }
    }

    private func candidate(_ completion: Completion) -> Candidate {
        let name = isSyntacticName(completion.name) ? completion.name : "`\(completion.name)`"
        let kind = completion.kind.isEmpty ? completion.value().map { self.kind($0) } ?? "" : completion.kind
        return Candidate(insert: name, label: name, kind: kind)
    }

    // MARK: Values

    private func value(of steps: [CompletionPoint.Step]) -> Value? {
        var current: Value?
        for step in steps {
            switch step {
            case .variable(let name): current = known(context.globalEnvironment.lookup(Symbol.named(name)))
            case .qualified(let namespace, let name):
                current = known(context.registry.existingNamespace(namespace)?.environment.local(Symbol.named(name)))
            case .member(let name): current = current.flatMap { member(name, of: $0) }
            case .element(let index): current = current.flatMap { element(index, of: $0) }
            }
            if current == nil { return nil }
        }
        return current
    }

    /// The value behind a slot, if it is there without running anything.
    private func known(_ slot: Value?) -> Value? {
        switch slot {
        case .promise(let promise)?: return promise.value
        case .activeBinding?, .dots?, .missing?, nil: return nil
        case .some(let value): return value
        }
    }

    private func member(_ name: String, of value: Value) -> Value? {
        members(of: value).first { $0.name == name }?.value()
    }

    private func element(_ index: Int, of value: Value) -> Value? {
        switch value {
        case .list(let list): return index <= list.count ? list[index - 1] : nil
        case .object: return member(String(index), of: value)
        default: return nil
        }
    }

    /// Of an object what it says itself goes before what its classes have.
    private func members(of value: Value) -> [Completion] {
        let own: [Completion]
        switch value {
        case .list: own = value.elementCompletions
        case .environment(let environment): own = environment.completions
        case .object(let object): own = object.completions
        default: own = []
        }
        return own + context.registry.memberLists.members(of: value, context)
    }

    /// In one word what a value is.
    private func kind(_ value: Value) -> String {
        switch value {
        case .promise(let promise): return promise.value.map { kind($0) } ?? "promise"
        case .activeBinding: return "active"
        case .dots, .missing: return ""
        case .closure, .builtin: return "function"
        case .object(let object):
            // A module can be called, but what matters is which one it is.
            if object.isCallable, !(object is Module) { return "function" }
            return object.classes.first?.string ?? "object"
        default: return value.classAttribute?.first?.string ?? value.typeName
        }
    }

    // MARK: Arguments

    private func arguments(of call: CompletionPoint.EnclosingCall, _ prefix: String) -> [Candidate] {
        guard let formals = value(of: call.function)?.formals else { return argumentsOfPlugin(call, prefix) }
        return zip(formals.names, formals.defaults).compactMap { name, fallback in
            guard name !== Symbol.dots, fits(name.name, prefix), !call.given.contains(name.name) else { return nil }
            let text = fallback.isMissing ? "" : defaultText(fallback)
            return Candidate(insert: name.name + " = ", label: name.name + " = " + text, kind: "argument")
        }
    }

    /// Arguments of a function of a plug-in that is not loaded: `gelu::nn_gelu(`.
    private func argumentsOfPlugin(_ call: CompletionPoint.EnclosingCall, _ prefix: String) -> [Candidate] {
        guard call.function.count == 1, case .qualified(let namespace, let name) = call.function[0],
            context.registry.existingNamespace(namespace) == nil,
            let page = context.pluginFolders.help(of: namespace).first(where: { $0.name == name })
        else { return [] }
        return page.parameters.compactMap { parameter in
            guard parameter.name != "...", fits(parameter.name, prefix), !call.given.contains(parameter.name) else {
                return nil
            }
            return Candidate(
                insert: parameter.name + " = ", label: parameter.name + " = " + (parameter.fallback ?? ""),
                kind: "argument")
        }
    }

    private func defaultText(_ value: Value) -> String {
        if case .symbol(let symbol) = value { return symbol.name }
        let text = context.deparse(value).joined(separator: " ")
        return text.unicodeScalars.count > 30 ? String(text.unicodeScalars.prefix(29)) + "…" : text
    }
}

/// A name that needs no backticks.
func isSyntacticName(_ name: String) -> Bool {
    let bytes = Array(name.utf8)
    guard let first = bytes.first else { return false }
    func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte >= 0x80
    }
    func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    guard isLetter(first) || first == UInt8(ascii: ".") else { return false }
    if first == UInt8(ascii: "."), bytes.count > 1, isDigit(bytes[1]) { return false }
    return bytes.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_") }
}

extension CompletionPoint.Kind {
    /// A file name is completed.
    var isFile: Bool {
        if case .file = self { return true }
        return false
    }
}
