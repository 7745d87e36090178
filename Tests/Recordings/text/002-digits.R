# digits from 1 to 22
for (d in 1:22) print(pi * 1000, digits = d)
for (d in c(1, 2, 3, 5, 7, 10, 15, 16, 17, 20, 22)) print(c(0.1, 1/3, 2/3, 123.456), digits = d)
print(c(1.123456789, 123.1), digits = 3)
print(0.1, digits = 22); print(1/3, digits = 16); print(2/3, digits = 17); print(1e-20, digits = 15)
for (d in 1:6) print(c(9.9996, 99.996, 0.99996), digits = d)
for (d in 1:4) print(c(0.15, 0.25, 0.35, 2.5, 3.5, 1.25), digits = d)
for (x in c(0.5, 1.5, 2.5, 0.05, 0.25, 12.5, 125, 1250, 12500)) print(x, digits = 1)
options(digits = 4); pi; 22/7 * 1e5; 1e-4 / 3; options(digits = 15); pi; 0.1 + 0.2; 1/3
