/// Where in a program the cursor stands, as far as Tab needs to know: read off the text before it without parsing.
struct CompletionPoint: Equatable {
    /// One part of `a$b[[1]]$c`.
    enum Step: Equatable {
        case variable(String)
        case qualified(namespace: String, name: String)
        case member(String)
        case element(Int)
    }

    /// The call around the cursor.
    struct EnclosingCall: Equatable {
        /// What is called.
        var function: [Step]
        /// Names of arguments given already.
        var given: [String] = []
        /// Nothing stands between the bracket and what is completed.
        var isAtFirst = false
    }

    /// What can stand here.
    enum Kind: Equatable {
        /// A name; an argument if the cursor is in a call.
        case name
        /// What follows `object$`.
        case member(of: [Step])
        /// What follows `namespace::`.
        case export(of: String)
        /// A file; the quote that began it.
        case file(quote: UInt8)
        /// Nothing: a comment, a number, the result of a call.
        case nothing
    }

    var kind = Kind.name
    /// What has been typed of it.
    var prefix = ""
    /// The innermost call around the cursor.
    var call: EnclosingCall?

    /// The first argument of `library()` or `require()`: a package.
    var isPackage: Bool {
        guard kind == .name, let call, call.isAtFirst, call.given.isEmpty else { return false }
        return call.function == [.variable("library")] || call.function == [.variable("require")]
    }

    /// Reads the text before the cursor.
    init(_ text: String) {
        var reader = CompletionReader(Array(text.utf8))
        reader.read()
        switch reader.state {
        case .comment: kind = .nothing
        case .string(let quote, let start):
            if quote == UInt8(ascii: "`") {
                prefix = String(decoding: reader.bytes[start...], as: UTF8.self)
            } else {
                kind = .file(quote: quote)
                prefix = String(decoding: reader.bytes[start...], as: UTF8.self)
            }
        case .code:
            let start = reader.nameStart(before: reader.bytes.count)
            prefix = String(decoding: reader.bytes[start...], as: UTF8.self)
            kind = reader.kind(before: start, prefix: prefix)
            if let open = reader.brackets.last, open.isCall {
                call = reader.call(open)
                call?.isAtFirst = reader.skipBlanks(before: start) == open.position + 1
            }
        }
    }
}

/// A light scan over R code: strings, comments, brackets.
struct CompletionReader {
    enum State { case code, comment, string(quote: UInt8, start: Int) }

    struct Bracket {
        let position: Int
        let isCall: Bool
        var given: [String] = []
    }

    let bytes: [UInt8]
    private(set) var state = State.code
    private(set) var brackets: [Bracket] = []

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func read() {
        var place = 0
        while place < bytes.count {
            let byte = bytes[place]
            switch state {
            case .comment:
                if byte == UInt8(ascii: "\n") { state = .code }
            case .string(let quote, _):
                if byte == UInt8(ascii: "\\") {
                    place += 1
                } else if byte == quote {
                    state = .code
                }
            case .code: readCode(byte, place)
            }
            place += 1
        }
    }

