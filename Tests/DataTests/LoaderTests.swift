import TestSupport
import Testing

/// Loaders: order, batches, workers, errors.
@Suite struct Loaders {
    static let cases: [(name: String, program: String, output: String)] = [
        (
            "two shuffled passes of R torch",
            """
            dl <- dataloader(tensor_dataset(y = torch_arange(1, 10)), batch_size = 4, shuffle = TRUE)
            torch_manual_seed(777)
            for (pass in 1:2) coro::loop(for (b in dl) cat(as.numeric(b$y), ""))
            """, "6 10 1 4 2 8 5 9 7 3 5 4 2 9 1 7 10 3 6 8 "
        ),
        (
            "one draw of randperm for a pass",
            """
            dl <- dataloader(tensor_dataset(y = torch_arange(1, 10)), batch_size = 4, shuffle = TRUE)
            torch_manual_seed(777); coro::loop(for (b in dl) NULL); a <- torch_rand(1)
            torch_manual_seed(777); invisible(torch_randperm(10)); cat(torch_equal(a, torch_rand(1)))
            """, "TRUE"
        ),
        (
            "a batch of one keeps its dimension",
            """
            d <- dataset(.getitem = function(i) list(x = torch_ones(2, 3), y = i), .length = function() 1)()
            b <- dataloader_next(dataloader_make_iter(dataloader(d)))
            cat(dim(b$x), dim(b$y))
            """, "1 2 3 1"
        ),
        (
            "lengths",
            """
            d <- tensor_dataset(torch_ones(10))
            cat(length(dataloader(d, batch_size = 4)), length(dataloader(d, batch_size = 4, drop_last = TRUE)), length(d))
            """, "3 2 10"
        ),
        (
            "collect takes what it needs",
            "dl <- dataloader(tensor_dataset(torch_arange(1, 6)), batch_size = 2); r <- coro::collect(dl, 2); cat(length(r), as.numeric(r[[2]][[1]]))",
            "2 3 4"
        ),
        (
            "workers draw from streams of their own, as R's would",
            """
            d <- dataset(.getitem = function(i) list(a = torch_rand(1), b = runif(1)), .length = function() 4)()
            set.seed(5)
            seeds <- c(sample.int(1e6, 1), sample.int(1e6, 1))
            set.seed(5); torch_manual_seed(9)
            dl <- dataloader(d, batch_size = 1, num_workers = 2)
            r <- coro::collect(dl)
            after <- c(torch_rand(1)$item(), runif(1))
            torch_manual_seed(seeds[1]); set.seed(seeds[1])
            first <- c(torch_rand(1)$item(), runif(1)); third <- c(torch_rand(1)$item(), runif(1))
            torch_manual_seed(seeds[2]); set.seed(seeds[2])
            second <- c(torch_rand(1)$item(), runif(1))
            torch_manual_seed(9); set.seed(5); invisible(c(sample.int(1e6, 1), sample.int(1e6, 1)))
            v <- function(b) c(b$a$item(), b$b$item())
            near <- function(a, b) all(abs(a - b) < 1e-7)
            cat(near(v(r[[1]]), first), near(v(r[[2]]), second), near(v(r[[3]]), third),
                near(after, c(torch_rand(1)$item(), runif(1))))
            """, "TRUE TRUE TRUE TRUE"
        ),
        (
            "worker_init_fn",
            """
            d <- tensor_dataset(torch_ones(2))
            dl <- dataloader(d, num_workers = 2, worker_init_fn = function(id) cat("worker", id, ""))
            i <- dataloader_make_iter(dl)
            """, "worker 1 worker 2 "
        ),
        (
            "an error with a worker",
            """
            d <- dataset(.getitem = function(i) stop("bad item ", i), .length = function() 2)()
            e <- tryCatch(coro::collect(dataloader(d, num_workers = 1)), error = identity)
            cat(conditionMessage(e), class(e)[1], conditionMessage(e$parent), sep = "|")
            """,
            "Error when getting dataset item.\nCaused by error in `.getitem(1L)`:\n! bad item 1|rlang_error|bad item 1"
        ),
        (
            "inheritance and fields",
            """
            base <- dataset("base", initialize = function(n) self$n <- n, .getitem = function(i) i, .length = function() self$n)
            more <- dataset("more", inherit = base, initialize = function() super$initialize(3), .getitem = function(i) super$.getitem(i) * 10)
            m <- more(); cat(m$n, m[2], m[[3]], length(m), class(m))
            """, "3 20 30 3 more base dataset R6"
        ),
        (
            "a subset",
            """
            s <- dataset_subset(tensor_dataset(x = torch_arange(1, 6)), c(5, 2)); cat(length(s), as.numeric(s[1]$x), class(s)[1])
            cat("", as.numeric(coro::collect(dataloader(s, batch_size = 2))[[1]]$x))
            """, "2 5 tensor_dataset_subset 5 2"
        ),
        (
            "enumerate",
            "for (b in enumerate(dataloader(tensor_dataset(torch_arange(1, 4)), batch_size = 2))) cat(as.numeric(b[[1]]), \"\")",
            "1 2 3 4 "
        ),
        (
            "what is no data set",
            "cat(tryCatch(dataloader(1), error = conditionMessage))", "Unknown dataset type with class <numeric>"
        ),
        (
            "what cannot be collated",
            """
            d <- dataset(.getitem = function(i) torch_ones(i), .length = function() 2)()
            cat(tryCatch(coro::collect(dataloader(d, batch_size = 2)), error = conditionMessage))
            """, "stack expects each tensor to be equal size, but got [1] at entry 0 and [2] at entry 1"
        ),
        (
            "printing",
            "print(tensor_dataset(x = torch_ones(2)))",
            """
            <tensor_dataset>
              Inherits from: <dataset>
              Public:
                .getbatch: function (index)\u{20}
                .getitem: function (index, ..., drop = TRUE)\u{20}
                .length: function ()\u{20}
                clone: function (deep = FALSE)\u{20}
                initialize: function (...)\u{20}
                load_state_dict: function (x, ..., .refer_to_state_dict = FALSE)\u{20}
                state_dict: function ()\u{20}
                tensors: list

            """
        ),
    ]

    @Test(arguments: cases.indices)
    func behaves(_ place: Int) {
        let one = Loaders.cases[place]
        #expect(printed(one.program) == one.output, "\(one.name)")
    }

    @Test func imagesOfUnequalSizeNameBothFiles() {
        withFolder { folder in
            let program = """
                s <- shapes_dataset(".", classes = 2, per_class = 2)
                s$transform <- function(x) { t <- transform_to_tensor(x); if (t[1, 1, 1]$item() > -1) n <<- n + 1; if (n == 2) transform_resize(t, 8) else t }
                n <- 0
                cat(tryCatch(coro::collect(dataloader(s, batch_size = 4)), error = conditionMessage))
                """
            let text = printed(program, in: folder)
            #expect(text.contains("n00000001_0.JPEG is [3, 64, 64]"), "\(text)")
            #expect(text.contains("n00000001_1.JPEG is [3, 8, 8]"), "\(text)")
        }
    }
}
