import Diagnostics
import Glibc
import Tensors

/// A ``Snapshot`` in a file: safetensors, so that other programs read the tensors, with the description and a checksum
/// of everything in the metadata. Files of every earlier version are read for ever.
public enum SnapshotFile {
    /// The version that is written; higher ones are refused.
    public static let version = 1

    /// What a file is for, as its metadata says it.
    public enum Purpose: String, Sendable {
        /// `save_session()`
        case workspace = "workbench workspace"
        /// `saveRDS()` of live objects, `luz_save()`
        case object = "workbench object"
    }

    private static let largestDescription = 64 << 20

    /// Writes a snapshot; the file appears whole or not at all.
    /// - Throws: `.data` if it cannot be written, `.value` for a description above 64 megabytes.
    public static func write(_ snapshot: Snapshot, for purpose: Purpose, to path: String) throws {
        let text = snapshot.description.text
        guard text.utf8.count <= largestDescription else {
            throw WorkbenchError(
                .value,
                "there are too many values to save: their description has \(text.utf8.count) bytes, and \(largestDescription) is the most",
                hint:
                    "long vectors and tensors take no room there; lists of very many elements, and very many environments, do; save_session(list = ) saves some of the variables"
            )
        }
        let sums = snapshot.tensors.map { entry in
            (key: entry.name, value: JSON.number(Double(checksum(of: entry.tensor))))
        }
        try Safetensors.write(
            snapshot.tensors,
            metadata: [
                ("format", purpose.rawValue), ("version", String(version)), (TensorTree.metadataKey, text),
                ("checksum", String(Checksum.of(Array(text.utf8)))), ("checksums", JSON.object(sums).text),
            ], to: path)
    }

    private static func checksum(of tensor: Tensor) -> UInt32 {
        tensor.withContiguousBytes { Checksum.of($0) }
    }

    /// What a file holds, checked.
    public struct Contents {
        /// What it is for.
        public let purpose: Purpose
        /// Version of the format it was written in.
        public let version: Int
        /// Nodes, environments, states.
        public let description: JSON
        fileprivate let tensors: [String: Tensor]

        /// A tensor by name.
        /// - Throws: `.data` if there is none.
        public func tensor(_ name: String) throws -> Tensor {
            guard let tensor = tensors[name] else {
                throw WorkbenchError(.data, "there is no tensor \"\(name)\" in it")
            }
            return tensor
        }
    }

    /// Whether a file says that it holds a snapshot; false for what cannot be read.
    public static func isSnapshot(_ path: String) -> Bool {
        // A pipe would lose its writer by being looked at.
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
        guard let metadata = try? Safetensors.metadata(of: path) else { return false }
        return metadata.contains { $0.key == "format" && Purpose(rawValue: $0.value) != nil }
    }

    /// Reads a file.
    /// - Throws: `.data` for a file that is none, is damaged (with the name of the tensor), or is newer than this program.
    public static func read(_ path: String, for purpose: Purpose) throws -> Contents {
        let file = try Safetensors.read(path)
        func metadata(_ key: String) -> String? { file.metadata.first { $0.key == key }?.value }
        guard let format = metadata("format"), let found = Purpose(rawValue: format),
            let text = metadata(TensorTree.metadataKey)
        else {
            throw WorkbenchError(
                .data, "'\(path)' is a safetensors file, but no \(word(purpose))",
                hint: "torch_load() reads tensors, luz_load_checkpoint() checkpoints")
        }
        guard found == purpose else {
            throw WorkbenchError(
                .data, "'\(path)' is a \(word(found)), not a \(word(purpose))",
                hint: found == .workspace ? "restore_session() reads it" : "readRDS() or luz_load() reads it")
        }
        guard let number = metadata("version").flatMap({ Int($0) }), number >= 1 else {
            throw WorkbenchError(.data, "'\(path)' does not say in which version of the format it was written")
        }
        guard number <= version else {
            throw WorkbenchError(
                .data, "'\(path)' was written by a newer workbench (format \(number); this one reads up to \(version))",
                hint: "upgrade the workbench to open it")
        }
        guard metadata("checksum") == String(Checksum.of(Array(text.utf8))) else {
            throw damaged(path, "its description does not have the checksum it was saved with")
        }
        let sums: JSON
        do { sums = try JSON(metadata("checksums") ?? "") } catch { throw damaged(path, "it has no checksums") }
        var tensors: [String: Tensor] = [:]
        for entry in file.tensors {
            guard case .number(let sum)? = sums[entry.name], sum == Double(checksum(of: entry.tensor)) else {
                throw damaged(path, "the tensor \"\(entry.name)\" does not have the checksum it was saved with")
            }
            tensors[entry.name] = entry.tensor
        }
        do {
            return Contents(purpose: found, version: number, description: try JSON(text), tensors: tensors)
        } catch let error as WorkbenchError {
            throw damaged(path, error.message)
        }
    }

    private static func damaged(_ path: String, _ what: String) -> WorkbenchError {
        WorkbenchError(.data, "'\(path)' is damaged: \(what)", hint: "nothing was restored from it")
    }

    private static func word(_ purpose: Purpose) -> String {
        switch purpose {
        case .workspace: "workspace"
        case .object: "saved object"
        }
    }
}
