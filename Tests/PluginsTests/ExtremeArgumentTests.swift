import Diagnostics
import Session
import TestSupport
import Testing

/// Calls that once ended the process. `scripts/fuzz` looks for more of them.
@Suite(.serialized) struct ExtremeArguments {
    /// Call and message; nil where only the end in an error, or in any value, matters.
    static let calls: [(code: String, message: String?)] = [
        ("round(torch_ones(2,2), torch_ones(0), NaN)", nil),
        ("print.Date(1:3, -1e18)", nil),
        ("x <- 'abc'; regmatches(x, 1) <- 'z'", "'m' is no result of regexpr()"),
        ("adjustcolor('transparent', Inf)", "alpha level NaN, not in [0,1]"),
        ("torch_normal(0, -1, c(2))", "normal expects all elements of std >= 0.0, but found std -1.0"),
        ("torch_multinomial(torch_zeros(3), 1)", "invalid multinomial distribution (sum of probabilities <= 0)"),
        ("read.csv(text = 'a,b\\n1,2,3,4')", "more columns than column names"),
        ("Sys.getenv(5)", "invalid argument 'x': a name as text is needed"),
        ("dataset_subset(tensor_dataset(torch_ones(3)), 'a')", "`indices` must be whole numbers, not \"a\""),
        (
            "length.big <- function(x) 1e15; seq_along(structure(list(1), class = 'big'))",
            "cannot allocate vector of size 3725290.3 Gb"
        ),
        ("length.odd <- function(x) -1; seq_along(structure(list(1), class = 'odd'))", "a length of -1 is no length"),
        (
            "s <- lr_lambda(optim_sgd(nn_linear(1, 1)$parameters, lr = 1), function(e) 'a')",
            "lr_lambda must return a number, not \"a\""
        ),
        (
            "d <- dataset('d', .getitem = function(i) 1, .length = function() 'five'); length(dataloader(d()))",
            ".length() must return one number, not \"five\""
        ),
        (
            "d <- dataset('d', .getitem = function(i) 1, .length = function() 1e12); dataloader_make_iter(dataloader(d()))",
            "cannot allocate vector of size 7450.6 Gb"
        ),
        (
            "nn_module('n', initialize = function() self$l <- nn_linear(1, 1), forward = function(x) self$l(x)) %>% setup(nn_mse_loss(), optim_adam) %>% fit(list(torch_ones(2, 1), torch_ones(2, 1)), epochs = 9e18)",
            nil
        ),
        ("`levels<-.factor`(1:3, 1e18)", nil),
        ("droplevels.factor(-1L)", nil),
        ("contr.sum(character(0))", "not enough degrees of freedom to define contrasts"),
        ("gl(2^31, 2^31)", "invalid 'n' argument"),
        ("lm(y ~ x, list(y = 1:4, x = array(1:8, c(4, 1, 2))))", "invalid type (array) for variable 'x'"),
        (
            "f <- lm(y ~ x, list(y = c(1, 2, 4), x = 1:3)); f$coefficients <- 1; summary(f)",
            "the fit has been changed: its parts do not go together"
        ),
        ("printCoefmat(matrix(0, 3, 0))", "'x' must be coefficient matrix/data frame"),
        ("x <- structure(5L, levels = 'a', class = 'factor'); print(droplevels(x)); print(table(x)); factor(x)", nil),
        ("print(structure(5L, levels = 'a', class = 'factor'))", "malformed factor"),
        (
            "colSums(structure(list(a = 1:3, b = 1), class = 'data.frame', row.names = 1:3))",
            "dims [product 6] do not match the length of object [4]"
        ),
        ("eigen(matrix(0, 0, 0))", "0 x 0 matrix"),
        ("svd(matrix(numeric(0), 0, 3))", "a dimension is zero"),
        ("svd(matrix(1, 1, 1), nu = 1e9, nv = -1)", nil),
        ("glm(y ~ x, binomial, list(y = integer(0), x = integer(0)))", nil),
        ("f <- glm(c(1, 2, 4) ~ c(1, 3, 2)); f$weights <- 1; summary(f)", nil),
        ("f <- glm(c(1, 2, 4) ~ c(1, 3, 2), poisson); f$y <- 1; anova(f)", nil),
        ("density(c(1, 2), n = 1e18)", "invalid 'n' argument"),
        ("density(c(-1e308, 1e308))", nil),
        ("density(Inf, bw = 1)", nil),
        ("prcomp(matrix(0, 0, 3))", nil),
        ("prcomp(matrix(1, 2, 2), rank. = 1e18)$sdev", nil),
        ("optim(c(1, 1), function(x) NA, method = 'L-BFGS-B')", "L-BFGS-B needs finite values of 'fn'"),
        ("optim(numeric(0), function(x) 1, method = 'L-BFGS-B')", nil),
        ("optim(c(1, 2), sum, method = 'L-BFGS-B', lower = 5, upper = -5)", nil),
        ("optim(c(1, 2), sum, method = 'L-BFGS-B', lower = numeric(0))", "invalid 'lower' argument"),
        ("lowess(1e308, 1)", nil),
        ("lowess(numeric(0), numeric(0))", nil),
        ("lowess(1:5, 1:5, f = 1e300)", nil),
        ("rmultinom(1e18, 5, 1)", nil),
        ("rmultinom(2, 1e18, 1)", nil),
        ("ppoints(1e18)", "invalid 'n' argument"),
        ("median(torch_tensor(NaN)); stop('fine')", "fine"),
        ("torch_zeros(0, 2^40, 2^40, dtype = torch_long())$prod(dim = 1)", nil),
        ("torch_zeros(0, 2^40, 2^40)$sum(dim = 1)", nil),
        ("torch_zeros(0, 2^40, 2^40)$mean(dim = c(2, 3))", nil),
        ("torch_zeros(0, 2^40, 2^40)$max(dim = 2)", nil),
        ("torch_zeros(0, 2^40, 2^40)$std(dim = c(2, 3))", nil),
        ("torch_zeros(0, 2^40, 2^40, dtype = torch_long())$prod(dim = c(2, 3))", nil),
        ("scan(text = '1', what = list(1, 2, 3, 4), nmax = 4e18)", nil),
        ("stopifnot(is.nan(median(torch_tensor(c(1, NaN, 3))))); stop('fine')", "fine"),
        ("arrayInd(1, 1:24); arrayInd(NA, rep(100000L, 5)); stop('fine')", "fine"),
        ("arrayInd(1, -1e18)", nil),
        ("seq(Sys.Date(), as.Date(character(0)), by = 'day')", "'to' must be of length 1"),
        ("julian(Sys.Date(), character(0))", "'origin' must be of length one"),
        ("julian(5, integer(0))", "'origin' must be of length one"),
        ("print.Date(data.frame(a = 1:2), -1)", nil),
        (
            "m <- torch_ones(1, dtype = torch_bool())$expand(c(300000, 300000)); torch_ones(1)$expand(c(300000, 300000))[m]",
            nil
        ),
        ("nnf_grid_sample(torch_ones(1, 1, 2, 2), torch_ones(1)$expand(c(1, 300000, 300000, 2)))", nil),
        ("nnf_adaptive_max_pool2d(torch_ones(1, 4, 4), 100000)", nil),
        ("nnf_affine_grid(torch_ones(1, 2, 3), c(1, 1, 300000, 300000))", nil),
        ("f <- function(closure) closure(); f()", "argument \"closure\" is missing, with no default"),
        ("density(1, bw = 1e-300)", "need at least two non-NA values to interpolate"),
        ("density(c(1e308, -1e308), bw = 1)", "'to' must be a finite number"),
        ("density(c(0, 1), bw = 1e308)", "non-finite 'from'"),
        ("length(rmultinom(3, 2, c(1, 1)))", nil),
        (
            "f <- tempfile(); saveRDS(glm(c(0, 1, 1, 0) ~ c(1, 2, 3, 4), binomial), f); "
                + "stopifnot(readRDS(f)$family$linkinv(0) == 0.5); stop('fine')", "fine"
        ),
        ("f <- tempfile(); saveRDS(list(sd, nchar), f); stopifnot(readRDS(f)[[1]](1:3) == 1); stop('fine')", "fine"),
        ("binom.test(1, 1e18)", nil),
        ("binom.test(NaN, 5)", nil),
        ("prop.test(numeric(0), numeric(0))", nil),
        ("wilcox.test(numeric(0))", nil),
        ("wilcox.test(NA_real_, 1:3)", nil),
        ("wilcox.test(1:3, 2.5)", nil),
        ("kruskal.test(list(1))", "'x' must be a list with at least 2 elements"),
        ("aov(c(1, 2) ~ c(1, 2))", nil),
        ("lgl <- binomial()$linkfun; lgl('a')", nil),
        ("binomial()$aic(1, numeric(0), 1, 1)", nil),
        ("`[.data.frame`(1:3, -1e18)", "the argument is not a data frame: it is of type 'integer' and length 3"),
        ("`[[<-.data.frame`(factor(c('a','b')), -1)", nil),
        ("as.matrix.data.frame(Inf)", "the argument is not a data frame: it is of type 'double' and length 1"),
        ("t.data.frame(Inf)", "the argument is not a data frame: it is of type 'double' and length 1"),
        ("subset.data.frame(matrix(1:6,2), 1e9, -1e9)", nil),
        ("expand.grid(data.frame(a=1:2,b=c('x','y')), 1e18)", nil),
        ("data.frame(a = 1:3) == NULL", nil),
        ("data.frame(a = 1:3) < character(0)", nil),
        ("formatC('abc', 1e18, 1e18)", "invalid 'width' argument"),
        ("sample('abc', 1e18, 1e18)", "vector is too large"),
        ("sample.int(1e15, 1e14)", nil),
        ("`length<-.Date`(1:3, 1e18)", nil),
        ("`length<-`(1:3, 1e12)", "cannot allocate vector of size 3725.3 Gb"),
        ("diff.Date(1:3, -1e18)", "'lag' and 'differences' must be integers >= 1"),
        ("c.POSIXct()", nil),
        ("seq.POSIXct(list())", "'from' must be of length 1"),
        ("mean.Date(matrix(1:6,2), 1e9, -1e9)", nil),
        ("matrix(0, 1e6, 1e6)", "cannot allocate vector of size 7450.6 Gb"),
        ("array(0, c(1e9, 1e9))", nil),
        ("seq_len(1e12)", "cannot allocate vector of size 3725.3 Gb"),
        ("seq(1e12)", nil),
        ("rep(1, 1e12)", "cannot allocate vector of size 7450.6 Gb"),
        ("vector('list', 1e12)", "cannot allocate vector of size 7450.6 Gb"),
        ("x <- 1:3; x[[Inf]] <- 1", "[[ ]] subscript out of bounds"),
        ("x <- list(); x[[N]] <- 1", nil),
        ("x <- 1:3; x[1e12] <- 1", nil),
        ("combn(1e18, 1e18)", nil),
        ("str(1:3, list(), Inf)", nil),
        ("replicate(1e18, 1)", nil),
        ("capture.output(sink())", nil),
        ("sink('/dev/null'); capture.output({sink(); 1})", nil),
        ("nnf_bilinear(torch_ones(2,2), torch_ones(0), NaN)", nil),
        ("torch_arange(1e12)", nil),
        ("torch_multinomial(torch_ones(3), 1e15, TRUE)", nil),
        ("torch_ones(3)$multinomial(1e18, TRUE)", nil),
        ("transform_random_grayscale(torch_ones(2,2), Inf)", nil),
    ]

    @Test func noneEndsTheProcess() {
        let output = CapturedOutput()
        let session = makeSession(capturing: output)
        session.onDeepStack {
            _ = session.run("library(torch); library(luz); library(torchvision)")
            for (code, message) in ExtremeArguments.calls {
                _ = output.take()
                _ = session.run(code)
                let error = output.take().error
                if let message {
                    #expect(error.split(separator: "\n").contains { $0.hasSuffix(message) }, "\(code): \(error)")
                }
                _ = session.run("sink.number()")
            }
            _ = output.take()
            _ = session.run("cat(1 + 1)")
            #expect(output.take().out == "2")
        }
    }

    @Test func memoryDoorRefusesWhatIsNotThere() throws {
        try MemoryDoor.check(bytes: MemoryDoor.threshold, named: 1)
        #expect(MemoryDoor.available() > 0)
        let error = #expect(throws: WorkbenchError.self) { try MemoryDoor.check(count: 1 << 50, elementBytes: 16) }
        #expect(error?.message == "cannot allocate vector of size 16777216.0 Gb")
        #expect(error?.hint?.hasSuffix(" of memory are free") == true)
        #expect(throws: WorkbenchError.self) { try MemoryDoor.check(count: .max, elementBytes: 16) }
    }
}
