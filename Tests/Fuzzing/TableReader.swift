import Diagnostics
import PluginAPI

/// `read.csv()` and its kin. The first byte of an input chooses the function and its arguments.
struct TableReader: ReaderUnderTest {
    static let name = "csv"
    private let context: Context

    init(_ context: Context) { self.context = context }

    private static let ways: [(function: String, arguments: [(name: String, value: Value)])] = [
        ("read.csv", []),
        ("read.csv", [("header", .flag(false)), ("stringsAsFactors", .flag(true))]),
        ("read.csv", [("row.names", .int(1)), ("strip.white", .flag(true))]),
        ("read.csv", [("colClasses", .string("numeric"))]),
        ("read.csv2", []),
        ("read.delim", [("check.names", .flag(false))]),
        ("read.table", []),
        ("read.table", [("header", .flag(true)), ("fill", .flag(true)), ("sep", .string(","))]),
        ("read.csv", [("colClasses", .string("character")), ("na.strings", .string("x"))]),
        ("read.csv", [("nrows", .int(2)), ("skip", .int(1)), ("comment.char", .string("#"))]),
        ("read.csv", [("colClasses", .string("Date"))]),
        ("count.fields", [("sep", .string(","))]),
    ]

    func read(_ input: UnsafeRawBufferPointer, _ file: ScratchFile) throws {
        guard let choice = input.first else { return }
        // Letters as well, so that seeds can be written by hand: a is 1, b is 2, …
        let way = TableReader.ways[Int(choice & 0x1F) % TableReader.ways.count]
        file.fill(UnsafeRawBufferPointer(rebasing: input.dropFirst()))
        let value = try context.call(
            way.function,
            [Argument(.string(file.path))] + way.arguments.map { Argument($0.value, name: $0.name) })
        _ = try context.call("dim", [Argument(value)])
        guard way.function != "count.fields" else { return }
        _ = try context.call("write.csv", [Argument(value), Argument(.string("/dev/null"), name: "file")])
    }
}
