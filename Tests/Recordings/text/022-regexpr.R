# positions
regexpr("b", c("abc", NA, "xx")); gregexpr("b", "abcb"); regexec("(a)(b)?", "ab"); regexpr("(?<n>b)(c)", "abc", perl = TRUE); regexpr("a+", c("baaa", "xa"), perl = TRUE); regexpr("(a)(?<z>b)?", c("xa", "q"), perl = TRUE); regexpr("a", "bca", fixed = TRUE); gregexpr("a", "banana", fixed = TRUE)[[1]]
gregexpr("a", c(NA, "")); gregexpr("", "abc"); regexpr("", "abc"); gregexpr("b*", "abc"); regexpr("\u00e9", "caf\u00e9\u00e9"); gregexpr("\u00e9", "\u00e9a"); gregexpr("[[:space:]]", "a b c")[[1]]; regexec("x", "abc"); gregexec("([a-z])([0-9])", "a1b2")
