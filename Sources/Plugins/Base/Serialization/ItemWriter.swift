import BaseValues
import Diagnostics
import PluginAPI

/// Writes values in R's serialization format, version 3, XDR.
struct ItemWriter {
    private(set) var bytes: [UInt8] = []
    private let context: Context
    private var symbols: [ObjectIdentifier: Int] = [:]
    private var environments: [ObjectIdentifier: Int] = [:]
    /// Keeps what the tables know by address alive.
    private var kept: [AnyObject] = []
    private var references = 0
    private var depth = 0

    init(_ context: Context) { self.context = context }

    /// The header and a value.
    mutating func writeAll(_ value: Value) throws {
        bytes += Array("X\n".utf8)
        write(3)
        write(0x0004_0202)
        write(0x0003_0500)
        write(5)
        bytes += Array("UTF-8".utf8)
        try item(value)
    }

    private mutating func write(_ number: Int) {
        let word = UInt32(truncatingIfNeeded: number)
        bytes.append(UInt8(truncatingIfNeeded: word >> 24))
        bytes.append(UInt8(truncatingIfNeeded: word >> 16))
        bytes.append(UInt8(truncatingIfNeeded: word >> 8))
        bytes.append(UInt8(truncatingIfNeeded: word))
    }

    private mutating func write(_ number: Double) {
        let bits = number.bitPattern
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
        }
    }

    /// It ended at an object that R's format has no room for: a tensor, a model, …
    private(set) var hasMetObject = false

    private mutating func write(length: Int) throws {
        guard length <= 2_147_483_647 else {
            throw WorkbenchError(.memory, "a vector of \(length) elements is too long to save")
        }
        write(length)
    }

    private mutating func write(text: Text?) throws {
        guard let text else {
            write(ItemType.characters)
            write(-1)
            return
        }
        // Bytes that are no UTF-8 have no mark: their encoding is not known.
        guard !text.string.hasStrayBytes else {
            let kept = text.string.keptBytes
            write(ItemType.characters)
            try write(length: kept.count)
            bytes += kept
            return
        }
        let utf8 = text.string.utf8
        write(ItemType.characters | (utf8.allSatisfy { $0 < 128 } ? 64 : 8) << 12)
        try write(length: utf8.count)
        bytes += utf8
    }

    private mutating func flags(_ type: Int, _ value: Value, hasTag: Bool = false) {
        var flags = type
        if value.attributes?[Symbol.classAttribute] != nil { flags |= ItemType.isObjectFlag }
        if savedAttributes(value) != nil { flags |= ItemType.hasAttributesFlag }
        if hasTag { flags |= ItemType.hasTagFlag }
        write(flags)
    }

    private func savedAttributes(_ value: Value) -> [(name: Symbol, value: Value)]? {
        guard let entries = value.attributes?.entries.filter({ $0.name !== Symbol.srcref }), !entries.isEmpty else {
            return nil
        }
        return entries
    }

    private mutating func attributes(_ value: Value) throws {
        guard let entries = savedAttributes(value) else { return }
        for entry in entries {
            write(ItemType.pairlist | ItemType.hasTagFlag)
            try symbol(entry.name)
            try item(entry.value)
        }
        write(ItemType.null)
    }

    private mutating func symbol(_ symbol: Symbol) throws {
        if let place = symbols[ObjectIdentifier(symbol)] {
            write(place << 8 | ItemType.reference)
            return
        }
        references += 1
        symbols[ObjectIdentifier(symbol)] = references
        write(ItemType.symbol)
        try write(text: symbol.text)
    }

    /// A value.
    mutating func item(_ value: Value) throws {
        depth += 1
        defer { depth -= 1 }
        guard depth < 20_000 else { throw WorkbenchError(.value, "the value is nested too deeply to save") }
        switch value {
        case .null: write(ItemType.null)
        case .missing: write(ItemType.missing)
        case .logical(let v):
            flags(ItemType.logical, value)
            try write(length: v.count)
            for element in v.elements { write(element.map { $0 ? 1 : 0 } ?? Int(Int32.min)) }
            try attributes(value)
        case .integer(let v):
            flags(ItemType.integer, value)
            try write(length: v.count)
            for element in v.elements { write(Int(element ?? Int32.min)) }
            try attributes(value)
        case .double(let v):
            flags(ItemType.real, value)
            try write(length: v.count)
            for element in v.elements { write(element) }
            try attributes(value)
        case .complex(let v):
            flags(ItemType.complex, value)
            try write(length: v.count)
            for element in v.elements {
                write(element.real)
                write(element.imaginary)
            }
            try attributes(value)
        case .character(let v):
            flags(ItemType.strings, value)
            try write(length: v.count)
            for element in v.elements { try write(text: element) }
            try attributes(value)
        case .raw(let v):
            flags(ItemType.raw, value)
            try write(length: v.count)
            bytes += v.elements
            try attributes(value)
        case .list(let v):
            flags(ItemType.list, value)
            try write(length: v.count)
            for element in v.elements { try item(element) }
            try attributes(value)
        case .expression(let v):
            flags(ItemType.expression, value)
            try write(length: v.count)
            for element in v.elements { try item(element) }
            try attributes(value)
        default: try codeItem(value)
        }
    }

    private mutating func codeItem(_ value: Value) throws {
        switch value {
        case .symbol(let name): try symbol(name)
        case .call(let call):
            flags(ItemType.language, value)
            try attributes(value)
            try item(call.function)
            let isFunction = call.name === Symbol.function
            for (index, argument) in call.arguments.enumerated() {
                write(ItemType.pairlist | (argument.name == nil ? 0 : ItemType.hasTagFlag))
                if let name = argument.name { try symbol(name) }
                if isFunction, index == 0 { try formals(Formals(argument.value)) } else { try item(argument.value) }
            }
            write(ItemType.null)
        case .closure(let closure):
            flags(ItemType.closure, value, hasTag: true)
            try attributes(value)
            try environment(closure.environment)
            try formals(closure.formals)
            try item(closure.body)
        case .environment(let inner): try environment(inner)
        case .builtin(let builtin):
            write(builtin.special == nil ? ItemType.builtin : ItemType.special)
            try write(length: builtin.name.name.utf8.count)
            bytes += builtin.name.name.utf8
        case .promise(let promise): try item(try context.force(promise))
        case .activeBinding(let binding): try item(try context.call(binding.function, []))
        case .object(let object):
            let name = object.classes.first?.string ?? object.typeName
            hasMetObject = true
            throw WorkbenchError(
                .unsupported, "an object of class '\(name)' cannot be saved in R's format",
                hint:
                    "save_session(\"file.wb\") saves the session with it, saveRDS(x, \"file\") one such object, torch_save() tensors"
            )
        default: throw WorkbenchError(.unsupported, "a value of type '\(value.typeName)' cannot be saved")
        }
    }

    private mutating func formals(_ formals: Formals) throws {
        for (name, value) in zip(formals.names, formals.defaults) {
            write(ItemType.pairlist | ItemType.hasTagFlag)
            try symbol(name)
            try item(value)
        }
        write(ItemType.null)
    }

    private mutating func environment(_ environment: Environment) throws {
        if environment === context.globalEnvironment { return write(ItemType.globalEnvironment) }
        if environment === context.baseEnvironment { return write(ItemType.baseEnvironment) }
        if let place = environments[ObjectIdentifier(environment)] {
            write(place << 8 | ItemType.reference)
            return
        }
        references += 1
        environments[ObjectIdentifier(environment)] = references
        kept.append(environment)
        if let name = environment.name, name.hasPrefix("package:") {
            write(ItemType.package)
            write(0)
            write(1)
            try write(text: Text(name))
            return
        }
        write(ItemType.environment)
        write(environment.isLocked ? 1 : 0)
        if let parent = environment.parent { try self.environment(parent) } else { write(ItemType.emptyEnvironment) }
        for name in environment.names() {
            guard let value = environment.local(name) else { continue }
            if case .dots = value { continue }
            write(ItemType.pairlist | ItemType.hasTagFlag)
            try symbol(name)
            try item(value)
        }
        write(ItemType.null)
        write(ItemType.null)
        if let entries = environment.attributes?.entries, !entries.isEmpty {
            for entry in entries {
                write(ItemType.pairlist | ItemType.hasTagFlag)
                try symbol(entry.name)
                try item(entry.value)
            }
        }
        write(ItemType.null)
    }

    /// The variables of `save()`: a pairlist.
    mutating func writeVariables(_ variables: [(Symbol, Value)]) throws {
        bytes += Array("RDX3\nX\n".utf8)
        write(3)
        write(0x0004_0202)
        write(0x0003_0500)
        write(5)
        bytes += Array("UTF-8".utf8)
        for (name, value) in variables {
            write(ItemType.pairlist | ItemType.hasTagFlag)
            try symbol(name)
            try item(value)
        }
        write(ItemType.null)
    }
}
