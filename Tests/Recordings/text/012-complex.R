# complex numbers
c(1+2i, -1.5-0.25i); 1i; c(1+0i, -2.5+1e-3i); 1e5+2i; complex(real = NaN, imaginary = 1); c(1+2i, NA); complex(real = Inf, imaginary = -2)
c(1i, -0.5+1e-20i, 1e10+1i); format(1e-5+1i); print(1e5+1e-5i, digits = 3); format(c(1+1i, 10.5-2i)); paste(1+2i, 0.1+0.3i); cat(3+2i, -1.5i, "\n")
c(a = 1+1i, b = 2); matrix(c(1i, 2, 3.5, 4), 2); as.character(1+0.5i); format(1i, digits = 2); 1/3 + 1i/7; sqrt(as.complex(-2)); (1+2i)*(3-1i)
as.complex(1e10); as.complex(1e5); 1e-10i; complex(real = 0, imaginary = 1e10); c(1e10+0i, 1i); c(a = 1+1i, bbbbbbb = 2)
