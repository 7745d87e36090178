# Looks at what writes.R left: every file there must open and be as new as what was acknowledged. Prints what is lost.
library(torch)
newest <- if (file.exists("acknowledged")) max(0, scan("acknowledged", quiet = TRUE)) else 0
lost <- character()
check <- function(file, read, needed = newest) {
  if (!file.exists(file)) {
    if (needed > 0) lost <<- c(lost, paste(file, "is gone"))
    return(invisible())
  }
  found <- tryCatch(read(file), error = function(e) conditionMessage(e))
  if (is.character(found)) {
    lost <<- c(lost, paste0(file, ": ", found))
  } else if (found < needed) {
    lost <<- c(lost, paste(file, "is of epoch", found, "and epoch", needed, "was acknowledged"))
  }
}
rds <- function(file) { value <- readRDS(file); if (length(value$x) == 20000) value$n else "it is not whole" }
tensors <- function(file) { value <- torch_load(file); if (length(value$x) == 60000) value$n$item() else "it is not whole" }
checkpoint <- function(file) torch_load(file)$epoch
rows <- function(file) {
  text <- readChar(file, file.info(file)$size)
  if (substr(text, nchar(text), nchar(text)) != "\n") return("its last row is cut")
  log <- read.csv(file)
  if (!identical(names(log), c("epoch", "set", "loss"))) return("its header is another one")
  if (!all(log$epoch == seq_along(log$epoch))) return("its epochs are not one after another")
  max(log$epoch)
}
check("over.rds", rds)
check("over.pt", tensors)
check("last.pt", checkpoint)
# A state saved in the middle of an epoch belongs to the epoch after.
check("state.pt", checkpoint)
check("log.csv", rows)
for (file in list.files(".", "^first-.*rds$")) check(file, rds, 0)
for (file in list.files("ck", full.names = TRUE)) check(file, checkpoint, 0)
cat(sprintf("lost: %s\n", lost), sep = "")
