/// Functions that are primitive in R and have no syntax of their own. It is R's rule that an `if` inside a call of one of
/// these stays on its line, and inside a call of any other function is spread over lines.
let primitiveNames: Set<String> = [
    "...elt", "...length", "...names", ".C", ".cache_class", ".Call", ".Call.graphics", ".class2", ".External",
    ".External.graphics", ".External2", ".Fortran", ".Internal", ".isMethodsDispatchOn", ".Primitive",
    ".primTrace", ".primUntrace", ".subset", ".subset2", "abs", "acos", "acosh", "all", "any", "anyNA", "Arg",
    "as.call", "as.character", "as.complex", "as.double", "as.environment", "as.integer", "as.logical",
    "as.numeric", "as.raw", "asin", "asinh", "atan", "atanh", "attr", "attr<-", "attributes", "attributes<-",
    "baseenv", "browser", "c", "call", "ceiling", "class", "class<-", "Conj", "cos", "cosh", "cospi", "cummax",
    "cummin", "cumprod", "cumsum", "digamma", "dim", "dim<-", "dimnames", "dimnames<-", "emptyenv",
    "enc2native", "enc2utf8", "environment<-", "exp", "expm1", "expression", "floor", "forceAndCall", "gamma",
    "gc.time", "globalenv", "Im", "interactive", "invisible", "is.array", "is.atomic", "is.call",
    "is.character", "is.complex", "is.double", "is.environment", "is.expression", "is.finite", "is.function",
    "is.infinite", "is.integer", "is.language", "is.list", "is.logical", "is.matrix", "is.na", "is.name",
    "is.nan", "is.null", "is.numeric", "is.object", "is.pairlist", "is.raw", "is.recursive", "is.single",
    "is.symbol", "isS4", "lazyLoadDBfetch", "length", "length<-", "levels<-", "lgamma", "list", "log", "log10",
    "log1p", "log2", "max", "min", "missing", "Mod", "names", "names<-", "nargs", "nzchar", "oldClass",
    "oldClass<-", "on.exit", "pos.to.env", "proc.time", "prod", "quote", "range", "Re", "rep", "retracemem",
    "return", "round", "seq_along", "seq_len", "seq.int", "sign", "signif", "sin", "sinh", "sinpi", "sqrt",
    "standardGeneric", "storage.mode<-", "substitute", "sum", "switch", "tan", "tanh", "tanpi", "tracemem",
    "trigamma", "trunc", "unclass", "untracemem", "UseMethod", "xtfrm", "return",
]
