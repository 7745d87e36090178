/// Type codes of R's serialization format (version 3, XDR), as "R Internals" lists them.
enum ItemType {
    static let symbol = 1
    static let pairlist = 2
    static let closure = 3
    static let environment = 4
    static let promise = 5
    static let language = 6
    static let special = 7
    static let builtin = 8
    static let characters = 9
    static let logical = 10
    static let integer = 13
    static let real = 14
    static let complex = 15
    static let strings = 16
    static let dots = 17
    static let list = 19
    static let expression = 20
    static let byteCode = 21
    static let externalPointer = 22
    static let weakReference = 23
    static let raw = 24
    static let s4 = 25
    static let alternative = 238
    static let attributePairlist = 239
    static let attributeLanguage = 240
    static let baseEnvironment = 241
    static let emptyEnvironment = 242
    static let byteCodeReference = 243
    static let byteCodeDefinition = 244
    static let package = 250
    static let baseNamespace = 247
    static let persistent = 248
    static let namespace = 249
    static let missing = 251
    static let unbound = 252
    static let globalEnvironment = 253
    static let null = 254
    static let reference = 255

    static let isObjectFlag = 1 << 8
    static let hasAttributesFlag = 1 << 9
    static let hasTagFlag = 1 << 10
}
