# A split looks at what is left as a text of its own: `^` matches again, and nothing before it is seen.
strsplit("aaab", "^a"); strsplit("aXbXc", "(?<=a)X", perl = TRUE); strsplit("abcabc", "(?<![a-z])a", perl = TRUE)
strsplit("\u00e4\u00f6\u00fc\u00e4", "^\u00e4"); strsplit("\u00e4b\u00f6", ""); strsplit("a\u00e9b\u00e9", "\u00e9", fixed = TRUE); strsplit("a.b..c", ".", fixed = TRUE)
strsplit("one  two ", " "); strsplit("abc", "x*"); strsplit(c(a = "1-2", b = NA), "-"); strsplit("aba", "a|$")
long <- strrep("ab ", 3e5)
for (fixed in c(TRUE, FALSE)) { parts <- strsplit(long, " ", fixed = fixed)[[1]]; print(length(parts)); print(unique(parts)) }
length(strsplit(strrep("\u00e9 ", 1e5), " ", perl = TRUE)[[1]])
