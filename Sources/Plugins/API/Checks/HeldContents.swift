import Tensors

/// What lies behind the values of fields: what their tensors hold and the variables of their environments, also in lists
/// and in environments of environments.
///
/// A field that is put back brings the same tensor and the same environment back, and what runs meanwhile may have
/// changed those in place.
struct HeldContents {
    private struct Variables {
        let environment: Environment
        let values: [(symbol: Symbol, value: Value)]
    }

    private var tensors: [(tensor: Tensor, held: Tensor)] = []
    private var variables: [Variables] = []

    /// Larger structures are left as they are: what a field refers to may be a whole session.
    private static let most = 10_000

    /// Remembers what lies behind values.
    /// - Parameters:
    ///   - known: Tensors that somebody else looks after.
    ///   - withTensors: False where they may be a whole data set, of which nobody wants a copy.
    init(_ values: [Value], except known: Set<ObjectIdentifier> = [], withTensors: Bool = true) {
        var seen = known
        var open = values
        var count = 0
        // A list of work instead of a recursion: lists can be nested as deep as memory goes.
        while let value = open.popLast(), count < HeldContents.most {
            count += 1
            switch value {
            case .list(let list): open += list.elements.prefix(HeldContents.most)
            case .environment(let environment):
                // Those with a name are the session's, of packages and the like.
                guard environment.name == nil, environment.count <= 1000,
                    seen.insert(ObjectIdentifier(environment)).inserted
                else { continue }
                let values = environment.names().compactMap { symbol in
                    environment.local(symbol).map { (symbol: symbol, value: $0) }
                }
                variables.append(Variables(environment: environment, values: values))
                open += values.map { $0.value }
            case .promise(let promise): if let value = promise.value { open.append(value) }
            default:
                // What is computed from others follows those.
                guard withTensors, let tensor = value.asTensor, tensor.isLeaf,
                    seen.insert(ObjectIdentifier(tensor)).inserted,
                    let held = try? withoutGradients({ try tensor.detached().clone() })
                else { continue }
                tensors.append((tensor, held))
            }
        }
    }

    /// Puts all of it back.
    func restore() {
        for (tensor, held) in tensors { HeldContents.put(held, into: tensor) }
        for one in variables {
            let before = Set(one.values.map { ObjectIdentifier($0.symbol) })
            for symbol in one.environment.names() where !before.contains(ObjectIdentifier(symbol)) {
                _ = try? one.environment.remove(symbol)
            }
            for (symbol, value) in one.values {
                if case .activeBinding = value { continue }
                one.environment.define(symbol, value)
            }
        }
    }

    /// Copies what was held into a tensor.
    static func put(_ held: Tensor?, into tensor: Tensor?) {
        guard let held, let tensor else { return }
        // Same shape and type as when it was copied, so nothing can go wrong.
        _ = try? withoutGradients { try tensor.detached().copy_(held) }
    }
}
