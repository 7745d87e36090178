import Tensors

extension Checks {
    /// A line for each weight of a field that optimizers and state dicts do not see: a tensor that asks for gradients and
    /// is no parameter, and parameters and modules in a plain list.
    func strayWeights(_ layer: Module) -> [String] {
        let known = Set(
            layer.modules().flatMap { _, module in
                [ObjectIdentifier(module)] + module.parameters.compactMap { $0.tensor.map { ObjectIdentifier($0) } }
            })
        return layer.modules().flatMap { path, module -> [String] in
            module.fieldNames.flatMap { name -> [String] in
                guard let value = try? module.field(name, context: context) else { return [] }
                return stray(value, path.isEmpty ? name : path + "." + name, isListed: false, known, 0)
            }
        }
    }

    private func stray(
        _ value: Value, _ place: String, isListed: Bool, _ known: Set<ObjectIdentifier>, _ depth: Int
    ) -> [String] {
        if let tensor = value.asTensor {
            guard tensor.isLeaf, tensor.requiresGrad, !known.contains(ObjectIdentifier(tensor)) else { return [] }
            let remedy = isListed ? "give it a field of its own" : "nn_parameter() makes it one"
            return ["warning: \(place) asks for gradients and is no parameter: optimizers do not see it; \(remedy)"]
        }
        if isListed, case .object(let object) = value, object is Module, !known.contains(ObjectIdentifier(object)) {
            return [
                "warning: \(place) is a module in a plain list: optimizers do not see its parameters; nn_module_list() of them does"
            ]
        }
        guard case .list(let list) = value, depth < 8 else { return [] }
        let names = value.names
        return list.elements.enumerated().flatMap { number, element -> [String] in
            let name = names.flatMap { $0[number]?.string } ?? ""
            let inner = name.isEmpty ? "\(place)[[\(number + 1)]]" : "\(place)$\(name)"
            return stray(element, inner, isListed: true, known, depth + 1)
        }
    }
}
