import Diagnostics
import Tensors

extension SnapshotTensors {
    /// Makes the tensors of a snapshot again: those that hold elements first, then views of them, then gradients.
    ///
    /// - Parameters:
    ///   - records: What ``finish()`` said of each.
    ///   - tensor: Finds a tensor of the file.
    /// - Throws: `.data` for records that contradict themselves or the file.
    static func read(_ records: [JSON], tensor: (String) throws -> Tensor) throws -> [Tensor] {
        func numbers(_ json: JSON?) throws -> [Int] {
            try SnapshotReader.array(json).map { element in
                guard let number = SnapshotReader.whole(element) else { throw SnapshotReader.fault }
                return number
            }
        }
        var made = [Tensor?](repeating: nil, count: records.count)
        for (place, record) in records.enumerated() where record["base"] == nil {
            let name = try SnapshotReader.text(record["name"])
            var found = try tensor(name)
            guard found.shape == (try numbers(record["shape"])),
                found.dtype.torchName == (try SnapshotReader.text(record["type"]))
            else { throw WorkbenchError(.data, "the tensor \"\(name)\" is not the one that was saved") }
            if let strides = record["strides"] { found = try found.laidOut(strides: try numbers(strides)) }
            made[place] = found
        }
        for (place, record) in records.enumerated() {
            guard let base = record["base"] else { continue }
            guard let number = SnapshotReader.whole(base), made.indices.contains(number), let root = made[number],
                let offset = SnapshotReader.whole(record["offset"])
            else { throw SnapshotReader.fault }
            made[place] = try root.region(
                shape: try numbers(record["shape"]), strides: try numbers(record["strides"]), offset: offset)
        }
        let tensors = made.compactMap { $0 }
        guard tensors.count == records.count else { throw SnapshotReader.fault }
        for (place, record) in records.enumerated() {
            if case .bool(true)? = record["requires_grad"] { _ = try tensors[place].requiresGrad_() }
            guard let gradient = record["grad"] else { continue }
            guard let number = SnapshotReader.whole(gradient), tensors.indices.contains(number),
                tensors[number].shape == tensors[place].shape
            else { throw SnapshotReader.fault }
            tensors[place].grad = tensors[number]
        }
        return tensors
    }
}
