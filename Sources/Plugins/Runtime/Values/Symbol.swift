import Glibc

/// An interned name. Two symbols with the same bytes are the same object, so comparing is comparing addresses.
public final class Symbol: @unchecked Sendable, Hashable, CustomStringConvertible {
    /// The name, without backticks.
    public let name: String
    /// Position in the table of all symbols: dense, so that caches can be arrays.
    public let id: Int
    /// True for `..1`, `..2`, …: which element of `...` it names (from 1), else 0.
    public let dotsPosition: Int

    private init(name: String, id: Int) {
        self.name = name
        self.id = id
        let bytes = Array(name.utf8)
        if bytes.count > 2, bytes[0] == 46, bytes[1] == 46, bytes[2...].allSatisfy({ (48...57).contains($0) }) {
            dotsPosition = Int(String(decoding: bytes[2...], as: UTF8.self)) ?? 0
        } else {
            dotsPosition = 0
        }
    }

    /// The symbol of a name.
    public static func named(_ name: String) -> Symbol { table.symbol(Text(name)) }
    /// The symbol of a name.
    public static func named(_ name: Text) -> Symbol { table.symbol(name) }
    /// How many symbols there are: every id is smaller.
    public static var count: Int { table.count }

    /// The name.
    public var description: String { name }
    /// The name as an element of a character vector.
    public var text: Text { Text(name) }

    /// Same object.
    public static func == (a: Symbol, b: Symbol) -> Bool { a === b }
    /// Hashes the id.
    public func hash(into hasher: inout Hasher) { hasher.combine(id) }

    /// Interning is the one table that all sessions of a process share; it only grows and holds no values.
    private static let table = Table()

    private final class Table: @unchecked Sendable {
        private var lock = pthread_mutex_t()
        private var symbols: [Text: Symbol] = [:]

        init() { pthread_mutex_init(&lock, nil) }

        var count: Int {
            pthread_mutex_lock(&lock)
            defer { pthread_mutex_unlock(&lock) }
            return symbols.count
        }

        func symbol(_ name: Text) -> Symbol {
            pthread_mutex_lock(&lock)
            defer { pthread_mutex_unlock(&lock) }
            if let known = symbols[name] { return known }
            let new = Symbol(name: name.string, id: symbols.count)
            symbols[name] = new
            return new
        }
    }
}

extension Symbol {
    /// The attribute `names`.
    public static let names = Symbol.named("names")
    /// The attribute `dim`.
    public static let dim = Symbol.named("dim")
    /// The attribute `dimnames`.
    public static let dimnames = Symbol.named("dimnames")
    /// The attribute `class`.
    public static let classAttribute = Symbol.named("class")
    /// The attribute `levels` of factors.
    public static let levels = Symbol.named("levels")
    /// The attribute `row.names` of data frames.
    public static let rowNames = Symbol.named("row.names")
    /// The attribute `srcref`: source text of a function.
    public static let srcref = Symbol.named("srcref")
    /// `...`
    public static let dots = Symbol.named("...")
    /// `.Generic`, set in the frame of an S3 method.
    public static let generic = Symbol.named(".Generic")
    /// `.Class`, set in the frame of an S3 method.
    public static let dispatchClass = Symbol.named(".Class")
    /// `.Environment`, attribute of formulas.
    public static let dotEnvironment = Symbol.named(".Environment")
    /// `function`
    public static let function = Symbol.named("function")
    /// `{`
    public static let brace = Symbol.named("{")
    /// `(`
    public static let parenthesis = Symbol.named("(")
    /// `<-`
    public static let assign = Symbol.named("<-")
    /// `[`
    public static let subset = Symbol.named("[")
    /// `[[`
    public static let element = Symbol.named("[[")
    /// `$`
    public static let dollar = Symbol.named("$")
    /// `*tmp*`, the object that a nested replacement works on.
    public static let replacementTarget = Symbol.named("*tmp*")
    /// `value`, the last argument of a replacement function.
    public static let value = Symbol.named("value")
}
