# Calls every function, method and operator with extreme arguments; scripts/fuzz runs it and starts it again after a
# crash. Arguments: the file of cases to write ("list FILE"), or a file of cases and the first line to run.
#
# A case is one line of code. Before it runs, its number and the line go to standard error, so that the last such line
# names the one that ended the process.

values <- c(
  "Inf", "NaN", "-1e300", "1e18", "-1L", "NA_integer_", ".Machine$integer.max", "list()", "NULL", '"a"',
  "character(0)", "TRUE", "quote(a+b)", "function(x) x", "c(1,Inf)", "1,Inf", "1:3,1e18", "1:3,-1e18",
  '"abc",1e18,1e18', "torch_ones(2,2),Inf", "torch_ones(2,2),1e18", "torch_ones(2,2),-5L",
  "torch_ones(2,2),c(1e18,3)", "torch_ones(2,2),torch_ones(0),NaN", "1:3,list(),Inf", "1e18,1e18,1e18", "",
  'data.frame(a=1:2,b=c("x","y")),1e18', 'factor(c("a","b")),-1', "list(1,list(2),NULL),NULL,NULL",
  "matrix(1:6,2),1e9,-1e9", "torch_tensor(1:3),torch_tensor(c(0,5)),torch_ones(3)",
  "torch_ones(1,2,3,4),list(1e9,-1e9),NULL", "nn_linear(2,2),torch_ones(3)", "torch_ones(0)",
  "torch_ones(2,0,3),torch_ones(0,3)", "torch_tensor(TRUE),torch_tensor(1L)",
  "torch_tensor(1),torch_tensor(2),torch_tensor(3)", "torch_ones(1,3,4,4),torch_ones(2,3,3,3),torch_ones(5)",
  "torch_ones(2,2),0L", "torch_ones(2,2),c(0,0)", "torch_ones(2,2),c(1,1)", "torch_ones(2,2),-9e18,9e18",
  "torch_ones(1,1,2,2),c(0,-1),c(1e9,1e9)", "torch_ones(2,2)$to(dtype=torch_long()),torch_long()",
  "c(2,2),c(-1,1),c(0,0,0)", '"a","b","c","d"', "list(torch_ones(2),torch_ones(3)),1", "1:2,quote(x),function(...) stop()"
)

packages <- c("base", "stats", "utils", "methods", "graphics", "grDevices", "torch", "luz", "torchvision",
  "torchdatasets", "purrr", "rlang", "coro", "safetensors", "magrittr", "R6", "zeallot")

# What would end the session, wait for a person or the network, or run programs.
skipped <- c("q", "quit", "readline", "Sys.sleep", "repeat", "while", "for", "break", "next", "browser", "system", "system2", "shell", "setwd",
  "vi", "edit", "menu", "model_resnet18", "Sys.kill", "install.packages", "download.file", "url")

objects <- c(
  tensor = "torch_ones(2,2)", integers = "torch_tensor(1:3)", module = "nn_linear(2,2)",
  sequential = "nn_sequential(nn_linear(2,2))", optimizer = "optim_adam(nn_linear(2,2)$parameters)",
  scheduler = "lr_step(optim_sgd(nn_linear(2,2)$parameters,0.1),1)",
  loader = "dataloader(tensor_dataset(torch_ones(4,2)),2)", set = "tensor_dataset(torch_ones(4,2))",
  callback = "luz_callback_early_stopping()", dtype = "torch_float()"
)

operands <- c("torch_ones(2,2)", "torch_tensor(1:3)", "list(a=1,b=2)", 'data.frame(a=1:3,b=c("x","y","z"))',
  'factor(c("a","b"))', "1:3", "c(a=1,b=2)", "matrix(1:6,2)", '"abc"', "NULL", "new.env()", "function(x) x",
  "quote(f(a))", "nn_linear(2,2)", "Sys.Date()", "as.POSIXct(0)", "TRUE", "raw(2)", "1i")

indices <- c("", "1e18", "-1e18", "Inf", "NaN", "NA", "0", "-1", "2147483647", '"a"', "NULL", "list()", "TRUE",
  "c(1,1e18)", "c(-1,1)", "1e18,1", "1,1e18", "1,1,1", "NULL,NULL", "-1e9,-1e9", "1,,1e18", "1e18:1e18",
  "torch_ones(1)", 'factor("a")', "matrix(1e9,1,2)", "function(x) x", "..", "1:3,drop=NA", "N", "1e18:N")

operators <- c("+", "-", "*", "/", "^", "%%", "%/%", "%in%", "%o%", "%*%", "==", "<", "&", "&&", "|", "||", ":", "@",
  "~", "?", "%>%", "|>")

fields <- c("a", "shape", "names", "grad", "weight", "class")

