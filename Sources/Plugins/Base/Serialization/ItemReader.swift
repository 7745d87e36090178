import BaseValues
import Diagnostics
import PluginAPI

/// Reads values in R's serialization format, versions 2 and 3, XDR. What it reads may be damaged: every length is
/// checked against what is left.
struct ItemReader {
    private let bytes: [UInt8]
    private var place: Int
    private let context: Context
    private var references: [Value] = []
    private var depth = 0

    init(_ bytes: [UInt8], from place: Int = 0, _ context: Context) {
        self.bytes = bytes
        self.place = place
        self.context = context
    }

    /// The header and a value.
    mutating func readAll() throws -> Value {
        guard place + 14 <= bytes.count, bytes[place + 1] == 10 else { throw damaged("unknown input format") }
        guard bytes[place] == UInt8(ascii: "X") else {
            if bytes[place] == UInt8(ascii: "A") || bytes[place] == UInt8(ascii: "B") {
                throw WorkbenchError(
                    .unsupported, "only binary XDR files are read",
                    hint: "saveRDS(x, file) without ascii = TRUE writes one")
            }
            throw damaged("unknown input format")
        }
        place += 2
        let version = try integer()
        _ = try integer()
        _ = try integer()
        guard version == 2 || version == 3 else {
            throw WorkbenchError(.data, "cannot read workspace version \(version)")
        }
        if version == 3 { _ = try take(try count(try integer(), 1)) }
        return try ItemReader.settled(item())
    }

    private func damaged(_ text: String = "read error") -> WorkbenchError {
        WorkbenchError(.data, text, hint: "the file is damaged, or no file of saveRDS() or save()")
    }

