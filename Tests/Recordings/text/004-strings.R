# escapes, quotes, wide characters
c("a\"b", "tab\t", "new\nline", "back\\slash", "uni\u00e9"); 'it\'s'; "\001"; "\a\b\f\v\r"; "nul-free"
print("a\"b", quote = FALSE); print(c("tab\t", "x"), quote = FALSE); noquote("a\\b"); noquote(c(a = "x", b = "y"))
c("\u65e5\u672c", "a"); print(c("\u65e5\u672c", "a"), quote = FALSE); format(c("\u65e5\u672c", "a")); "\u00fc"
nchar("\u65e5\u672c"); nchar("\u65e5\u672c", "bytes"); nchar("\u65e5\u672c", "width"); nchar(c("a", NA, "abc")); nchar(NA); nchar(123); nchar(character(0))
encodeString("a\nb"); encodeString("a", quote = "'"); encodeString(c("a", "bbb"), width = 5); encodeString(NA); encodeString(NA, quote = '"'); encodeString("a", width = 4, justify = "right")
dQuote("a", FALSE); sQuote("a", FALSE); dQuote("a"); sQuote("a"); shQuote("it's"); shQuote("a b"); shQuote("a$b'")
toString(1:5); toString(c("a", "b"), collapse = "; "); toString(c("aaaa", "bbbb", "cccc", "dddd"), width = 12); toString(NULL)
"\u200b"; list("a\"b", 'c'); c(a = "q\"q")
