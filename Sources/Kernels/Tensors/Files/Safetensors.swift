import Diagnostics
import Glibc

/// Files of named tensors in the safetensors format: eight bytes of header length, a JSON header, the elements.
///
/// - Source: github.com/huggingface/safetensors, format description.
public enum Safetensors {
    /// What a file holds, in the order of its data.
    public struct Contents {
        /// Names and tensors.
        public var tensors: [(name: String, tensor: Tensor)]
        /// Free texts under `__metadata__`.
        public var metadata: [(key: String, value: String)]

        /// The tensor of a name.
        public subscript(name: String) -> Tensor? { tensors.first { $0.name == name }?.tensor }
    }

    static let largestHeader = 100 << 20
    private static let names: [(name: String, dtype: DType)] = [
        ("F32", .float32), ("F64", .float64), ("I32", .int32), ("I64", .int64), ("U8", .uint8), ("BOOL", .bool),
        ("I8", .int8), ("I16", .int16), ("F16", .float16), ("BF16", .bfloat16),
    ]

    private struct Entry {
        let name: String
        let dtype: DType
        let shape: [Int]
        let start: Int
        let end: Int
    }

    /// Reads a file.
    ///
    /// - Throws: ``WorkbenchError`` of kind `.data`: no such file, truncated, or a header that contradicts itself or the
    ///   file's size; nothing is believed before it is checked.
    public static func read(_ path: String) throws -> Contents {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw fileError("cannot open '\(path)'") }
        defer { close(file) }
        do { return try read(file) } catch let error as WorkbenchError where error.kind == .data {
            throw WorkbenchError(
                .data, "'\(path)' is not a readable safetensors file: \(inOneLine(error.message))", hint: error.hint)
        }
    }

    private static func read(_ file: Int32) throws -> Contents {
        let (entries, metadata, dataStart) = try header(file)
        let tensors = try entries.map { entry -> (name: String, tensor: Tensor) in
            (entry.name, try load(entry, file, dataStart))
        }
        return Contents(tensors: tensors, metadata: metadata)
    }

    private static func header(_ file: Int32) throws -> (
        entries: [Entry], metadata: [(key: String, value: String)], dataStart: Int
    ) {
        var info = stat()
        guard fstat(file, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { throw fault("it is not a file") }
        let size = Int(info.st_size)
        guard size >= 8 else { throw fault("it has \(size) bytes and cannot hold a header") }
        var length: UInt64 = 0
        try withUnsafeMutableBytes(of: &length) { try fill($0, file, at: 0) }
        length = UInt64(littleEndian: length)
        guard length <= UInt64(largestHeader) else {
            throw fault("its header would have \(length) bytes; at most \(largestHeader) are allowed")
        }
        guard length <= UInt64(size - 8) else {
            throw fault("its header should have \(length) bytes but the file ends after \(size)")
        }
        var header = [UInt8](repeating: 0, count: Int(length))
        try header.withUnsafeMutableBytes { try fill($0, file, at: 8) }
        let dataStart = 8 + Int(length)
        let (entries, metadata) = try entries(header, dataSize: size - dataStart)
        return (entries, metadata, dataStart)
    }

    /// The free texts of a file, without reading its tensors.
    /// - Throws: as ``read(_:)``.
    public static func metadata(of path: String) throws -> [(key: String, value: String)] {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw fileError("cannot open '\(path)'") }
        defer { close(file) }
        return try header(file).metadata
    }

    private static func entries(
        _ header: [UInt8], dataSize: Int
    ) throws -> ([Entry], [(key: String, value: String)]) {
        let json: JSON
        do {
            json = try JSON(utf8: header)
        } catch let error as WorkbenchError {
            throw fault("its header is \(error.message)")
        }
        guard case .object(let members) = json else { throw fault("its header is no JSON object") }
        var metadata: [(key: String, value: String)] = []
        var entries: [Entry] = []
        var seen: Set<String> = []
        for (name, value) in members {
            guard seen.insert(name).inserted else { throw fault("the name \"\(name)\" comes twice") }
            guard case .object(let fields) = value else { throw fault("the entry \"\(name)\" is no object") }
            if name == "__metadata__" {
                for (key, text) in fields {
                    guard case .string(let text) = text else { throw fault("metadata \"\(key)\" is no string") }
                    metadata.append((key, text))
                }
                continue
            }
            entries.append(try entry(name, fields, dataSize))
        }
        entries = entries.ordered { ($0.start, $0.end) < ($1.start, $1.end) }
        var end = 0
        for entry in entries {
            guard entry.start == end else {
                throw fault(
                    "the data of \"\(entry.name)\" \(entry.start < end ? "overlap another tensor's" : "leave a gap before them")"
                        + " (offset \(entry.start), expected \(end))")
            }
            end = entry.end
        }
        guard end == dataSize else { throw fault("its tensors take \(end) bytes but \(dataSize) follow the header") }
        return (entries, metadata)
    }

    private static func entry(_ name: String, _ fields: [(key: String, value: JSON)], _ dataSize: Int) throws
        -> Entry
    {
        var type: String?
        var shape: [Int]?
        var offsets: [Int]?
        func numbers(_ value: JSON, _ field: String) throws -> [Int] {
            guard case .array(let items) = value else { throw fault("\(field) of \"\(name)\" is no list") }
            return try items.map {
                guard case .number(let number) = $0, number >= 0, let n = Int(exactly: number) else {
                    throw fault("\(field) of \"\(name)\" holds no whole numbers ≥ 0")
                }
                return n
            }
        }
        for (key, value) in fields {
            switch key {
            case "dtype": if case .string(let text) = value { type = text }
            case "shape": shape = try numbers(value, key)
            case "data_offsets": offsets = try numbers(value, key)
            default: break
            }
        }
        guard let type, let shape, let offsets, offsets.count == 2 else {
            throw fault("the entry \"\(name)\" lacks dtype, shape or data_offsets")
        }
        guard let dtype = names.first(where: { $0.name == type })?.dtype else {
            throw fault("\"\(name)\" has elements of type \(type), which is not supported")
        }
        let unit = dtype.byteCount
        var bytes = unit
        for size in shape {
            let (product, overflow) = bytes.multipliedReportingOverflow(by: size)
            guard !overflow else { throw fault("the shape \(bracketed(shape)) of \"\(name)\" is too large") }
            bytes = product
        }
        guard offsets[0] <= offsets[1], offsets[1] <= dataSize else {
            throw fault(
                "the data_offsets \(bracketed(offsets)) of \"\(name)\" lie outside the file's \(dataSize) data bytes")
        }
        guard offsets[1] - offsets[0] == bytes else {
            throw fault(
                "\"\(name)\" of shape \(bracketed(shape)) and type \(type) needs \(bytes) bytes, its data_offsets span "
                    + "\(offsets[1] - offsets[0])")
        }
        return Entry(name: name, dtype: dtype, shape: shape, start: offsets[0], end: offsets[1])
    }

    private static func load(_ entry: Entry, _ file: Int32, _ dataStart: Int) throws -> Tensor {
        let tensor = try Tensor.empty(entry.shape, entry.dtype)
        try fill(
            UnsafeMutableRawBufferPointer(start: tensor.pointer, count: entry.end - entry.start), file,
            at: dataStart + entry.start)
        return tensor
    }

    private static func fill(_ buffer: UnsafeMutableRawBufferPointer, _ file: Int32, at start: Int) throws {
        var done = 0
        while done < buffer.count, let base = buffer.baseAddress {
            let n = pread(file, base + done, buffer.count - done, off_t(start + done))
            if n < 0, errno == EINTR { continue }
            guard n > 0 else { throw fault(n < 0 ? String(cString: strerror(errno)) : "it ends too early") }
            done += n
        }
    }

    private static func fault(_ message: String) -> WorkbenchError { WorkbenchError(.data, message) }

    private static func fileError(_ what: String) -> WorkbenchError {
        WorkbenchError(.data, "\(what): \(String(cString: strerror(errno)))")
    }

    // MARK: Writing

    /// Writes tensors to a file, row-major, in the order given; the file appears whole or not at all (``AtomicFile``).
    ///
    /// - Throws: ``WorkbenchError`` of kind `.data` if the file cannot be written, `.value` for a name that comes twice.
    public static func write(
        _ tensors: [(name: String, tensor: Tensor)], metadata: [(key: String, value: String)] = [], to path: String
    ) throws {
        var header = "{"
        if !metadata.isEmpty {
            header +=
                "\"__metadata__\":{"
                + metadata.map { JSON.quoted($0.key) + ":" + JSON.quoted($0.value) }
                .joined(separator: ",") + "}"
        }
        var at = 0
        var seen: Set<String> = ["__metadata__"]
        for (name, tensor) in tensors {
            guard seen.insert(name).inserted else {
                throw WorkbenchError(.value, "cannot save two tensors under the name \"\(name)\"")
            }
            let end = at + tensor.count * tensor.dtype.byteCount
            let type = names.first { $0.dtype == tensor.dtype }?.name ?? "U8"
            if header.utf8.count > 1 { header += "," }
            header += JSON.quoted(name) + ":{\"dtype\":\"\(type)\",\"shape\":["
            header += tensor.shape.map(String.init).joined(separator: ",") + "],\"data_offsets\":[\(at),\(end)]}"
            at = end
        }
        header += "}"
        // Data begin at a multiple of eight bytes.
        while header.utf8.count % 8 != 0 { header += " " }
        var bytes: [UInt8] = []
        withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { bytes += $0 }
        bytes += Array(header.utf8)

        try AtomicFile.write(to: path) { file in
            try file.write(bytes)
            for (_, tensor) in tensors {
                let row = tensor.isContiguous ? tensor : try tensor.copied()
                try file.write(
                    UnsafeRawBufferPointer(start: row.pointer, count: row.count * row.dtype.byteCount))
                withExtendedLifetime(row) {}
            }
        }
    }
}
