import Diagnostics
import Glibc
import PluginAPI
import Tensors

extension PluginCommand {
    /// Compiles a plug-in and writes what it registers into its descriptor; one in R is read only.
    func build(_ source: PluginSource) throws {
        guard let library = source.library else {
            try PluginProbe.tryOut(source.descriptor, .check)
            say("\(source.descriptor.title): nothing to compile, it loads\n")
            for note in source.descriptor.notes { say("warning: \(note)\n") }
            if source.descriptor.signatures.isEmpty { say("warning: it provides nothing\n") }
            return
        }
        let toolchain = try Toolchain.find()
        let files = source.files(ending: ".swift")
        guard !files.isEmpty else {
            throw WorkbenchError(
                .data, "\(source.path) has no file that ends in .swift", hint: "the sources lie beside plugin.json")
        }
        let start = monotonicSeconds()
        try toolchain.compile(files, module: source.name, to: library)
        var file = try DescriptorFile(source.path + "/plugin.json")
        try file.update(compiler: toolchain.version)
        let provides = try PluginProbe.tryOut(try PluginSource(source.path).descriptor, .describe)
        try file.update(provides: try JSON(provides))
        let report = try PluginProbe.tryOut(try PluginSource(source.path).descriptor, .check)
        say(report)
        if try PluginSource(source.path).descriptor.provides.isEmpty { say("warning: it provides nothing\n") }
        say("built \(library) in \(formatDouble(monotonicSeconds() - start, conversion: "f", precision: 1)) s\n")
    }

    /// Builds, tries everything with the Swift tests compiled in, replays the session scripts in `tests`.
    ///
    /// - Parameter updates: Write what the scripts print now into them.
    /// - Returns: 1 if a script printed something else than it said.
    func test(_ source: PluginSource, updates: Bool) throws -> Int32 {
        try refuseTakenName(source)
        try build(source)
        let source = try PluginSource(source.path)
        let swiftTests = source.files(in: "tests", ending: ".swift")
        if source.library != nil {
            try tryWithTests(source, swiftTests)
        } else {
            tryGuesses(source)
        }
        let scripts = source.files(in: "tests", ending: ".R")
        if scripts.isEmpty { say("no session scripts in \(source.path)/tests\n") }
        var status: Int32 = 0
        let folders = PluginFolders(first: (source.name, source.path))
        for script in scripts {
            let limit = try TimeLimit(seconds: TimeLimit.ofScripts)
            let report = Replay(file: script, updates: updates) { console in
                let session = makeSession(folders, console)
                session.context.interruptFlag = limit.flag
                return session
            }.run()
            let isOver = limit.end()
            say(report.text)
            if isOver, report.isInterrupted {
                status = 1
                complain(
                    "\(script) is stopped after \(numberText(limit.seconds)) seconds; WORKBENCH_TEST_SECONDS=3600 gives it more time"
                )
            }
            if !report.agrees { status = 1 }
        }
        return status
    }

    /// Tries what a plug-in in R defines with arguments and inputs that are guessed. Its session scripts decide: what fails
    /// here is said, and so is what takes longer than a probe waits.
    private func tryGuesses(_ source: PluginSource) {
        do {
            say(try PluginProbe.tryOut(source.descriptor, .test))
        } catch let error as WorkbenchError {
            say("not tried: \(source.name) (\(error.message.split(separator: "\n").joined(separator: " ")))\n")
        } catch {
            say("not tried: \(source.name) (\(inOneLine("\(error)")))\n")
        }
    }

    /// Compiles plug-in and tests together into a folder of their own and lets a probe run them.
    private func tryWithTests(_ source: PluginSource, _ tests: [String]) throws {
        guard let library = source.library else { return }
        var template = Array("/tmp/workbench-plugin-XXXXXX\0".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw WorkbenchError(.data, "cannot make a folder in /tmp: \(String(cString: strerror(errno)))")
        }
        let temporary = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
        let folder = temporary + "/" + source.name
        defer { removeTree(temporary) }
        mkdir(folder, 0o700)
        try copyFile(source.path + "/plugin.json", to: folder + "/plugin.json")
        let copy = folder + "/" + (library.split(separator: "/").last.map(String.init) ?? "")
        if tests.isEmpty {
            try copyFile(library, to: copy)
        } else {
            try Toolchain.find().compile(source.files(ending: ".swift") + tests, module: source.name, to: copy)
        }
        say(try PluginProbe.tryOut(try PluginSource(folder).descriptor, .test))
        if !tests.isEmpty { say("tests in Swift: \(tests.count) file\(tests.count == 1 ? "" : "s"), all passed\n") }
    }
}

/// `plugin.json` as it is rewritten: what the author wrote stays.
struct DescriptorFile {
    private let path: String
    private var members: [(key: String, value: JSON)]

    init(_ path: String) throws {
        self.path = path
        guard case .object(let members) = try PluginDescriptor.json(path) else {
            throw WorkbenchError(.data, "\(path) is no plug-in descriptor")
        }
        self.members = members
    }

    /// Notes by what it was built, and against which API.
    mutating func update(compiler: String) throws {
        set("api", .number(Double(pluginABI)))
        if !members.contains(where: { $0.key == "oldestApi" }) { set("oldestApi", .number(Double(pluginABI))) }
        set("compiler", .string(compiler))
        try write()
    }

    /// Notes what it registers; help texts of the same names are the plug-in's own.
    mutating func update(provides: JSON) throws {
        // Hooks of callbacks are the author's to name.
        var known: [String: JSON] = [:]
        if case .array(let before)? = members.first(where: { $0.key == "provides" })?.value {
            for entry in before { if case .string(let name)? = entry["name"] { known[name] = entry["hooks"] } }
        }
        guard case .array(let entries) = provides else { return }
        set(
            "provides",
            .array(
                entries.map { entry in
                    guard case .object(let members) = entry, case .string(let name)? = entry["name"],
                        let hooks = known[name]
                    else { return entry }
                    return .object(members + [("hooks", hooks)])
                }))
        try write()
    }

    private mutating func set(_ key: String, _ value: JSON) {
        if let place = members.firstIndex(where: { $0.key == key }) {
            members[place].value = value
        } else {
            members.append((key, value))
        }
    }

    private func write() throws {
        let lines = members.map { member -> String in
            guard case .array(let entries) = member.value, !entries.isEmpty else {
                return "  \(JSON.quoted(member.key)): \(member.value.text)"
            }
            let rows = entries.map { "    " + $0.text }.joined(separator: ",\n")
            return "  \(JSON.quoted(member.key)): [\n\(rows)\n  ]"
        }
        try AtomicFile.write(Array("{\n\(lines.joined(separator: ",\n"))\n}\n".utf8), to: path)
    }
}
