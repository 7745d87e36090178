import Diagnostics
import Tensors

/// The tensors of a snapshot: each once, gradients with them, views as views of what they look at.
struct SnapshotTensors {
    private struct Entry {
        let tensor: Tensor
        let name: String
        var gradient: Int?
    }

    private var entries: [Entry] = []
    private var numbers: [ObjectIdentifier: Int] = [:]
    private var vectors: [(name: String, tensor: Tensor)] = []
    private var free = FreeNames()
    /// Where tensors were met that have a gradient's history, and such with hooks: neither is part of a snapshot.
    private var histories: [String] = []
    private var hooks: [String] = []

    /// Adds a tensor and its gradient.
    /// - Returns: Its number.
    mutating func add(_ tensor: Tensor, _ path: String) throws -> Int {
        if let number = numbers[ObjectIdentifier(tensor)] { return number }
        let number = entries.count
        numbers[ObjectIdentifier(tensor)] = number
        entries.append(Entry(tensor: tensor, name: free.take(path.isEmpty ? "tensor" : path), gradient: nil))
        if !tensor.isLeaf, tensor.requiresGrad { histories.append(path) }
        if tensor.hasHooks { hooks.append(path) }
        if tensor.isLeaf, let gradient = tensor.grad {
            entries[number].gradient = try add(gradient, path + ".grad")
        }
        return number
    }

    /// Adds the elements of a long vector; its name in the file.
    mutating func addVector(_ tensor: Tensor, _ path: String) -> String {
        let name = free.take(path.isEmpty ? "vector" : path)
        vectors.append((name, tensor))
        return name
    }

    /// What of the tensors is left out: a line a kind.
    var leftOut: [(path: String, reason: String)] {
        func line(_ what: String, _ paths: [String], _ reason: String) -> (path: String, reason: String)? {
            guard !paths.isEmpty else { return nil }
            let few = paths.prefix(3).map { $0.isEmpty ? "a value" : inOneLine($0, most: 60) }
            var names = few.joined(separator: ", ")
            if paths.count > few.count { names += " and \(paths.count - few.count) more" }
            return ("\(what) of \(names)", reason)
        }
        return [
            line("the gradient history", histories, "backward() needs them computed again"),
            line("the hooks", hooks, "register_hook() adds them again"),
        ].compactMap { $0 }
    }

    /// What goes into the file, and what the description says of each tensor.
    func finish() throws -> (files: [(name: String, tensor: Tensor)], records: [JSON]) {
        var files: [(name: String, tensor: Tensor)] = []
        var records: [JSON] = []
        // Of tensors over the same bytes, the first that spans all others holds the elements.
        var families: [ObjectIdentifier: [Int]] = [:]
        for (number, entry) in entries.enumerated() {
            families[ObjectIdentifier(entry.tensor.storage), default: []].append(number)
        }
        var base = Array(entries.indices)
        for family in families.values where family.count > 1 {
            guard
                let root = family.first(where: { root in
                    family.allSatisfy { entries[$0].tensor.lies(in: entries[root].tensor) }
                })
            else { continue }
            for number in family { base[number] = root }
        }
        for (number, entry) in entries.enumerated() {
            let tensor = entry.tensor
            var members: [(key: String, value: JSON)] = [("name", .string(entry.name))]
            func whole(_ numbers: [Int]) -> JSON { .array(numbers.map { .number(Double($0)) }) }
            members.append(("type", .string(tensor.dtype.torchName)))
            members.append(("shape", whole(tensor.shape)))
            if base[number] != number {
                let root = entries[base[number]].tensor
                members.append(("base", .number(Double(base[number]))))
                members.append(("strides", whole(tensor.strides)))
                members.append(("offset", .number(Double(tensor.offset - root.offset))))
            } else {
                if !tensor.isContiguous, tensor.isDense { members.append(("strides", whole(tensor.strides))) }
                files.append((entry.name, try tensor.detached().contiguous()))
            }
            if tensor.isLeaf, tensor.requiresGrad { members.append(("requires_grad", .bool(true))) }
            if let gradient = entry.gradient { members.append(("grad", .number(Double(gradient)))) }
            records.append(.object(members))
        }
        return (files + vectors, records)
    }
}

extension Tensor {
    /// Whether all elements lie among those of a dense tensor over the same bytes.
    fileprivate func lies(in other: Tensor) -> Bool {
        guard storage === other.storage, dtype == other.dtype, other.isDense, count > 0 else { return false }
        let last = zip(shape, strides).reduce(offset) { $0 + ($1.0 - 1) * $1.1 }
        return offset >= other.offset && last < other.offset + other.count
    }
}
