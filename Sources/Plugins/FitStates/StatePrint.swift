import Diagnostics
import PluginAPI
import Tensors

/// What tells whether a value of any kind has changed, in itself or in what it holds, without a copy of it: numbers and
/// texts count as they are, tensors by place and number of changes, functions and code by what they do
/// (``SameFunction``), environments by what is in them, objects by what a saved session would hold of them.
struct StatePrint {
    /// Kept, so that its address stays its own.
    private let value: Value
    private let print: Int?
    /// It belonged to the fit itself, which keeps its state in another place.
    private let isReference: Bool

    private static let mostParts = 200_000

    init(_ value: Value, _ references: References, _ context: Context) throws {
        self.value = value
        isReference = references.kind(of: value) == .reference
        var walk = Walk(references, context)
        try walk.add(value, depth: 0)
        print = walk.isKnown ? walk.hash : nil
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
        private var hasher = Hasher()
        private var seen: [ObjectIdentifier: Int] = [:]
        private var parts = 0
        private(set) var isKnown = true

        init(_ references: References, _ context: Context) {
            (self.references, self.context) = (references, context)
        }

        var hash: Int { hasher.finalize() }

        /// True the first time; later the same object is known by its number.
        private mutating func isNew(_ object: AnyObject) -> Bool {
            let identity = ObjectIdentifier(object)
            hasher.combine(identity)
            return seen.updateValue(seen.count, forKey: identity) == nil
        }

        private mutating func combine<Element>(_ elements: [Element], _ one: (inout Hasher, Element) -> Void) {
            hasher.combine(elements.count)
            for element in elements { one(&hasher, element) }
        }

        mutating func add(_ value: Value, depth: Int) throws {
            parts += 1
            guard depth < 100, parts < StatePrint.mostParts else {
                isKnown = false
                return
            }
            if let tensor = value.asTensor {
                hasher.combine(ObjectIdentifier(tensor.storage))
                hasher.combine(tensor.storage.version)
                hasher.combine(tensor.offset)
                hasher.combine(tensor.shape)
                return
            }
            hasher.combine(value.typeName)
            for entry in value.attributes?.entries ?? [] {
                hasher.combine(entry.name.id)
                // Where a formula was written is no part of what it says.
                if case .environment(let home) = entry.value {
                    hasher.combine(ObjectIdentifier(home))
                } else {
                    try add(entry.value, depth: depth + 1)
                }
            }
            switch value {
            case .null, .missing: break
            case .logical(let vector): combine(vector.elements) { $0.combine($1) }
            case .integer(let vector): combine(vector.elements) { $0.combine($1) }
            case .double(let vector): combine(vector.elements) { $0.combine($1.bitPattern) }
            case .complex(let vector):
                combine(vector.elements) {
                    $0.combine($1.real.bitPattern)
                    $0.combine($1.imaginary.bitPattern)
                }
            case .raw(let vector): combine(vector.elements) { $0.combine($1) }
            case .character(let vector): combine(vector.elements) { $0.combine($1?.string) }
            case .list(let list):
                hasher.combine(list.count)
                for element in list.elements { try add(element, depth: depth + 1) }
            case .environment(let environment): try add(environment, depth: depth)
            case .closure(let closure): hasher.combine(ObjectIdentifier(closure))
            case .builtin(let builtin): hasher.combine(ObjectIdentifier(builtin))
            case .activeBinding(let binding): hasher.combine(ObjectIdentifier(binding))
            case .promise(let promise):
                if let known = promise.value { try add(known, depth: depth + 1) }
            case .symbol, .call, .expression: hasher.combine(context.deparse(value))
            case .object(let object):
                guard isNew(object), references.kind(of: value) == .other else { return }
                guard !References.isHalfRead(object), let state = try? object.savedState(context) else {
                    isKnown = false
                    return
                }
                // A model is set to evaluation by whoever uses it.
                for item in state.namedItems where item.name != ".training" {
                    hasher.combine(item.name)
                    try add(item.value, depth: depth + 1)
                }
            default: isKnown = false
            }
        }

        private mutating func add(_ environment: Environment, depth: Int) throws {
            guard isNew(environment), environment.name == nil else { return }
            for symbol in environment.names().ordered(by: { $0.id < $1.id }) {
                guard let value = environment.local(symbol) else { continue }
                hasher.combine(symbol.id)
                // What an object's methods see is the object.
                if symbol.name.hasPrefix(".__") { continue }
                try add(value, depth: depth + 1)
            }
        }
    }
}
