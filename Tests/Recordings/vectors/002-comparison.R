e <- function(x) tryCatch(x, error = function(c) cat("Error:", conditionMessage(c), "\n"), warning = function(c) cat("Warning:", conditionMessage(c), "\n"))
1:3 == c(1, 5, 3); "a" < "b"; "b" > "a"; "10" < "9"; 1 == "1"; TRUE == "TRUE"; TRUE == 1; NA == 1; NaN == NaN; NULL == 1; character(0) == "a"
c(a = 1, b = 2) > 1; matrix(1:4, 2) > 2; factor("a") == "a"; 1:4 != 1:2; "a" == NA; NA_character_ < "a"
e(sum == 2); e(1:6 == 1:4); e(list(1, 2) == 1); e(list(1, 2:3) == 1); list(1, "a") == "a"; quote(a) == "a"; quote(a + b) == "a + b"; e(1i < 2i); 1i == 1i; 2 != 1+1i
as.raw(1) == 1; as.raw(1:3) > as.raw(2); 1e-20 == 0; 0.1 + 0.2 == 0.3; isTRUE(all.equal(0.1 + 0.2, 0.3)); -0 == 0; Inf > 1e308
identical(1L, 1); identical(c(a = 1), c(a = 1)); identical(list(1, "a"), list(1, "a")); identical(NULL, NULL); identical(NaN, NA_real_); identical(NA, NA_integer_); identical(quote(a + b), quote(a + b)); identical(function(x) x, function(x) x)
identical(c(a = 1, b = 2), c(b = 1, a = 2)); identical(as.numeric(1:3), c(1, 2, 3)); identical(1:3, c(1L, 2L, 3L)); identical(globalenv(), environment()); identical(0, -0); identical(matrix(1:4, 2), matrix(1:4, 2)); identical(matrix(1:4, 2), 1:4)
"" < "a"; c("b", NA, "a") > "a"