    private mutating func readCode(_ byte: UInt8, _ place: Int) {
        switch byte {
        case UInt8(ascii: "#"): state = .comment
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"): state = .string(quote: byte, start: place + 1)
        case UInt8(ascii: "("):
            let end = skipBlanks(before: place)
            let isCall = end > 0 && (isNameByte(bytes[end - 1]) || bytes[end - 1] == UInt8(ascii: "`"))
            brackets.append(Bracket(position: place, isCall: isCall))
        case UInt8(ascii: "["), UInt8(ascii: "{"): brackets.append(Bracket(position: place, isCall: false))
        case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): _ = brackets.popLast()
        case UInt8(ascii: "="):
            guard let last = brackets.indices.last, brackets[last].isCall else { return }
            if place + 1 < bytes.count, bytes[place + 1] == UInt8(ascii: "=") { return }
            let end = skipBlanks(before: place)
            let start = nameStart(before: end)
            if start < end { brackets[last].given.append(String(decoding: bytes[start..<end], as: UTF8.self)) }
        default: break
        }
    }

    // MARK: Backwards from a position

    func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), 0x80...0xFF:
            return true
        default: return false
        }
    }

    func nameStart(before end: Int) -> Int {
        var start = end
        while start > 0, isNameByte(bytes[start - 1]) { start -= 1 }
        return start
    }

    func skipBlanks(before end: Int) -> Int {
        var end = end
        while end > 0, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 || bytes[end - 1] == 0x0A { end -= 1 }
        return end
    }

    /// What the prefix that begins at a position is, by what stands before it.
    func kind(before start: Int, prefix: String) -> CompletionPoint.Kind {
        if start > 0, bytes[start - 1] == UInt8(ascii: "$") || bytes[start - 1] == UInt8(ascii: "@") {
            guard let steps = steps(before: start - 1) else { return .nothing }
            return .member(of: steps)
        }
        if start > 1, bytes[start - 1] == UInt8(ascii: ":"), bytes[start - 2] == UInt8(ascii: ":") {
            let end = start > 2 && bytes[start - 3] == UInt8(ascii: ":") ? start - 3 : start - 2
            let begin = nameStart(before: end)
            guard begin < end else { return .nothing }
            return .export(of: String(decoding: bytes[begin..<end], as: UTF8.self))
        }
        if let first = prefix.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) { return .nothing }
        return .name
    }

    /// The parts of the object that ends at a position, or nil when it is more than names and constant indices.
    func steps(before end: Int) -> [CompletionPoint.Step]? {
        guard end > 0 else { return nil }
        if bytes[end - 1] == UInt8(ascii: "]") { return element(before: end) }
        let name: String
        var start: Int
        if bytes[end - 1] == UInt8(ascii: "`") {
            start = end - 1
            while start > 0, bytes[start - 1] != UInt8(ascii: "`") { start -= 1 }
            guard start > 0 else { return nil }
            name = String(decoding: bytes[start..<(end - 1)], as: UTF8.self)
            start -= 1
        } else {
            start = nameStart(before: end)
            guard start < end else { return nil }
            name = String(decoding: bytes[start..<end], as: UTF8.self)
        }
        if start > 0, bytes[start - 1] == UInt8(ascii: "$") || bytes[start - 1] == UInt8(ascii: "@") {
            guard let before = steps(before: start - 1) else { return nil }
            return before + [.member(name)]
        }
        if case .export(let namespace) = kind(before: start, prefix: "") {
            return [.qualified(namespace: namespace, name: name)]
        }
        if let first = name.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) { return nil }
        return [.variable(name)]
    }

    /// `object[[1]]` or `object[["name"]]`.
    private func element(before end: Int) -> [CompletionPoint.Step]? {
        guard end > 4, bytes[end - 2] == UInt8(ascii: "]") else { return nil }
        var open = end - 3
        while open > 1, !(bytes[open] == UInt8(ascii: "[") && bytes[open - 1] == UInt8(ascii: "[")) {
            if bytes[open] == UInt8(ascii: "]") { return nil }
            open -= 1
        }
        guard open > 1, let object = steps(before: open - 1) else { return nil }
        let inner = bytes[(open + 1)..<(end - 2)]
        if let quote = inner.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"), inner.last == quote,
            inner.count >= 2
        {
            return object + [.member(String(decoding: inner.dropFirst().dropLast(), as: UTF8.self))]
        }
        var digits = String(decoding: inner, as: UTF8.self)
        if digits.utf8.last == UInt8(ascii: "L") { digits.removeLast() }
        guard let index = Int(digits), index >= 1 else { return nil }
        return object + [.element(index)]
    }

    func call(_ bracket: Bracket) -> CompletionPoint.EnclosingCall? {
        guard let function = steps(before: skipBlanks(before: bracket.position)) else { return nil }
        return CompletionPoint.EnclosingCall(function: function, given: bracket.given)
    }
}
