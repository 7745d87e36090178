# many numbers, each with many numbers of digits
mantissa <- c("1", "1.5", "2.25", "9.5", "9.95", "9.995", "1.0005", "3.14159265358979", "6.02214076", "4.45", "7.7777777777777", "1.23456789012345678")
for (e in c(-310, -100, -16, -9, -5, -4, -2, -1, 0, 1, 2, 4, 5, 6, 8, 12, 15, 16, 22, 99, 100, 300)) {
  for (m in mantissa) {
    x <- as.numeric(paste0(m, "e", e))
    cat(m, e, ":", vapply(c(1:8, 12, 15, 16, 17, 20, 22), function(d) format(x, digits = d), ""), "\n")
  }
}
