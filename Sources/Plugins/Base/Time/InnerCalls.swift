import Diagnostics
import RRuntime

extension Context {
    /// An error of a function that R calls inside the one that is running, under its name, so that the message is R's.
    ///
    /// - Parameter arguments: Their code in R's source; nil for those of the running call.
    func failing(
        _ name: String, _ arguments: [String]?, _ message: String, hint: String? = nil
    ) throws -> any Error {
        let own = currentCall
        let written = try arguments?.flatMap { try parse($0) }.map { Argument($0) } ?? own?.arguments ?? []
        let call = Call(.symbol(Symbol.named(name)), written, span: own?.span)
        return try raise(WorkbenchError(.value, message, hint: hint), call: call)
    }
}
