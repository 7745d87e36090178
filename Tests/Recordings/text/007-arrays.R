# arrays of other ranks
array(1:12, c(2, 3, 2)); array(1:4, 4); array(1:3, 3, dimnames = list(c("a", "b", "c")))
array(1:8, c(2, 2, 2), dimnames = list(A = c("a", "b"), B = c("c", "d"), C = c("e", "f")))
array(1:16, c(2, 2, 2, 2)); array(c("a", "b"), c(1, 2, 2)); array(1:2, c(1, 1, 2))
array(1:3, 3, dimnames = list(x = c("a", "b", "c")))
array(1:2, c(0, 2, 2)); array(integer(0), c(2, 0, 3)); array(integer(0), c(2, 2, 0)); array(1:2, c(0, 2, 2), dimnames = list(NULL, c("a", "b"), NULL))
