import Diagnostics
import Glibc
import PluginAPI
import Tensors

/// `plugin.json` in the folder of a plug-in.
///
/// Written in R: `{"name": "smooth", "version": "0.1.0", "script": "smooth.R"}`. Compiled:
/// `{"name": "gelu", "version": "0.1.0", "api": 6, "oldestApi": 6, "compiler": "Swift 6.3.1", "library": "gelu.so",
/// "provides": [{"kind": "layer", "namespace": "gelu", "name": "nn_gelu", "help": "…", "parameters": [{"name": "x",
/// "default": "1", "help": "…"}]}]}`.
///
/// `name` is what `library(NAME)` asks for and the name of the folder, `api` the number of the plug-in interface it was
/// built against, `oldestApi` the oldest one its source builds against. `provides`, written by `workbench plugin build`
/// from what the plug-in really registers, gives help, completion and conflicts of names without loading it.
struct PluginDescriptor {
    /// What a plug-in consists of.
    enum Code {
        /// A file of R code.
        case script(String)
        /// A shared object, with what it was built against; `compiler` is empty in older ones.
        case library(String, api: Int, oldestAPI: Int, compiler: String)
    }

    /// Something that it registers.
    struct Provided {
        var kind: Registration.Kind
        var namespace: String
        var name: String
        /// First line is the summary.
        var help: String
        var parameters: [(name: String, fallback: String?, help: String)]
        /// Hooks of a callback, where the descriptor names them.
        var hooks: [String] = []
    }

    let name: String
    let version: String
    /// The folder, or the file of a plug-in that is a single one.
    let path: String
    let code: Code
    var provides: [Provided] = []
    /// The descriptor lists what is provided; one that was written by hand may leave it to the library.
    var isListed = false

    /// `plug-in gelu 0.1.0`.
    var title: String { "plug-in \(name) \(version)" }

    /// It is a shared object.
    var isCompiled: Bool {
        if case .library = code { return true }
        return false
    }

    /// Its file of R code, nil for a shared object.
    var script: String? {
        if case .script(let path) = code { return path }
        return nil
    }

    /// A plug-in that is a single file of R code: `NAME.R`, whose first comments may say `#' @version 0.2.0`.
    init(script path: String, name: String) {
        self.name = name
        self.path = path
        code = .script(path)
        let start = contents(of: path, limit: 1 << 24).map { String(decoding: $0.prefix(1 << 14), as: UTF8.self) } ?? ""
        let comments = start.split(separator: "\n").prefix { $0.hasPrefix("#") || $0.isEmpty }
        let versions = comments.compactMap { line in
            line.firstRange(of: "@version ").map { line[$0.upperBound...].prefix { $0 != " " } }
        }
        version = versions.first.map { inOneLine(String($0)) } ?? "0.0.0"
    }

    /// Reads it from a folder.
    /// - Throws: when the file cannot be read, is no JSON, or lacks an entry: names the file and the entry.
    init(folder: String) throws {
        let path = folder + "/plugin.json"
        let json = try PluginDescriptor.json(path)
        func text(_ key: String) -> String? { json.text(key).flatMap { $0.isEmpty ? nil : $0 } }
        func entry(_ key: String, or other: String? = nil) throws -> String {
            if let text = text(key) { return text }
            throw WorkbenchError(
                .data, "\(path) has no text \"\(key)\"" + (other.map { " or \"\($0)\"" } ?? ""),
                hint: "it needs name and version, and script (R), or api and library (compiled)")
        }
        /// A build writes it and `remove` deletes it: it must be neither a source nor a file elsewhere.
        func file(_ name: String, _ what: String, ending: String) throws -> String {
            guard name.hasSuffix(ending), isPluginName(String(name.dropLast(ending.count))) else {
                throw WorkbenchError(
                    .data, "\(path): the \(what) \"\(name)\" must be a file in the same folder that ends in \(ending)",
                    hint: "a letter, then letters, digits, . and _, then \(ending)")
            }
            return folder + "/" + name
        }
        name = try entry("name")
        version = try entry("version")
        self.path = folder
        if let script = text("script") {
            code = .script(try file(script, "script", ending: ".R"))
            return
        }
        let library = try file(try entry("library", or: "script"), "library", ending: ".so")
        func number(_ key: String) throws -> Int? {
            guard let value = json[key] else { return nil }
            guard case .number(let number) = value, let whole = Int(exactly: number) else {
                throw WorkbenchError(
                    .data, "\(path) has no whole number \"\(key)\"", hint: "this workbench has API \(pluginABI)")
            }
            return whole
        }
        guard let api = try number("api") else {
            throw WorkbenchError(
                .data, "\(path) has no whole number \"api\"", hint: "this workbench has API \(pluginABI)")
        }
        code = .library(
            library, api: api, oldestAPI: try number("oldestApi") ?? api, compiler: text("compiler") ?? "")
        if let list = json["provides"] {
            provides = try PluginDescriptor.provided(list, path)
            isListed = true
        }
    }

    /// The tree of a descriptor.
    static func json(_ path: String) throws -> JSON {
        let text = try readContents(
            of: path, limit: 1 << 20,
            hint: "the folder of a plug-in has a plugin.json; workbench plugin new NAME writes one")
        do {
            return try JSON(String(decoding: text, as: UTF8.self))
        } catch {
            throw WorkbenchError(.data, "\(path) is no plug-in descriptor: \(inOneLine("\(error)"))")
        }
    }

