import Diagnostics
import RRuntime

/// Source lines of a value, laid out as R's `deparse` does.
///
/// - Parameters:
///   - value: Anything: code, vectors, lists, functions. Environments and objects of plug-ins are written `<…>`, which
///     does not read back.
///   - options: Line width, backticks, attributes, and whether functions show the text they were written as.
/// - Returns: At least one line. Values nested more than 1,500 deep are cut off by `...`.
public func deparse(_ value: Value, _ options: DeparseOptions = DeparseOptions()) -> [String] {
    var deparser = Deparser(options)
    deparser.write(value)
    return deparser.finished()
}

/// Writes code line by line; a line is broken at the first place allowed after it has grown too long.
struct Deparser {
    let options: DeparseOptions
    private let width: Int
    private var lines: [String] = []
    private var line = ""
    /// Characters of the line so far.
    private var length = 0
    private var isFresh = true
    /// Levels of indentation: four columns each, from the fifth level on two.
    var indent = 0
    /// Blocks around the place: in one, `if` takes several lines.
    var blocks = 0
    /// Calls of primitive functions around the place: in one, `if` stays on its line.
    var primitiveCalls = 0
    /// Strength of the operator that follows the operand being written, or nil at the end of an expression.
    var tail: Int?
    /// What is written next is an argument, in which `=` needs parentheses.
    var isArgument = false
    private var depth = 0

    private static let depthLimit = 1500

    init(_ options: DeparseOptions) {
        self.options = options
        width = min(max(options.width, 20), 500)
    }

    mutating func finished() -> [String] {
        if !line.isEmpty || lines.isEmpty { endLine() }
        return lines
    }

    // MARK: Lines

    mutating func put(_ text: String) {
        if isFresh {
            isFresh = false
            let columns = indent <= 4 ? indent * 4 : 16 + (indent - 4) * 2
            line = String(repeating: " ", count: max(0, columns))
            length = max(0, columns)
        }
        line += text
        length += text.unicodeScalars.count
    }

    mutating func endLine() {
        lines.append(line)
        line = ""
        length = 0
        isFresh = true
    }

    /// The line has reached the width.
    var isFull: Bool { length > width }

    /// Breaks a full line; what follows in the same list is indented once more.
    mutating func breakLine(_ isBroken: inout Bool) {
        guard isFull else { return }
        if !isBroken {
            isBroken = true
            indent += 1
        }
        endLine()
    }

    // MARK: Values

    mutating func write(_ value: Value) {
        let isArgument = self.isArgument
        self.isArgument = false
        depth += 1
        defer { depth -= 1 }
        if depth > Deparser.depthLimit, value.isNested { return put("...") }
        switch value {
        case .null: put("NULL")
        case .missing: put("")
        case .symbol(let symbol): put(options.backtick ? quotedName(symbol.name, "`") : symbol.name)
        case .call(let call): write(call, isArgument: isArgument)
        case .closure(let closure): write(closure)
        case .builtin(let builtin): put(".Primitive(\(quotedText(builtin.name.name)))")
        case .environment: put("<environment>")
        case .object(let object): put("<\(object.typeName)>")
        case .promise(let promise): write(promise.expression)
        case .dots: put("...")
        case .activeBinding(let binding): write(binding.function)
        case .logical, .integer, .double, .complex, .character, .raw, .list, .expression: writeVector(value)
        }
    }

    private mutating func write(_ closure: Closure) {
        let attributes = shownAttributes(closure.attributes, names: false)
        if !attributes.isEmpty { put("structure(") }
        if options.useSource, let source = closure.source {
            let text = source.text.split(separator: "\n", omittingEmptySubsequences: false)
            for (index, part) in text.enumerated() {
                if index > 0 {
                    if line.isEmpty { isFresh = false }
                    endLine()
                }
                // A source line is kept as it is, whatever the indentation here.
                isFresh = false
                put(part.utf8.last == 13 ? String(decoding: part.utf8.dropLast(), as: UTF8.self) : String(part))
            }
        } else {
            put("function (")
            write(closure.formals)
            put(") ")
            endLine()
            write(closure.body)
        }
        writeAttributes(attributes)
    }

    /// Parameters with their defaults.
    mutating func write(_ formals: Formals) {
        let outerTail = tail
        tail = nil
        defer { tail = outerTail }
        var isBroken = false
        for (index, name) in formals.names.enumerated() {
            if index > 0 {
                put(", ")
                breakLine(&isBroken)
            }
            put(name === Symbol.dots ? "..." : quotedName(name.name, options.backtick ? "`" : "\""))
            if !formals.defaults[index].isMissing {
                put(" = ")
                isArgument = true
                write(formals.defaults[index])
            }
        }
        if isBroken { indent -= 1 }
    }

    /// Arguments of a call, an index or a list.
    mutating func write(_ arguments: [Argument]) {
        let outerTail = tail
        tail = nil
        defer { tail = outerTail }
        var isBroken = false
        for (index, argument) in arguments.enumerated() {
            if index > 0 {
                put(", ")
                breakLine(&isBroken)
            }
            if let name = argument.name {
                put(name === Symbol.dots ? "..." : quotedName(name.name, options.backtick ? "`" : "\""))
                put(" = ")
            }
            isArgument = true
            write(argument.value)
            isArgument = false
        }
        if isBroken { indent -= 1 }
    }
}

extension Value {
    /// Has parts that are written one level deeper.
    fileprivate var isNested: Bool {
        switch self {
        case .call, .list, .expression, .closure, .promise, .activeBinding: return true
        default: return attributes != nil
        }
    }
}
