e <- function(x) tryCatch(x, error = function(c) cat("Error:", conditionMessage(c), "\n"), warning = function(c) cat("Warning:", conditionMessage(c), "\n"))
1:3 + 0.5; 5L / 2L; 2L * 3L; 2L^2L; 7 %/% 2; -7 %/% 2; -7 %% 3; 5.5 %% 2; -5.5 %/% 2; 1e10 %% 3
typeof(1L + 1L); typeof(1L / 1L); typeof(1L + TRUE); typeof(TRUE + TRUE); typeof(1L %/% 2L); typeof(1L %% 2L); typeof(1L ^ 2L); typeof(-TRUE)
5L %/% 0L; 5L %% 0L; 5 %/% 0; 5 %% 0; -5 %/% 0; 0 / 0; 1 / 0; -1 / 0; 0L %/% 0L
NA + 1; NA_integer_ + 1L; NaN + 1; NA * NaN; NA^0; 1^NA; (-2)^0.5; (-8)^(1/3); 0^0; Inf - Inf; Inf * 0; (-2)^Inf
5 %% Inf; -5 %% Inf; 5 %% -Inf; Inf %% 5; 5.3 %% 0.1; 1 %% 0.1; 7 %/% 0.1; 1e20 %/% 3; -1 %% 1e20
e(.Machine$integer.max + 1L); e(-.Machine$integer.max - 2L); e(100000L * 100000L); e(1:6 + 1:4); 1:6 + 1:2
e(1 + "a"); e(-"a"); e(list(1) + 1); e(sum + 1); e(quote(a) * 2); NULL + 1; numeric(0) + 1; 1:3 + numeric(0)
-c(a = 1, b = 2); +c(TRUE, NA); -c(1L, NA)
c(a = 1, b = 2) + c(x = 1, y = 2); c(1, 2) + c(x = 1, y = 2); c(a = 1) + 1:3; 1:3 + c(a = 1, b = 2, c = 3)
matrix(1:4, 2) + 1; matrix(1:4, 2) * matrix(1:4, 2, dimnames = list(c("a", "b"), NULL)); e(matrix(1:4, 2) + matrix(1:6, 2)); matrix(1:4, 2) + 1:2; matrix(1, 1, 1) + 1:3
structure(1:3, class = "foo")[2] + 1L; x <- structure(1:2, myattr = "q"); x + 1; 1 + x; x + structure(1:2, other = "r")
TRUE + TRUE; sum(TRUE, TRUE); 3 ** 2; -2^2; (-2)^2; 2^-1; 2^3^2; -1:3; !TRUE & FALSE
