import Diagnostics
import RRuntime

/// `readBin()`, `writeBin()`: numbers and texts as bytes.
func registerBinary(_ base: Namespace) {
    base.function(
        "readBin",
        [
            .value("con", help: "a connection opened with \"rb\", the name of a file, or raw bytes"),
            .value("what", help: "numeric, integer, logical, complex, character, raw, or a value of that type"),
            .value("n", 1, help: "how many at most"), .value("size", .logical(Vector([nil])), help: "bytes of each"),
            .value("signed", true, help: "of integers of 1 or 2 bytes"),
            .value("endian", "little", help: "little, big or swap"),
        ], help: "Reads values from bytes."
    ) { args in try readBinary(args) }
    base.function(
        "writeBin",
        [
            .value("object", help: "a vector"),
            .value(
                "con", help: "a connection opened with \"wb\", the name of a file, or raw() for bytes as the result"),
            .value("size", .logical(Vector([nil])), help: "bytes of each"),
            .value("endian", "little", help: "little, big or swap"), .value("useBytes", false),
        ], help: "Writes values as bytes."
    ) { args in try writeBinary(args) }.keepsVisibility = true
}

private func layout(_ kind: BinaryLayout.Kind, _ args: Arguments, isSigned: Bool = true) throws -> BinaryLayout {
    let size = args["size"]
    guard size.isAtomic, size.length == 1 else { throw args.invalid("size") }
    let bytes = try size.asIntegers()[0].map { Int($0) }
    switch try args.string("endian") {
    case "little": return try BinaryLayout(kind, size: bytes, isSigned: isSigned, isBigEndian: false)
    case "big", "swap": return try BinaryLayout(kind, size: bytes, isSigned: isSigned, isBigEndian: true)
    default: throw WorkbenchError(.value, "invalid 'endian' argument", hint: "little, big or swap")
    }
}

private func readBinary(_ args: Arguments) throws -> Value {
    let what = try args.required("what")
    var kind = BinaryLayout.Kind(rawValue: what.typeName)
    // A text that names no type is an example of a text, as in R.
    if case .character(let v) = what, v.count == 1, let name = v[0]?.string {
        switch name {
        case "numeric": kind = .double
        case "int": kind = .integer
        default: kind = BinaryLayout.Kind(rawValue: name) ?? .character
        }
    }
    guard let kind else { throw args.invalid("what") }
    let count = try args.int("n")
    guard count >= 0 else { throw args.invalid("n") }
    let layout = try layout(kind, args, isSigned: try args.flag("signed"))
    if case .raw(let bytes) = try args.required("con") {
        return read(layout, count, from: Connection(.raw, title: "raw", mode: "rb", input: bytes.elements))
    }
    return try withBinary(args, mode: "rb") { connection in
        guard connection.canRead else { throw WorkbenchError(.value, "cannot read from this connection") }
        return read(layout, count, from: connection)
    }
}

private func read(_ layout: BinaryLayout, _ count: Int, from connection: Connection) -> Value {
    guard layout.kind == .character else {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: layout.size)
        return layout.elements(in: connection.readBytes(overflow ? Int.max : bytes))
    }
    var texts: [String] = []
    while texts.count < count, let text = connection.readZeroTerminated() { texts.append(text) }
    return .strings(texts)
}

private func writeBinary(_ args: Arguments) throws -> Value {
    let object = try args.required("object")
    guard object.isAtomic, let kind = BinaryLayout.Kind(rawValue: object.typeName) else {
        throw WorkbenchError(.type, "can only write vector objects")
    }
    let bytes = try layout(kind, args).bytes(of: object)
    if case .raw = try args.required("con") {
        return .raw(Vector(bytes))
    }
    args.context.isVisible = false
    return try withBinary(args, mode: "wb") { connection in
        try connection.write(bytes, args.context)
        return .null
    }
}

/// Runs a body with the connection of the argument `con`, or a file of that name, opened in a mode for bytes; what was
/// opened here is closed again.
private func withBinary(_ args: Arguments, mode: String, _ body: (Connection) throws -> Value) throws -> Value {
    let connection: Connection
    switch try args.required("con") {
    case .character(let v):
        guard v.count == 1, let name = v[0] else { throw args.invalid("con") }
        try refuseAddresses(name.string)
        connection = Connection(.file(path: args.context.resolved(name.string)), title: name.string, mode: mode)
    case .object(let object):
        guard let known = object as? Connection else { throw WorkbenchError(.value, "'con' is not a connection") }
        connection = known
    default: throw WorkbenchError(.value, "'con' is not a connection")
    }
    try connection.checkUsable()
    let wasOpen = connection.isOpen
    let before = connection.mode
    if !wasOpen { try connection.open(mode, args.context) }
    defer { if !wasOpen { connection.closeAgain(mode: before) } }
    guard connection.isBinary else {
        throw WorkbenchError(
            .value, "can only \(mode == "rb" ? "read from" : "write to") a binary connection",
            hint: "open it with \"\(mode)\"")
    }
    return try body(connection)
}