# Layers of every kind on tensors of every shape.
layers <- c(
  "nn_linear(2,2)", "nn_conv1d(2,2,3)", "nn_conv2d(2,2,3)", 'nn_conv2d(2,2,3,padding="same",groups=2)',
  "nn_conv_transpose2d(2,2,3)", "nn_batch_norm1d(2)", "nn_batch_norm2d(2)", "nn_layer_norm(2)", "nn_group_norm(1,2)",
  "nn_embedding(2,2)", "nn_max_pool1d(3)", "nn_max_pool2d(3,padding=1)", "nn_avg_pool2d(3)",
  "nn_adaptive_avg_pool2d(c(1,2))", "nn_adaptive_max_pool2d(2)", "nn_flatten(2,3)", "nn_unflatten(1,c(2,2))",
  "nn_dropout2d(0.5)", "nn_softmax(2)", "nn_log_softmax(3)", "nn_prelu(2)", "nn_upsample(scale_factor=1e9)",
  "nn_bilinear(2,2,2)", "nn_relu()", "nn_gelu()", "nn_cross_entropy_loss()", "nn_nll_loss()", "nn_mse_loss()",
  "nn_bce_loss()", "nn_bce_with_logits_loss()", "nn_l1_loss()", "nn_sequential(nn_flatten(),nn_linear(4,2))",
  "nn_module_list(list(nn_relu()))", "nn_identity()"
)

tensors <- c(
  "", "torch_ones(0)", "torch_tensor(1)", "torch_tensor(1)$squeeze()", "torch_ones(2)", "torch_ones(2,2)",
  "torch_ones(2,3)", "torch_ones(2,2,2)", "torch_ones(1,2,1,1)", "torch_ones(1,2,8,8)", "torch_ones(0,2,8,8)",
  "torch_ones(1,2,2,2,2)", "torch_tensor(c(1L,5L))", "torch_tensor(-1L)", "torch_tensor(TRUE)",
  "torch_ones(2,2,dtype=torch_double())", "torch_tensor(NaN)", "torch_ones(2,2),torch_tensor(c(1L,3L))",
  "torch_ones(2,2),torch_ones(3)", "torch_ones(2),torch_ones(0)", "torch_ones(2,2),torch_tensor(c(-1L,0L))",
  "1:3", "NULL", '"a"', "list()"
)

names_of <- function(text) tryCatch(names(eval(parse(text = text))), error = function(e) character(0))

all_cases <- function() {
  cases <- list()
  add <- function(...) cases[[length(cases) + 1]] <<- paste0(...)
  for (package in packages) {
    exported <- sort(tryCatch(getNamespaceExports(package), error = function(e) character(0)))
    exported <- exported[!(exported %in% skipped)]
    for (name in exported) add(package, "::`", name, "`(", values, ")")
  }
  for (object in objects) {
    for (name in sort(unique(names_of(object)))) add(object, "$`", name, "`(", values, ")")
  }
  for (layer in layers) add(layer, "(", tensors, ")")
  for (x in operands) {
    for (i in indices) {
      add("x <- ", x, "; ",
        c(paste0("x[", i, "]"), paste0("x[[", i, "]]"), paste0("x[", i, "] <- 1"), paste0("x[", i, "] <- NULL"),
          paste0("x[", i, "] <- list(1,2)"), paste0("x[[", i, "]] <- 1"), paste0("x[[", i, "]] <- NULL"),
          paste0("x[[", i, "]] <- torch_ones(2)"), paste0("x[", i, "] <- torch_ones(2,2)")))
    }
    for (f in fields) {
      add("x <- ", x, "; ", c(paste0("x$", f), paste0("x$", f, " <- Inf"),
        paste0("x@", f), paste0("x@", f, " <- 1"), paste0("x$", f, "$", f, "[[1e9]] <- 1")))
    }
    for (y in operands) {
      add("x <- ", x, "; y <- ", y, "; x ", operators, " y")
    }
    for (y in c("1e18", "NaN", "-Inf", "NA", ".Machine$integer.max", "character(0)", "list()")) {
      add("x <- ", x, "; y <- ", y, "; x ", operators, " y")
    }
    for (f in c("print", "format", "str", "summary", "as.character", "deparse", "names", "length<-", "names<-",
      "dim<-", "levels<-", "class<-", "attributes<-", "dimnames<-")) {
      add("x <- ", x, "; class(x) <- \"", c("data.frame", "factor", "Date", "POSIXct", "POSIXlt",
        "difftime", "table", "torch_tensor", "nn_module", "formula", "numeric_version", "noquote"), "\"; `", f, "`(x)")
    }
  }
  unlist(cases)
}

run_cases <- function(cases, first) {
  number <- first
  while (number <= length(cases)) {
    cat("@", number, cases[[number]], "\n", file = stderr())
    tryCatch(
      capture.output({
        value <- withVisible(eval(parse(text = cases[[number]]), new.env(parent = globalenv())))
        if (value$visible) print(value$value)
      }),
      error = function(e) NULL, interrupt = function(e) NULL, condition = function(e) NULL)
    number <- number + 1
  }
  "all"
}

for (package in c("torch", "luz", "torchvision", "torchdatasets")) {
  suppressWarnings(suppressMessages(library(package, character.only = TRUE)))
}
arguments <- commandArgs(trailingOnly = TRUE)
options(warn = -1)
if (arguments[[1]] == "list") {
  writeLines(all_cases(), arguments[[2]])
} else {
  local({
    cases <- readLines(arguments[[1]])
    run <- run_cases
    if (identical(run(cases, as.integer(arguments[[2]])), "all")) cat("@ done\n", file = stderr())
  })
}
