import Diagnostics
import PluginAPI
import Tensors

/// What tells whether a value of any kind has changed, in itself or in what it holds, without a copy of it: numbers and
/// texts count as they are, tensors by place and number of changes, functions and code by what they do
/// (``SameFunction``), environments and objects written in R by what is in them.
struct StatePrint {
    /// Kept, so that its address stays its own.
    private let value: Value
    private let print: String?
    /// It belonged to the fit itself, which keeps its state in another place.
    private let isReference: Bool

    private static let mostParts = 10_000

    init(_ value: Value, _ references: References, _ context: Context) throws {
        self.value = value
        isReference = references.kind(of: value) == .reference
        var walk = Walk(references, context)
        try walk.add(value, depth: 0)
        print = walk.isKnown ? String(walk.checksum, radix: 16) : nil
    }

    /// Whether a value is what this one was; false where nobody can know.
    func isSame(as now: Value, _ references: References, _ context: Context) throws -> Bool {
        if SameFunction.isSame(value, now, context) { return true }
        if isReference, case .object(let before) = value, case .object(let now) = now, before === now { return true }
        guard let print else { return false }
        return try StatePrint(now, references, context).print == print
    }

    private struct Walk {
        private let references: References
        private let context: Context
        private var bytes: [UInt8] = []
        private var seen: [ObjectIdentifier: Int] = [:]
        private var parts = 0
        private(set) var isKnown = true

        init(_ references: References, _ context: Context) {
            (self.references, self.context) = (references, context)
        }

        var checksum: UInt32 { Checksum.of(bytes) }

        private mutating func note(_ text: String) {
            bytes += Array(text.utf8)
            bytes.append(0)
        }

        /// True the first time; later the same object is known by its number.
        private mutating func isNew(_ object: AnyObject) -> Bool {
            let identity = ObjectIdentifier(object)
            if let number = seen[identity] {
                note("again \(number)")
                return false
            }
            seen[identity] = seen.count
            return true
        }

        mutating func add(_ value: Value, depth: Int) throws {
            parts += 1
            guard depth < 50, parts < StatePrint.mostParts else {
                isKnown = false
                return
            }
            if let tensor = value.asTensor {
                note("\(ObjectIdentifier(tensor.storage)) \(tensor.storage.version) \(tensor.offset) \(tensor.shape)")
                return
            }
            if value.isAtomic, references.kind(of: value) == .plain {
                return note(try FieldPrints.print(value, context))
            }
            for entry in value.attributes?.entries ?? [] {
                note(entry.name.name)
                // Where a formula was written is no part of what it says.
                if case .environment(let home) = entry.value {
                    note("\(ObjectIdentifier(home))")
                } else {
                    try add(entry.value, depth: depth + 1)
                }
            }
            switch value {
            case .list(let list):
                note("list \(list.count)")
                for element in list.elements { try add(element, depth: depth + 1) }
            case .environment(let environment): try add(environment, depth: depth)
            case .closure(let closure): note("\(ObjectIdentifier(closure))")
            case .builtin(let builtin): note("\(ObjectIdentifier(builtin))")
            case .promise(let promise):
                if let known = promise.value { try add(known, depth: depth + 1) } else { note("promise") }
            case .symbol, .call, .expression: note(context.deparse(value).joined(separator: "\n"))
            case .object(let object):
                note("\(ObjectIdentifier(object))")
                guard references.kind(of: value) == .other else { return }
                guard let module = object as? Module else {
                    isKnown = false
                    return
                }
                for entry in module.stateDict() { try add(.tensor(entry.tensor), depth: depth + 1) }
            default: isKnown = false
            }
        }

        private mutating func add(_ environment: Environment, depth: Int) throws {
            guard isNew(environment) else { return }
            note("\(ObjectIdentifier(environment))")
            guard environment.name == nil else { return }
            for symbol in environment.names().sorted(by: { $0.name < $1.name }) {
                guard let value = environment.local(symbol) else { continue }
                note(symbol.name)
                // What an object's methods see is the object.
                if symbol.name.hasPrefix(".__") { continue }
                try add(value, depth: depth + 1)
            }
        }
    }
}
