import RRuntime

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
    /// The function of a call that nobody wrote.
    static let anonymous = Symbol.named("FUN")
    /// The object of an assignment, as R names it in the call of the replacement function.
    static let temporary = Symbol.named("*tmp*")
    static let tripleColon = Symbol.named(":::")
}
