/// Functions that `is.primitive` is TRUE for in R.
public let primitiveNames: Set<String> = Set(
    """
    - : :: != ! ( [ [[ [[<- [<- { @ * / & && %*% %/% %% ^ + < <- <<- <= = == > >= | || ~ $ $<- abs acos acosh all any \
    anyNA Arg as.call as.character as.complex as.double as.environment as.integer as.logical as.numeric as.raw asin \
    asinh atan atanh attr attr<- attributes attributes<- baseenv break browser c call ceiling class class<- Conj cos \
    cosh cospi cummax cummin cumprod cumsum digamma dim dim<- dimnames dimnames<- emptyenv enc2native enc2utf8 \
    environment<- exp expm1 expression floor for forceAndCall function gamma gc.time globalenv if Im interactive \
    invisible is.array is.call is.character is.complex is.double is.environment is.finite is.function is.infinite \
    is.integer is.language is.list is.logical is.matrix is.na is.name is.nan is.null is.numeric is.object is.pairlist \
    is.raw is.real is.recursive is.single is.symbol isS4 lazyLoadDBfetch length length<- levels<- lgamma list log log10 \
    log1p log2 max min missing Mod names names<- nargs next nzchar oldClass oldClass<- on.exit pos.to.env proc.time \
    prod quote range Re rep repeat return round seq_along seq_len seq.int sign signif sin sinh sinpi sqrt standardGeneric \
    storage.mode<- substitute sum switch tan tanh tanpi tracemem trigamma trunc unclass untracemem UseMethod while xtfrm
    """.split { $0 == " " || $0 == "\n" }.map(String.init))
