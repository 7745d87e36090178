import PluginAPI

/// Symbols the evaluator itself looks for.
enum Keyword {
    static let ops = Symbol.named("Ops")
    static let math = Symbol.named("Math")
    static let summary = Symbol.named("Summary")
    static let subsetAssign = Symbol.named("[<-")
    static let elementAssign = Symbol.named("[[<-")
    static let dollarAssign = Symbol.named("$<-")
    static let at = Symbol.named("@")
    static let doubleColon = Symbol.named("::")
    static let tripleColon = Symbol.named(":::")
}
