# What methods of functions that draw return is printed, or not, as the method says.
plot.zz <- function(x, ...) "plotted"
plot(structure(1, class = "zz"))
barplot.zz <- function(height, ...) invisible("not shown")
barplot(structure(1, class = "zz"))
lines.zz <- function(x, ...) "lined"
lines(structure(1, class = "zz"))
text.zz <- function(x, ...) "text"
text(structure(1, class = "zz"))
boxplot.zz <- function(x, ...) "boxed"
boxplot(structure(1, class = "zz"))
# Generic functions.
confint.zz <- function(object, ...) "interval"
confint(structure(1, class = "zz"))
by.zz <- function(data, ...) "by"
by(structure(1, class = "zz"), 1, sum)
model.frame.zz <- function(formula, ...) "frame"
model.frame(structure(1, class = "zz"))
