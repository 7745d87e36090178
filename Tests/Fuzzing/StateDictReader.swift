import Diagnostics
import PluginAPI
import TestSupport

/// `load_state_dict(path)`: PyTorch's zip files with a pickle in them.
///
/// What was read is printed. An input that begins as a pickle is put into a zip file with three storages.
struct StateDictReader: ReaderUnderTest {
    static let name = "pth"
    private let load: Value
    private let context: Context

    init(_ context: Context) {
        self.context = context
        load = context.registry.namespace("torch").environment.local(Symbol.named("load_state_dict")) ?? .null
    }

    func read(_ input: UnsafeRawBufferPointer, _ file: ScratchFile) throws {
        if input.first == 0x80 {
            file.fill(
                StoredZip.bytes([
                    ("a/data.pkl", Array(input)), ("a/data/0", [UInt8](repeating: 63, count: 64)),
                    ("a/data/1", [UInt8](repeating: 1, count: 8)), ("a/data/2", []),
                ]))
        } else {
            file.fill(input)
        }
        try context.print(try context.call(load, [Argument(.string(file.path))]))
    }
}
