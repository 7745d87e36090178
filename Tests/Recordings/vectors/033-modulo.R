w <- function(x) withCallingHandlers(x, warning = function(c) { cat("Warning:", conditionMessage(c), "\n"); invokeRestart("muffleWarning") })
options(digits = 15)
# Large quotients: the remainder stays between 0 and the divisor, and a warning says when it is a guess.
w(1e20 %% 7); w(-1e20 %% 7); w(1e20 %% -7); w(5.5 %% 1e-20); w(1e300 %% 2); w(6.4e19 %% 7); w(6.5e19 %% 7)
w(c(1e20, 1e21, 3) %% 7); w(c(1e20, 5) %% c(7, 3)); w(1e20 %% 7L); w(1L %% 1e-20)
w(1e17 %% 3); w(1e15 %% 7); w(1e16 %% 0.1); w(2^53 %% 3); w(2^60 %% 3); w(2^66 %% 7); w(2^63 %% 1); w(2^64 %% 1)
w(1e300 %% 1e-300); w(1e20 %% 0); w(1e20 %% Inf); w(Inf %% 3); w(NA %% 3); w(-5 %% Inf); w(5 %% -Inf)
w(1e20 %/% 7); w(1e20 %/% 1e-300); w(matrix(c(1e20, 8), 1) %% 7)
