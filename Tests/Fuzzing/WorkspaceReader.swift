import Diagnostics
import PluginAPI
import Tensors

/// `restore_session()`; what was restored is saved again.
///
/// An input that begins with `{` is the description of a workspace: it gets the checksums it must have and the tensors
/// that it names.
struct WorkspaceReader: ReaderUnderTest {
    static let name = "workspace"
    private let context: Context

    init(_ context: Context) {
        self.context = context
    }

    func read(_ input: UnsafeRawBufferPointer, _ file: ScratchFile) throws {
        defer { clear() }
        if input.first == UInt8(ascii: "{") {
            file.fill(try sealed(Array(input)))
        } else {
            file.fill(input)
        }
        _ = try context.call(
            "restore_session", [Argument(.string(file.path)), Argument(.flag(true), name: "quiet")])
        do {
            _ = try context.call(
                "save_session", [Argument(.string("/dev/null")), Argument(.flag(true), name: "quiet")])
        } catch let error as WorkbenchError where error.kind == .memory {
            // A view that repeats one number a billion times is small until it is written.
        }
    }

    private func clear() {
        for symbol in context.globalEnvironment.names() { _ = try? context.globalEnvironment.remove(symbol) }
        context.collector.collect()
    }

    /// A file around a description.
    private func sealed(_ text: [UInt8]) throws -> [UInt8] {
        let tensors = tensors(try JSON(utf8: text))
        var sums: [(key: String, value: JSON)] = []
        var members: [(key: String, value: JSON)] = []
        var data: [UInt8] = []
        for tensor in tensors {
            sums.append((tensor.name, .number(Double(Checksum.of(tensor.bytes)))))
            members.append(
                (
                    tensor.name,
                    .object([
                        ("dtype", .string(tensor.type)), ("shape", .array(tensor.shape.map { .number(Double($0)) })),
                        (
                            "data_offsets",
                            .array([.number(Double(data.count)), .number(Double(data.count + tensor.bytes.count))])
                        ),
                    ])
                ))
            data += tensor.bytes
        }
        let metadata: [(String, String)] = [
            ("format", "workbench workspace"), ("version", "1"),
            ("workbench", String(decoding: text, as: UTF8.self)), ("checksum", String(Checksum.of(text))),
            ("checksums", JSON.object(sums).text),
        ]
        members.insert(("__metadata__", .object(metadata.map { ($0.0, .string($0.1)) })), at: 0)
        let header = Array(JSON.object(members).text.utf8)
        var bytes: [UInt8] = []
        withUnsafeBytes(of: UInt64(header.count).littleEndian) { bytes += $0 }
        return bytes + header + data
    }

    private struct Data {
        let name: String
        let type: String
        let shape: [Int]
        let bytes: [UInt8]
    }

    private static let types: [String: (name: String, bytes: Int)] = [
        "Float": ("F32", 4), "Double": ("F64", 8), "Int": ("I32", 4), "Long": ("I64", 8), "Byte": ("U8", 1),
        "Bool": ("BOOL", 1), "Char": ("I8", 1), "Short": ("I16", 2),
        "raw": ("U8", 1), "lgl": ("U8", 1), "int": ("I32", 4), "dbl": ("F64", 8), "cplx": ("F64", 8), "chr": ("I64", 8),
    ]

    /// The tensors that a description names, as far as they are small, and the long vectors.
    private func tensors(_ description: JSON) -> [Data] {
        var found: [Data] = []
        func add(_ name: String, _ type: String, _ shape: [Int], _ bytes: [UInt8]? = nil) {
            guard let type = WorkspaceReader.types[type], !found.contains(where: { $0.name == name }),
                name != "__metadata__"
            else { return }
            var count = type.bytes
            for size in shape {
                guard size >= 0, size < 10_000, count < 1 << 20 else { return }
                count *= size
            }
            guard count < 1 << 20 else { return }
            found.append(
                Data(
                    name: name, type: type.name, shape: shape,
                    bytes: bytes ?? (0..<count).map { $0 % type.bytes == 0 ? 1 : 0 }))
        }
        if case .array(let records)? = description["tensors"] {
            for record in records where record["base"] == nil {
                guard case .string(let name)? = record["name"], case .string(let type)? = record["type"],
                    case .array(let sizes)? = record["shape"]
                else { continue }
                add(name, type, sizes.compactMap { if case .number(let n) = $0 { Int(exactly: n) } else { nil } })
            }
        }
        guard case .array(let nodes)? = description["nodes"] else { return found }
        for node in nodes {
            guard case .array(let parts) = node, parts.count > 2, case .string("big") = parts[0],
                case .string(let tag) = parts[1], case .string(let name) = parts[2]
            else { continue }
            if name == ".torch" {
                let state = context.tensors.generator.stateBytes
                add(name, "raw", [state.count], state)
            } else if name == ".random", case .integer(let state) = context.random.state {
                let bytes = state.elements.flatMap { number in
                    withUnsafeBytes(of: (number ?? Int32.min).littleEndian) { Array($0) }
                }
                add(name, "int", [state.count], bytes)
            } else {
                add(name, tag, tag == "cplx" ? [12, 2] : [24])
            }
            if tag == "chr", parts.count > 3, case .string(let second) = parts[3] { add(second, "raw", [24]) }
        }
        return found
    }
}
