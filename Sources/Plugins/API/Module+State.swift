import Diagnostics
import Tensors

extension Module {
    /// This module and all below it, each once, parents before children, with their paths.
    public final func modules(prefix: String = "") -> [(path: String, module: Module)] {
        var result: [(path: String, module: Module)] = []
        var seen: Set<ObjectIdentifier> = []
        func walk(_ module: Module, _ path: String, _ depth: Int) {
            guard depth < 1000, seen.insert(ObjectIdentifier(module)).inserted else { return }
            result.append((path, module))
            for child in module.children {
                walk(child.module, path.isEmpty ? child.name : path + "." + child.name, depth + 1)
            }
        }
        walk(self, prefix, 0)
        return result
    }

    /// All parameters by path, in R torch's order: those of the children first, then the module's own; each once.
    public final func namedParameters(recursive: Bool = true) -> [(name: String, tensor: Tensor)] {
        var result: [(name: String, tensor: Tensor)] = []
        var seen: Set<ObjectIdentifier> = []
        func walk(_ module: Module, _ prefix: String, _ depth: Int) {
            guard depth < 1000 else { return }
            if recursive {
                for child in module.children { walk(child.module, prefix + child.name + ".", depth + 1) }
            }
            for parameter in module.parameters {
                guard let tensor = parameter.tensor, seen.insert(ObjectIdentifier(tensor)).inserted else { continue }
                result.append((prefix + parameter.name, tensor))
            }
        }
        walk(self, "", 0)
        return result
    }

    /// All buffers by path, children first.
    public final func namedBuffers(recursive: Bool = true) -> [(name: String, tensor: Tensor)] {
        var result: [(name: String, tensor: Tensor)] = []
        func walk(_ module: Module, _ prefix: String, _ depth: Int) {
            guard depth < 1000 else { return }
            if recursive {
                for child in module.children { walk(child.module, prefix + child.name + ".", depth + 1) }
            }
            for buffer in module.buffers {
                if let tensor = buffer.tensor { result.append((prefix + buffer.name, tensor)) }
            }
        }
        walk(self, "", 0)
        return result
    }

    /// Number of learned numbers, frozen ones included.
    public final var parameterCount: Int { namedParameters().reduce(0) { $0 + $1.tensor.count } }

    /// The state in PyTorch's order: own parameters, own persistent buffers, then the children's. Tensors are shared.
    public final func stateDict(prefix: String = "") -> [(name: String, tensor: Tensor)] {
        var result: [(name: String, tensor: Tensor)] = []
        func walk(_ module: Module, _ prefix: String, _ depth: Int) {
            guard depth < 1000 else { return }
            for parameter in module.parameters {
                if let tensor = parameter.tensor { result.append((prefix + parameter.name, tensor)) }
            }
            for buffer in module.buffers where buffer.isPersistent {
                if let tensor = buffer.tensor { result.append((prefix + buffer.name, tensor)) }
            }
            for child in module.children { walk(child.module, prefix + child.name + ".", depth + 1) }
        }
        walk(self, prefix, 0)
        return result
    }

    /// Copies a state into the module's tensors.
    ///
    /// A missing `num_batches_tracked` is forgiven, as in R torch.
    /// - Returns: Names in the state that the module does not have.
    /// - Throws: `.name` for a missing tensor, `.shape` when one does not fit; nothing is changed then.
    @discardableResult
    public final func loadStateDict(_ state: [(name: String, tensor: Tensor)]) throws -> [String] {
        var given: [String: Tensor] = [:]
        for entry in state { given[entry.name] = entry.tensor }
        var pairs: [(target: Tensor, source: Tensor)] = []
        var used: Set<String> = []
        for entry in stateDict() {
            guard let source = given[entry.name] else {
                if entry.name.hasSuffix("num_batches_tracked") { continue }
                throw WorkbenchError(
                    .name, "Could not find \(entry.name) in the state_dict.",
                    hint: didYouMean(entry.name, among: given.keys))
            }
            // Python counts batches in a tensor without dimensions, R torch in one of length 1.
            let isCounter = entry.name.hasSuffix("num_batches_tracked") && source.count == entry.tensor.count
            guard source.shape == entry.tensor.shape || isCounter else {
                throw WorkbenchError(
                    .shape,
                    "\(entry.name) has shape \(listText(entry.tensor.shape)) in the module and \(listText(source.shape)) in the state_dict"
                )
            }
            used.insert(entry.name)
            pairs.append((entry.tensor, source))
        }
        try withoutGradients {
            for pair in pairs { _ = try pair.target.copy_(pair.source) }
        }
        return state.map { $0.name }.filter { !used.contains($0) }
    }

    /// Sets training or evaluation mode of this module and all below.
    public final func train(_ mode: Bool) {
        for entry in modules() { entry.module.isTraining = mode }
    }

    /// Converts floating-point parameters and buffers in place.
    /// - Throws: `.type` for a type that is no floating-point type.
    public final func convert(to dtype: DType) throws {
        guard dtype.isReal else {
            throw WorkbenchError(.type, "nn_module$to only accepts floating point dtypes, got \(dtype.torchName)")
        }
        for entry in modules() {
            for parameter in entry.module.parameters { try parameter.tensor?.convertInPlace(to: dtype) }
            for buffer in entry.module.buffers { try buffer.tensor?.convertInPlace(to: dtype) }
        }
    }
}

extension Tensor {
    fileprivate func convertInPlace(to dtype: DType) throws {
        guard self.dtype.isReal, self.dtype != dtype else { return }
        setData(try detached().to(dtype))
        if let gradient = grad { grad = try gradient.to(dtype) }
    }
}

private func listText(_ shape: [Int]) -> String { "[" + shape.map { String($0) }.joined(separator: ", ") + "]" }