    private mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
        guard count >= 0, count <= bytes.count - place else { throw damaged() }
        place += count
        return bytes[(place - count)..<place]
    }

    private mutating func integer() throws -> Int {
        let part = try take(4)
        var word: UInt32 = 0
        for byte in part { word = word << 8 | UInt32(byte) }
        return Int(Int32(bitPattern: word))
    }

    private mutating func real() throws -> Double {
        let part = try take(8)
        var word: UInt64 = 0
        for byte in part { word = word << 8 | UInt64(byte) }
        return Double(bitPattern: word)
    }

    /// A length, checked: so many elements of a size must be left.
    private func count(_ length: Int, _ size: Int) throws -> Int {
        guard length >= 0, length <= (bytes.count - place) / max(size, 1) else { throw damaged() }
        return length
    }

    private mutating func vectorLength(_ size: Int) throws -> Int {
        let length = try integer()
        if length == -1 { throw WorkbenchError(.memory, "vectors of more than 2^31 elements are not read") }
        return try count(length, size)
    }

    private mutating func text() throws -> Text? {
        let flags = try integer()
        guard flags & 0xFF == ItemType.characters else { throw damaged() }
        return try textBody(flags)
    }

    private mutating func textBody(_ flags: Int) throws -> Text? {
        let length = try integer()
        if length == -1 { return nil }
        let part = try take(length)
        if (flags >> 12) & 4 != 0 {
            var view = String.UnicodeScalarView()
            for byte in part { view.append(UnicodeScalar(byte)) }
            return Text(String(view))
        }
        return Text(String(keeping: part))
    }

    /// A value.
    mutating func item() throws -> Value { try item(try integer()) }

    private mutating func item(_ flags: Int) throws -> Value {
        depth += 1
        defer { depth -= 1 }
        guard depth < 20_000 else { throw damaged("the value is nested too deeply") }
        let type = flags & 0xFF
        switch type {
        case ItemType.null: return .null
        case ItemType.missing, ItemType.unbound: return .missing
        case ItemType.globalEnvironment: return .environment(context.globalEnvironment)
        case ItemType.baseEnvironment, ItemType.baseNamespace: return .environment(context.baseEnvironment)
        case ItemType.emptyEnvironment: return try context.call("emptyenv", [])
        case ItemType.reference:
            let index = flags >> 8 != 0 ? flags >> 8 : try integer()
            guard references.indices.contains(index - 1) else { throw damaged() }
            return references[index - 1]
        case ItemType.symbol:
            let name = try text()
            let symbol = Value.symbol(Symbol.named(name ?? "NA"))
            references.append(symbol)
            return symbol
        case ItemType.namespace, ItemType.package, ItemType.persistent: return try packageItem()
        case ItemType.environment: return try environmentItem()
        case ItemType.pairlist, ItemType.attributePairlist: return try pairlist(flags)
        case ItemType.language, ItemType.attributeLanguage: return try language(flags)
        case ItemType.closure: return try closure(flags)
        case ItemType.promise: return try promiseItem(flags)
        case ItemType.builtin, ItemType.special:
            let length = try count(try integer(), 1)
            let name = Symbol.named(String(decoding: try take(length), as: UTF8.self))
            // One of R's own: what the session has under this name is not run.
            let homes = ["base", "stats", "utils", "graphics", "grDevices", "methods"]
            let found = homes.compactMap { context.registry.existingNamespace($0)?.environment.local(name) }.first
            guard let function = found, function.isFunction else {
                throw WorkbenchError(.data, "unrecognized internal function name \"\(inOneLine(name.name, most: 60))\"")
            }
            return function
        case ItemType.byteCode: return try byteCode(flags)
        case ItemType.alternative: return try alternative()
        default: return try vector(type, flags)
        }
    }

    private mutating func vector(_ type: Int, _ flags: Int) throws -> Value {
        var value: Value
        switch type {
        case ItemType.characters: return .character(Vector([try textBody(flags)]))
        case ItemType.logical:
            let length = try vectorLength(4)
            value = .logical(
                Vector(
                    try (0..<length).map { _ in
                        let number = try integer()
                        return number == Int(Int32.min) ? nil : number != 0
                    }))
        case ItemType.integer:
            let length = try vectorLength(4)
            value = .integer(
                Vector(
                    try (0..<length).map { _ in
                        let number = try integer()
                        return number == Int(Int32.min) ? nil : Int32(truncatingIfNeeded: number)
                    }))
        case ItemType.real:
            let length = try vectorLength(8)
            value = .double(Vector(try (0..<length).map { _ in try real() }))
        case ItemType.complex:
            let length = try vectorLength(16)
            value = .complex(Vector(try (0..<length).map { _ in Complex(try real(), try real()) }))
        case ItemType.strings:
            let length = try vectorLength(8)
            value = .character(Vector(try (0..<length).map { _ in try text() }))
        case ItemType.raw:
            let length = try vectorLength(1)
            value = .raw(Vector(Array(try take(length))))
        case ItemType.list, ItemType.expression:
            let length = try vectorLength(4)
            let elements = try (0..<length).map { _ in try ItemReader.settled(item()) }
            value = type == ItemType.list ? .list(Vector(elements)) : .expression(Vector(elements))
        case ItemType.externalPointer, ItemType.weakReference, ItemType.s4, ItemType.dots:
            throw WorkbenchError(
                .unsupported, "the file holds an S4 object or external pointer, which cannot be read here")
        default: throw damaged("ReadItem: unknown type \(type), perhaps written by later version of R")
        }
        if flags & ItemType.hasAttributesFlag != 0 {
            value.attributes = try attributes()
            guard value.attributesFit else { throw damaged("the attributes of a vector contradict it") }
        }
        return value
    }

    private mutating func attributes() throws -> Attributes? {
        let list = try item()
        guard case .list(let values) = list, let names = list.names, names.count == values.count else { return nil }
        var result: Attributes?
        for (name, value) in zip(names, values.elements) {
            if let name, name != "srcref" { result = result.setting(Symbol.named(name), value) }
        }
        return result
    }

    /// Cells of a pairlist up to its end.
    private mutating func cells(_ first: Int) throws -> (arguments: [Argument], attributes: Attributes?) {
        var arguments: [Argument] = []
        var attributes: Attributes?
        var flags = first
        while true {
            let type = flags & 0xFF
            if type == ItemType.null { break }
            guard type == ItemType.pairlist || type == ItemType.attributePairlist else { throw damaged() }
            if flags & ItemType.hasAttributesFlag != 0 || type == ItemType.attributePairlist {
                let own = try self.attributes()
                if arguments.isEmpty { attributes = own }
            }
            var name: Symbol?
            if flags & ItemType.hasTagFlag != 0, case .symbol(let symbol) = try item() { name = symbol }
            arguments.append(Argument(try item(), name: name))
            flags = try integer()
        }
        return (arguments, attributes)
    }

    private mutating func pairlist(_ flags: Int) throws -> Value {
        let (arguments, attributes) = try cells(flags)
        let value = Value.list(Vector(arguments.map { $0.value }, attributes))
        guard arguments.contains(where: { $0.name != nil }) else { return value }
        return value.withNames(arguments.map { $0.name?.text ?? "" })
    }

    private mutating func language(_ flags: Int) throws -> Value {
        var attributes: Attributes?
        if flags & ItemType.hasAttributesFlag != 0 || flags & 0xFF == ItemType.attributeLanguage {
            attributes = try self.attributes()
        }
        if flags & ItemType.hasTagFlag != 0 { _ = try item() }
        let function = try item()
        let (arguments, _) = try cells(try integer())
        return .call(Call(function, arguments, attributes: attributes))
    }

    private mutating func closure(_ flags: Int) throws -> Value {
        let attributes = flags & ItemType.hasAttributesFlag != 0 ? try self.attributes() : nil
        var environment = context.globalEnvironment
        if flags & ItemType.hasTagFlag != 0, case .environment(let own) = try item() { environment = own }
        let formals = try item()
        let body = try item()
        return .closure(Closure(Formals(formals), body, environment, attributes: attributes))
    }

    /// A promise runs its code when somebody looks at it, which reading a file must not bring about: one in the place of a
    /// value is refused, as R has done since 4.4. Those among the variables of a function's environment wait to be used.
    private static func settled(_ value: Value) throws -> Value {
        guard case .promise(let promise) = value else { return value }
        if let known = promise.value { return known }
        throw WorkbenchError(.data, "it holds a promise in the place of a value, which is not read: its code would run")
    }

    private mutating func promiseItem(_ flags: Int) throws -> Value {
        if flags & ItemType.hasAttributesFlag != 0 { _ = try attributes() }
        var environment: Environment?
        if flags & ItemType.hasTagFlag != 0, case .environment(let own) = try item() { environment = own }
        let value = try item()
        let expression = try item()
        if let environment { return .promise(Promise(expression, in: environment)) }
        return .promise(Promise(expression, value: value))
    }

    private mutating func packageItem() throws -> Value {
        _ = try integer()
        let length = try count(try integer(), 4)
        let names = try (0..<length).map { _ in try text()?.string ?? "" }
        let name = names.first ?? ""
        let short = name.hasPrefix("package:") ? String(name.dropFirst(8)) : name
        let found = context.searchPath.environments.first { $0.name == "package:\(short)" }
        let value = Value.environment(found ?? context.globalEnvironment)
        references.append(value)
        return value
    }

    private mutating func environmentItem() throws -> Value {
        let environment = Environment(parent: context.globalEnvironment)
        references.append(.environment(environment))
        let isLocked = try integer() != 0
        if case .environment(let parent) = try item() { environment.parent = parent }
        let frame = try item()
        let table = try item()
        let own = try item()
        func define(_ list: Value) {
            guard case .list(let values) = list, let names = list.names else { return }
            for (name, value) in zip(names, values.elements) {
                if let name, !name.isEmpty { environment.define(Symbol.named(name), value) }
            }
        }
        define(frame)
        if case .list(let buckets) = table { for bucket in buckets.elements { define(bucket) } }
        if case .list(let values) = own, let names = own.names {
            for (name, value) in zip(names, values.elements) {
                if let name { environment.attributes = environment.attributes.setting(Symbol.named(name), value) }
            }
        }
        if isLocked { environment.lock() }
        return .environment(environment)
    }

    // MARK: Compact vectors

    private mutating func alternative() throws -> Value {
        let info = try item()
        let state = try item()
        let attributes = try item()
        var name = ""
        if case .list(let parts) = info, case .symbol(let symbol)? = parts.elements.first { name = symbol.name }
        var value: Value
        switch name {
        case "compact_intseq", "compact_realseq":
            let numbers = try state.asDoubles().elements
            guard numbers.count == 3, numbers[0] >= 0, numbers[0] < 2e9, let length = Int(exactly: numbers[0]) else {
                throw damaged()
            }
            guard (try? MemoryDoor.check(count: length, elementBytes: 16)) != nil else {
                throw damaged("a sequence of \(length) numbers does not fit into the memory")
            }
            let sequence = (0..<length).map { numbers[1] + Double($0) * numbers[2] }
            value =
                name == "compact_intseq" ? .integer(Vector(sequence.map { Int32(exactly: $0) })) : .numbers(sequence)
        case "deferred_string":
            guard case .list(let parts) = state, let source = parts.elements.first else { throw damaged() }
            value = .character(try source.bare.asCharacters())
        case let wrapper where wrapper.hasPrefix("wrap_"):
            guard case .list(let parts) = state, let source = parts.elements.first else { throw damaged() }
            value = source
        default: throw WorkbenchError(.unsupported, "cannot read a vector of the compact kind '\(name)'")
        }
        if case .list(let values) = attributes, let names = attributes.names {
            for (name, entry) in zip(names, values.elements) {
                if let name { value = value.setting(Symbol.named(name), entry) }
            }
            guard value.attributesFit else { throw damaged("the attributes of a vector contradict it") }
        }
        return value
    }

    // MARK: Compiled functions

    /// Compiled code is read for the expression it was made of: its first constant.
    private mutating func byteCode(_ flags: Int) throws -> Value {
        if flags & ItemType.hasAttributesFlag != 0 { _ = try attributes() }
        let length = try count(try integer(), 1)
        var shared = [Value](repeating: .null, count: length)
        return try byteCodeBody(&shared)
    }

    private mutating func byteCodeBody(_ shared: inout [Value]) throws -> Value {
        _ = try item()
        let length = try count(try integer(), 4)
        var first: Value = .null
        for index in 0..<length {
            let type = try integer()
            let value: Value
            switch type {
            case ItemType.byteCode: value = try byteCodeBody(&shared)
            case ItemType.language, ItemType.pairlist, ItemType.byteCodeDefinition, ItemType.byteCodeReference,
                ItemType.attributeLanguage, ItemType.attributePairlist:
                value = try sharedCode(type, &shared)
            default: value = try item()
            }
            if index == 0 { first = value }
        }
        return first
    }

    private mutating func sharedCode(_ type: Int, _ shared: inout [Value]) throws -> Value {
        depth += 1
        defer { depth -= 1 }
        guard depth < 20_000 else { throw damaged("the value is nested too deeply") }
        var type = type
        switch type {
        case ItemType.byteCodeReference:
            let index = try integer()
            guard shared.indices.contains(index) else { throw damaged() }
            return shared[index]
        case ItemType.byteCodeDefinition, ItemType.language, ItemType.pairlist, ItemType.attributeLanguage,
            ItemType.attributePairlist:
            var position: Int?
            if type == ItemType.byteCodeDefinition {
                position = try integer()
                type = try integer()
            }
            let isCall = type == ItemType.language || type == ItemType.attributeLanguage
            var own: Attributes?
            if type == ItemType.attributeLanguage || type == ItemType.attributePairlist { own = try attributes() }
            var parts: [Argument] = []
            // A list goes on in its last part, which is one of these again.
            while true {
                var name: Symbol?
                if case .symbol(let symbol) = try item() { name = symbol }
                parts.append(Argument(try sharedCode(try integer(), &shared), name: name))
                let next = try integer()
                guard next == ItemType.pairlist || next == ItemType.language else {
                    let rest = try sharedCode(next, &shared)
                    if case .list(let more) = rest {
                        let names = rest.names
                        for (offset, value) in more.elements.enumerated() {
                            let label = names?[offset].flatMap { $0.isEmpty ? nil : Symbol.named($0) }
                            parts.append(Argument(value, name: label))
                        }
                    }
                    break
                }
            }
            let value: Value
            if isCall {
                value = .call(Call(parts[0].value, Array(parts.dropFirst()), attributes: own))
            } else {
                let list = Value.list(Vector(parts.map { $0.value }, own))
                value = parts.contains { $0.name != nil } ? list.withNames(parts.map { $0.name?.text ?? "" }) : list
            }
            if let position, shared.indices.contains(position) { shared[position] = value }
            return value
        // Anything else stands behind a number that only fills the place.
        default: return try item()
        }
    }
}
