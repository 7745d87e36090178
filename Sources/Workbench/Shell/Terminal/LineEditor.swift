import CLineEditor
import Glibc

/// The editor of the prompt: libedit with history, completion, bracketed paste and rows of multi-line text.
final class LineEditor {
    /// What reading gave.
    enum Input: Equatable {
        /// A text, perhaps of several lines; without the last line end.
        case text(String)
        /// Ctrl-D on an empty line, or the terminal is gone.
        case end
        /// Ctrl-C.
        case interrupted
        /// SIGTERM or SIGHUP.
        case terminated
    }

    /// What Tab does: the text being edited and the bytes of it before the cursor come in.
    typealias Completer = (_ text: String, _ before: Int) -> CompletionEdit

    private let handle: OpaquePointer
    private var completer: Completer?

    /// Opens the terminal; nil if it cannot be used.
    init?(program: String) {
        line_editor_use_utf8()
        guard let handle = line_editor_open(program) else { return nil }
        self.handle = handle
    }

    deinit { line_editor_close(handle) }

    /// Sets what Tab does.
    func complete(with completer: @escaping Completer) {
        self.completer = completer
        let context = Unmanaged.passUnretained(self).toOpaque()
        line_editor_complete_with(
            handle,
            { context, text, before in
                var result = line_editor_completion(remove: 0, insert: nil, listing: nil)
                guard let context, let text else { return result }
                let editor = Unmanaged<LineEditor>.fromOpaque(context).takeUnretainedValue()
                guard let edit = editor.completer?(String(cString: text), before) else { return result }
                result.remove = Int32(clamping: edit.remove)
                result.insert = strdup(edit.insert)
                if let listing = edit.listing { result.listing = strdup(listing) }
                return result
            }, context)
    }

    /// Adds an entry to what Up recalls.
    func remember(_ entry: String) { line_editor_remember(handle, entry) }

    /// Reads a text.
    func read(prompt: String) -> Input {
        var text: UnsafeMutablePointer<CChar>?
        let result = prompt.withCString { line_editor_read(handle, $0, &text) }
        defer { free(text) }
        switch result {
        case line_editor_text: return .text(text.map { String(cString: $0) } ?? "")
        case line_editor_interrupted: return .interrupted
        case line_editor_terminated: return .terminated
        default: return .end
        }
    }

    /// Rows of the screen that the text read last took; 0 where the cursor cannot be moved up.
    var rowsShown: Int { Int(line_editor_rows_shown(handle)) }
}

/// How a completion changes the text.
struct CompletionEdit: Equatable {
    /// Characters before the cursor to take away.
    var remove = 0
    /// What to put in their place.
    var insert = ""
    /// Lines to show below, or nil.
    var listing: String?
}
