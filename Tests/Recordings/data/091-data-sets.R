str(iris); summary(iris); head(mtcars, 3); str(mtcars); dim(iris); levels(iris$Species); sum(iris[1:4]); colMeans(mtcars)
aggregate(Sepal.Length ~ Species, iris, mean); rownames(mtcars)[c(1, 16, 32)]; with(mtcars, tapply(mpg, cyl, mean)); coef(lm(mpg ~ wt, mtcars))
iris[c(1, 51, 101, 150), ]; iris$Sepal.Length[3] <- 0; datasets::iris[3, 1]; iris[3, 1]; rm(iris); iris[3, 1]
