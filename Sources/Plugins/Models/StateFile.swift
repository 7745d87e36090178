import Diagnostics
import Glibc
import PluginAPI
import Tensors

/// Files of weights: PyTorch's zip files and safetensors.
enum StateFile {
    /// Names and tensors of a state dict.
    /// - Throws: `.data` when the file is none, or holds anything but tensors by name.
    static func read(_ path: String) throws -> [(name: String, tensor: Tensor)] {
        guard try isZip(path) else { return try safetensors(path) }
        return try withValue(path) { value in
            guard case .dictionary(let dictionary) = value else {
                throw WorkbenchError(.data, "'\(path)' holds no state dict")
            }
            return try dictionary.entries.map { key, value in
                guard case .string(let name) = key, case .tensor(let tensor) = value else {
                    throw WorkbenchError(
                        .data, "'\(path)' holds more than tensors by name", hint: "load_state_dict(path) shows what")
                }
                return (name, tensor)
            }
        }
    }

    /// What a file holds, as R has it: a named list of tensors, numbers, texts and lists.
    static func readValue(_ path: String) throws -> Value {
        guard try isZip(path) else {
            return Value.named(try safetensors(path).map { ($0.name, .tensor($0.tensor)) })
        }
        return try withValue(path) { value in
            var conversion = StateConversion(path)
            return try conversion.converted(value)
        }
    }

    /// The tensors of a safetensors file; R torch's note of a list, which is none of them, is left out.
    private static func safetensors(_ path: String) throws -> [(name: String, tensor: Tensor)] {
        let contents = try Safetensors.read(path)
        guard contents.metadata.contains(where: { $0.key == "__r__" }) else { return contents.tensors }
        return contents.tensors.filter { $0.name != "__robj__" }
    }

    private static func isZip(_ path: String) throws -> Bool {
        let file = try openRegularFile(path)
        defer { close(file) }
        var start = [UInt8](repeating: 0, count: 9)
        guard pread(file, &start, 9, 0) == 9 else {
            throw WorkbenchError(.data, "'\(path)' is too short for a file of weights")
        }
        // A safetensors file whose header has 640 bytes begins as a pickle does; its header begins behind eight bytes.
        if start[8] == UInt8(ascii: "{"), start[4...7].allSatisfy({ $0 == 0 }) { return false }
        if start[0] == 0x80, start[1] <= 5 {
            throw WorkbenchError(
                .data, "'\(path)' is in PyTorch's old format, which is not read",
                hint: "in Python, torch.save(torch.load(path), new_path) writes the present one")
        }
        return start.starts(with: [0x50, 0x4B, 3, 4])
    }

    private static let types: [String: (dtype: DType, bytes: Int)] = [
        "FloatStorage": (.float32, 4), "DoubleStorage": (.float64, 8), "LongStorage": (.int64, 8),
        "IntStorage": (.int32, 4), "ShortStorage": (.int16, 2), "CharStorage": (.int8, 1), "ByteStorage": (.uint8, 1),
        "BoolStorage": (.bool, 1), "HalfStorage": (.float16, 2), "BFloat16Storage": (.bfloat16, 2),
    ]

    /// Hands the value of a file to a body; what of it the body does not keep is taken apart afterwards.
    private static func withValue<Result>(_ path: String, _ body: (StateValue) throws -> Result) throws -> Result {
        let zip = try ZipEntries(path)
        guard let main = zip.entries.keys.first(where: { $0.hasSuffix("/data.pkl") }) else {
            throw zip.fault("it has no data.pkl")
        }
        let folder = String(main.dropLast("data.pkl".count))
        if zip.entries[folder + "byteorder"] != nil,
            String(decoding: try zip.bytes(folder + "byteorder", limit: 16), as: UTF8.self) == "big"
        {
            throw zip.fault("its numbers are big-endian")
        }
        var storages: [String: Tensor] = [:]
        var pickle = StatePickle(try zip.bytes(main, limit: 256 << 20), fault: zip.fault) {
            type, key, count, offset, size, stride in
            let name = type.split(separator: ".").last.map { String($0) } ?? type
            guard let kind = types[name] else { throw zip.fault("it holds numbers of type \(type)") }
            let whole: Tensor
            if let known = storages[key] {
                whole = known
            } else {
                whole = try storage(zip, folder + "data/" + key, name, kind, count)
                storages[key] = whole
            }
            guard size.count == stride.count, size.allSatisfy({ $0 >= 0 }), stride.allSatisfy({ $0 >= 0 }), offset >= 0,
                let elements = product(size)
            else { throw zip.fault("a tensor has an impossible shape") }
            if offset == 0, elements == whole.count, rowMajor(size) == stride { return try whole.view(size) }
            let view: Tensor
            do { view = try whole.asStrided(size, stride, offset: offset) } catch let error as WorkbenchError {
                throw zip.fault("a tensor reaches out of its numbers (\(error.message))")
            }
            // One that repeats its numbers (`expand()`) stays a view: it may have any number of elements.
            return elements > whole.count ? view : try view.contiguous()
        }
        defer { pickle.dismantle() }
        return try body(try pickle.value())
    }

    private static func product(_ sizes: [Int]) -> Int? {
        var product = 1
        for size in sizes {
            let (next, overflow) = product.multipliedReportingOverflow(by: size)
            guard !overflow else { return nil }
            product = next
        }
        return product
    }

    private static func rowMajor(_ size: [Int]) -> [Int] {
        var step = 1
        return size.reversed().map { extent in
            defer { step = step.multipliedReportingOverflow(by: max(extent, 1)).partialValue }
            return step
        }.reversed()
    }

    private static func storage(
        _ zip: ZipEntries, _ entry: String, _ name: String, _ kind: (dtype: DType, bytes: Int), _ count: Int
    ) throws -> Tensor {
        // Believed only as far as there are bytes for it.
        guard let size = zip.size(entry), count <= size / kind.bytes else {
            throw zip.fault("the entry \(entry) is missing or too short")
        }
        let tensor = try Tensor.empty([count], kind.dtype)
        try zip.fill(
            UnsafeMutableRawBufferPointer(start: tensor.storage.bytes, count: count * kind.bytes), from: entry)
        return tensor
    }
}
