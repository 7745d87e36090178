import Diagnostics
import Glibc
import RRuntime
import TextValues

/// A path as the session means it: `~` is the home folder, relative paths start at its working directory.
package func absolutePath(_ path: String, _ context: Context) -> String {
    var path = path
    if path == "~" || path.hasPrefix("~/"), let home = getenv("HOME") {
        path = String(cString: home) + path.dropFirst()
    }
    return path.hasPrefix("/") ? path : context.workingDirectory + "/" + path
}

/// The text of a file.
/// - Parameter encoding: Of its bytes, a name that `iconv` knows.
/// - Throws: R's `cannot open file 'x': No such file or directory`.
func readText(_ path: String, encoding: String = "", _ context: Context) throws -> String {
    let bytes: [UInt8]
    do {
        bytes = try context.bytes(ofFile: absolutePath(path, context), limit: 1 << 30)
    } catch let fault as UnreadableFile {
        if fault.number == EFBIG { throw WorkbenchError(.memory, "file '\(path)' is larger than 1 GiB") }
        let verb = fault.number == EISDIR ? "read" : "open"
        throw WorkbenchError(.data, "cannot \(verb) file '\(path)': \(fault.reason)")
    }
    guard !TextConversion.isUTF8(encoding) else { return String(keeping: bytes) }
    return try TextConversion(from: encoding, to: "").text(of: bytes).text
}

/// The text of a file that holds code; one that cannot be opened is warned about before the error, as R's `file()` does.
///
/// - Parameter inSource: Whether `source()` asks, whose call of `file()` has an encoding.
package func readCode(
    _ path: String, inSource: Bool = false, encoding: String = "", _ context: Context
) throws -> String {
    do {
        return try readText(path, encoding: encoding, context)
    } catch let error as WorkbenchError where error.message.hasPrefix("cannot open file") {
        var arguments = [Argument(.symbol(Symbol.named("filename"))), Argument("r")]
        if inSource { arguments.append(Argument(.symbol(Symbol.named("encoding")), name: "encoding")) }
        let call = Call(.symbol(Symbol.named("file")), arguments)
        try context.warn(error.message, call: call)
        throw try context.raise(
            WorkbenchError(.data, "cannot open the connection", hint: error.message), call: call)
    }
}

/// Memory of the process now, in MB.
package func residentMegabytes() -> Double {
    guard let file = fopen("/proc/self/statm", "r") else { return .na }
    defer { fclose(file) }
    var buffer = [CChar](repeating: 0, count: 256)
    guard fgets(&buffer, 256, file) != nil else { return .na }
    let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let fields = text.split(separator: " ")
    guard fields.count > 1, let pages = Double(fields[1]) else { return .na }
    return (pages * Double(sysconf(Int32(_SC_PAGESIZE))) / 1e6 * 10).rounded() / 10
}
