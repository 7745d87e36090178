# common formats of several numbers
sets <- list(c(1, 10.5, 100.25), c(1e-3, 1e3), c(1e-5, 1), c(1e5, 1), c(123456, 0.001), c(1e-8, 1e8), c(99999, 0.1), c(1.1, 22.22, 333.333), c(-1, 1e6), c(0, 1e-12), c(1e15, 1), c(NA, 0.5), c(Inf, -0.25), c(1/3, 2/3, 1), c(1e-20, 1e20), c(12345.678, 0.00012), c(5e-5, 5e5), c(-1e-3, 1e-3), c(1234567, 0.5), c(0.1, 0.12, 0.1234567891))
for (s in sets) for (d in c(2, 4, 7, 10, 15)) cat(d, ":", format(s, digits = d), "\n")
for (s in sets) cat(format(s, scientific = TRUE), "|", format(s, scientific = FALSE), "|", format(s, nsmall = 2), "|", format(s, width = 12), "\n")
for (s in sets) print(s)
for (s in sets) cat(paste(s), "|", as.character(s), "\n")
