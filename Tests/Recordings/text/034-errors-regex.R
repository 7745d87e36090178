x <- c("a", "b")
print(x)
sub("(", "", x)
