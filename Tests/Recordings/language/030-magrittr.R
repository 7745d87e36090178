library(magrittr)
c(1, 4, 9) %>% sqrt %>% sum; 4 %>% sqrt(); 1:3 %>% sum(10); 2 %>% `+`(3); c(3, 1, 2) %>% sort(decreasing = TRUE); "a" %>% paste("b", .); "a" %>% paste(., ., sep = "-"); 1:4 %>% { . * 2 } %>% sum
1:3 %>% (function(v) v + 1); 5 %>% (\(x) x * 2); list(a = 1, b = 2) %>% .$a; list(a = 5) %>% with(a + 1); 1:10 %>% .[. > 5]; 1:3 %>% list(n = length(.), v = .); 1:3 %>% list(length(.))
o <- list(m = function(x, a = 1) x + a); 4 %>% o$m(10); 4 %>% base::sqrt(); f <- . %>% sum %>% sqrt(.); f(c(8, 8)); class(f); f; functions(f) |> length(); f[[1]](1:3); f[1](1:4)
x <- c(9, 4); x %<>% sqrt; x; x %<>% sort %>% rev; x; lst <- list(v = 1:3); lst$v %<>% rev; lst$v; list(p = 2, q = 3) %$% (p * q); 1:3 %T>% print %>% sum; 1:3 %T>% { cat("n =", length(.), "\n") } %>% sum
c(a = 1, b = 2) %>% extract("b"); list(1, "z") %>% extract2(2); 1:3 %>% add(1) %>% multiply_by(2); 1:3 %>% set_names(c("x", "y", "z")); 10 %>% subtract(3) %>% divide_by(2); 5 %>% is_greater_than(3); matrix(1:4, 2) %>% set_colnames(c("u", "v"))
sapply(1:3, . %>% add(1)); g <- function(x) { x %>% return(); 5 }; g(3); h <- function(d) d %>% substitute; tryCatch(1 %>% stop("x", .), error = function(e) conditionMessage(e)); tryCatch(4 %>% 5, error = function(e) conditionMessage(e)); y <- 3 %>% invisible; y; 3 %>% invisible
NULL %>% is.null; iris3 <- data.frame(a = 1:3, b = 4:6); iris3 %$% sum(a * b); iris3 %>% nrow; iris3 %>% subset(a > 1) %>% nrow; f2 <- . %>% { . + 1 } %>% (function(z) z * 2); f2(3)
