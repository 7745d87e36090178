import Diagnostics
import Tensors

extension Context {
    /// Writes one value with everything it refers to into a file: what `saveRDS()` of a model and `luz_save()` do.
    /// - Returns: What could not be saved, where and why.
    /// - Throws: `.data` if the file cannot be written.
    public func saveObject(_ value: Value, to path: String) throws -> [(path: String, reason: String)] {
        let writer = SnapshotWriter(self)
        let number = try writer.add(value, at: "")
        // Half of it would take the place of a good file.
        if let guarded = writer.guarded { try checkOwner(of: guarded) }
        let snapshot = try writer.finish([("value", .number(Double(number)))])
        if writer.isLeftOut(number), let skipped = snapshot.skipped.first {
            throw WorkbenchError(.value, "it cannot be saved: \(skipped.reason)")
        }
        try SnapshotFile.write(snapshot, for: .object, to: path)
        return snapshot.skipped
    }

    /// Reads a value that ``saveObject(_:to:)`` wrote. Runs no R code; the random generators go on as if nothing had been
    /// read.
    /// - Returns: The value, and what of it could not be made again.
    /// - Throws: `.data` for any other file, or a damaged one.
    public func readObject(_ path: String) throws -> (value: Value, notes: [String]) {
        let generator = tensors.generator.stateBytes
        defer { try? tensors.generator.restore(generator) }
        return try readingForeignText {
            let file = try SnapshotFile.read(path, for: .object)
            let reader = try SnapshotReader(file.description, self, tensor: file.tensor)
            return (try reader.value(file.description["value"]), reader.notes.map { inOneLine($0) })
        }
    }
}
