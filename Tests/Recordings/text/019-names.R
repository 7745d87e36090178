# names
make.names(c("a b", "1x", "ok", "ok", "if", "_y", "", NA, ".1", "a.b", "TRUE", "...")); make.names(c("a", "a"), unique = TRUE); make.unique(c("a", "a", "b", "a")); make.unique(c("a", "a", "a.1")); make.unique(c("x", "x"), sep = "_")
abbreviate("international business", 5); abbreviate(c("hello world", "hello there"), 6); abbreviate("short", 8); abbreviate(c("January", "February", "March"), 3); abbreviate("Statistics", 4, named = FALSE)
basename(c("/a/b/c.txt", "x/", "/", "c")); dirname(c("/a/b/c.txt", "x", "/", "a/b/")); file.path("a", c("b", "c")); file.path("a", "b", fsep = "|"); tools::file_ext(c("a.txt", "b.tar.gz", "c", "d.")); tools::file_path_sans_ext(c("a.txt", "b.tar.gz", "c")); tools::toTitleCase("the quick brown fox of an era")
glob2rx("*.R"); glob2rx("a?b*"); glob2rx("a.b"); glob2rx("*(x)"); noquote("q"); print(noquote(c(a = "b"))); format(noquote("n")); noquote(character(0))
