import Diagnostics
import Glibc
import PluginAPI
import Tensors

/// `torch_load()`: safetensors files, R torch's notes in them, and the lists that `torch_save()` describes.
///
/// What was read is printed. An input that begins with `{` is a header without its length; what follows a zero byte are the data.
struct SafetensorsReader: ReaderUnderTest {
    static let name = "safetensors"
    private let load: Value
    private let context: Context

    init(_ context: Context) {
        self.context = context
        load = context.registry.namespace("torch").environment.local(Symbol.named("torch_load")) ?? .null
    }

    func read(_ input: UnsafeRawBufferPointer, _ file: ScratchFile) throws {
        if input.first == UInt8(ascii: "{") {
            let header = input.prefix { $0 != 0 }
            var bytes: [UInt8] = []
            withUnsafeBytes(of: UInt64(header.count).littleEndian) { bytes += $0 }
            file.fill(bytes + header + input.dropFirst(header.count + 1))
        } else {
            file.fill(input)
        }
        _ = Result { try Safetensors.metadata(of: file.path) }
        try context.print(try context.call(load, [Argument(.string(file.path))]))
    }
}
