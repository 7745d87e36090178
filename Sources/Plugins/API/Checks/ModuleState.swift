import Tensors

/// What running a module may change in it and all below: modes, tensors and what they hold, children, fields and what
/// those refer to.
///
/// A check must leave a user's layer as it was, and running it moves statistics and counts in fields.
struct ModuleState {
    private struct Part {
        let module: Module
        let isTraining: Bool
        let parameters: [(name: String, tensor: Tensor?, held: Tensor?)]
        let buffers: [(name: String, tensor: Tensor?, isPersistent: Bool, held: Tensor?)]
        let children: [(name: String, module: Module)]
        /// Those whose values are known without running R code.
        let fields: [(name: String, value: Value)]
    }

    private let parts: [Part]
    private let contents: HeldContents

    /// Remembers a module.
    init(_ module: Module) {
        parts = module.modules().map { _, module in
            Part(
                module: module, isTraining: module.isTraining,
                parameters: module.parameters.map { ($0.name, $0.tensor, ModuleState.copy($0.tensor)) },
                buffers: module.buffers.map { ($0.name, $0.tensor, $0.isPersistent, ModuleState.copy($0.tensor)) },
                children: module.children,
                fields: module.completions.compactMap { field in
                    guard let value = field.value(), !value.isFunction else { return nil }
                    return (field.name, value)
                })
        }
        let known = parts.flatMap { part in part.parameters.map { $0.tensor } + part.buffers.map { $0.tensor } }
        contents = HeldContents(
            parts.flatMap { part in part.fields.map { $0.value } },
            except: Set(known.compactMap { tensor in tensor.map { ObjectIdentifier($0) } }))
    }

    private static func copy(_ tensor: Tensor?) -> Tensor? {
        tensor.flatMap { tensor in try? withoutGradients { try tensor.detached().clone() } }
    }

    /// Puts all of it back; but for what the parameters hold, if somebody else moves them.
    func restore(_ context: Context, leavesParameters: Bool = false) {
        for part in parts {
            let module = part.module
            module.isTraining = part.isTraining
            for (name, tensor, held) in part.parameters {
                module.setParameter(name, tensor)
                if !leavesParameters { HeldContents.put(held, into: tensor) }
            }
            for (name, tensor, isPersistent, held) in part.buffers {
                module.setBuffer(name, tensor, isPersistent: isPersistent)
                HeldContents.put(held, into: tensor)
            }
            module.setChildren(part.children)
            // A locked field cannot have changed.
            for field in part.fields { try? module.setField(field.name, field.value, context: context) }
        }
        contents.restore()
    }
}