    /// What `provides` lists.
    /// - Throws: for what is no such list, kinds and hooks that do not exist: with the nearest that does.
    static func provided(_ list: JSON, _ path: String) throws -> [Provided] {
        func wrong(_ message: String, hint: String? = nil) -> WorkbenchError {
            WorkbenchError(.data, "\(path): \(message)", hint: hint ?? "workbench plugin build writes \"provides\"")
        }
        guard case .array(let entries) = list else { throw wrong("\"provides\" is no list") }
        return try entries.map { entry in
            guard let name = entry.text("name"), let namespace = entry.text("namespace"),
                let word = entry.text("kind")
            else { throw wrong("an entry of \"provides\" lacks kind, namespace or name") }
            guard let kind = Registration.Kind(rawValue: word) else {
                throw wrong(
                    "\"\(word)\" is no kind of \(name)",
                    hint: didYouMean(word, among: Registration.Kind.allCases.map { $0.rawValue }))
            }
            var provided = Provided(
                kind: kind, namespace: namespace, name: name, help: entry.text("help") ?? "", parameters: [])
            if case .array(let parameters)? = entry["parameters"] {
                provided.parameters = try parameters.map { parameter in
                    guard let name = parameter.text("name") else { throw wrong("a parameter of \(name) has no name") }
                    return (name, parameter.text("default"), parameter.text("help") ?? "")
                }
            }
            if case .array(let hooks)? = entry["hooks"] {
                provided.hooks = try hooks.map { hook in
                    guard case .string(let hook) = hook else { throw wrong("a hook of \(name) is no text") }
                    guard TrainingEvent(rawValue: hook) != nil else {
                        let error = TrainingEvent.unknown(inOneLine(hook), in: "a hook of \(name)")
                        throw wrong(error.message, hint: error.hint)
                    }
                    return hook
                }
            }
            return provided
        }
    }
}

extension JSON {
    /// A text in a file of somebody else's, fit to be printed: it must not move the cursor of a terminal.
    fileprivate func text(_ key: String) -> String? {
        guard case .string(let text)? = self[key] else { return nil }
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { inOneLine(String($0), most: 10_000) }
            .joined(separator: "\n")
    }
}

extension PluginDescriptor.Provided {
    /// As `plugin.json` has it.
    var json: JSON {
        var members: [(key: String, value: JSON)] = [
            ("kind", .string(kind.rawValue)), ("namespace", .string(namespace)), ("name", .string(name)),
            ("help", .string(help)),
            (
                "parameters",
                .array(
                    parameters.map { parameter in
                        .object(
                            [("name", .string(parameter.name))]
                                + (parameter.fallback.map { [("default", .string($0))] } ?? [])
                                + (parameter.help.isEmpty ? [] : [("help", .string(parameter.help))]))
                    })
            ),
        ]
        if !hooks.isEmpty { members.append(("hooks", .array(hooks.map { .string($0) }))) }
        return .object(members)
    }

    /// What a registration is, as a descriptor says it.
    init(_ registration: Registration, _ value: Value, _ context: Context) {
        kind = registration.kind
        namespace = registration.namespace
        name = registration.name
        help = ""
        parameters = []
        var builtin = context.registry.makers["\(namespace)::\(name)"]?.function
        if case .builtin(let function) = value { builtin = function }
        func text(_ value: Value) -> String? {
            if value.isMissing { return nil }
            if case .symbol(let symbol) = value { return symbol.name }
            return context.deparse(value).joined(separator: " ")
        }
        if let builtin {
            help = builtin.help
            parameters = zip(builtin.parameters, builtin.formals.defaults).map { ($0.name.name, text($1), $0.help) }
        } else if let formals = value.formals {
            parameters = zip(formals.names, formals.defaults).map { ($0.name, text($1), "") }
        }
    }

    /// The same names with the same parameters; help may be edited by hand.
    func agrees(with other: Self) -> Bool {
        kind == other.kind && namespace == other.namespace && name == other.name
            && parameters.map { $0.name } == other.parameters.map { $0.name }
            && parameters.map { $0.fallback } == other.parameters.map { $0.fallback }
    }
}

/// The bytes of a regular file, or nil: it cannot be read or is larger than a limit.
func contents(of path: String, limit: Int) -> [UInt8]? { try? readContents(of: path, limit: limit) }

/// The bytes of a regular file.
///
/// - Parameters:
///   - what: What the message calls it before its path: `the plug-in's library `.
///   - limit: Bytes that it may have.
/// - Throws: when it cannot be read, is no regular file (nothing is waited for), or is too large.
func readContents(of path: String, _ what: String = "", limit: Int, hint: String? = nil) throws -> [UInt8] {
    func fail(_ why: String) -> WorkbenchError { WorkbenchError(.data, "cannot read \(what)\(path)\(why)", hint: hint) }
    // A pipe of a name would be waited for until somebody writes into it.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw fail(errno == ENOENT ? "" : ": \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        throw fail(": it is no regular file")
    }
    guard status.st_size <= limit else {
        throw fail(": it has \(status.st_size) bytes, at most \(limit) are read")
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var count = 0
    while count < bytes.count {
        let more = bytes.withUnsafeMutableBytes {
            read(descriptor, $0.baseAddress.map { $0 + count }, $0.count - count)
        }
        guard more > 0 else { break }
        count += more
    }
    return Array(bytes.prefix(count))
}
