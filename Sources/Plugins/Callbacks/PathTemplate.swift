import Diagnostics
import PluginAPI

/// A path with code in braces: `m-{epoch:02d}-{monitor:.3f}.pt`. `{code}` is the value as text, `{code:format}` what
/// `sprintf("%format", code)` makes of it, `{{` a brace.
struct PathTemplate {
    let text: String

    /// The path, with code evaluated in an environment.
    func filled(in environment: Environment, _ context: Context) throws -> String {
        var result: [UInt8] = []
        let bytes = Array(text.utf8)
        var place = 0
        while place < bytes.count {
            let byte = bytes[place]
            if byte == UInt8(ascii: "}"), place + 1 < bytes.count, bytes[place + 1] == byte {
                result.append(byte)
                place += 2
                continue
            }
            guard byte == UInt8(ascii: "{") else {
                result.append(byte)
                place += 1
                continue
            }
            if place + 1 < bytes.count, bytes[place + 1] == byte {
                result.append(byte)
                place += 2
                continue
            }
            guard let end = closing(bytes, after: place) else {
                throw WorkbenchError(.value, "the path \"\(text)\" has a { without its }", hint: "{{ is a plain brace")
            }
            let code = String(decoding: bytes[(place + 1)..<end], as: UTF8.self)
            result += Array(try value(of: code, in: environment, context).utf8)
            place = end + 1
        }
        return String(decoding: result, as: UTF8.self)
    }

    private func closing(_ bytes: [UInt8], after start: Int) -> Int? {
        var depth = 0
        for place in start..<bytes.count {
            if bytes[place] == UInt8(ascii: "{") { depth += 1 }
            if bytes[place] == UInt8(ascii: "}") {
                depth -= 1
                if depth == 0 { return place }
            }
        }
        return nil
    }

    private func value(of code: String, in environment: Environment, _ context: Context) throws -> String {
        var code = code
        var format: String?
        if let colon = code.utf8.lastIndex(of: UInt8(ascii: ":")) {
            let behind = String(code[code.utf8.index(after: colon)...])
            if PathTemplate.isFormat(behind) {
                format = behind
                code = String(code[..<colon])
            }
        }
        var value = Value.null
        for expression in try context.parse(code) { value = try context.evaluate(expression, in: environment) }
        if let format { value = try context.call("sprintf", [Argument(.string("%" + format)), Argument(value)]) }
        guard let first = try context.asCharacters(value).elements.first, let first else {
            throw WorkbenchError(.value, "{\(code)} in the path \"\(text)\" gives nothing to write")
        }
        return first.string
    }

    /// `02d`, `.3f`, `5s`: flags, width, precision and one letter.
    private static func isFormat(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        while let first = rest.first, "-+ 0#".utf8.contains(first) { rest = rest.dropFirst() }
        while let first = rest.first, first >= 48, first <= 57 { rest = rest.dropFirst() }
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            while let first = rest.first, first >= 48, first <= 57 { rest = rest.dropFirst() }
        }
        return rest.count == 1 && rest.allSatisfy { "dioxXfeEgGaAs".utf8.contains($0) }
    }
}
