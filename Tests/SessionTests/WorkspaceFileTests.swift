import Glibc
import PluginAPI
import Tensors
import TestSupport
import Testing

/// Files that are no workspace, are damaged, lack their data or their plug-in: one line each, and the session goes on.
@Suite struct WorkspaceFileTests {
    private func program(_ text: String) -> ProgramRun { runProgram(text) }

    private func saved(in folder: String, _ code: String) throws -> String {
        let run = program("library(torch); \(code)\nsave_session('\(folder)/s.wb', quiet = TRUE)")
        #expect(run.status == 0, "\(run.error)")
        return folder + "/s.wb"
    }

    /// The message of restoring a file, and what the session says after it.
    private func refusal(of path: String, _ folder: String) -> String {
        let run = program(
            "kept <- 1; cat(tryCatch({ restore_session('\(path)'); 'restored' }, error = conditionMessage), '\\n'); kept"
        )
        #expect(run.status == 0)
        #expect(run.out.hasSuffix("[1] 1\n"))
        return String(run.out.dropLast("[1] 1\n".count)).replacing(folder, with: "DIR")
    }

    @Test func otherFiles() throws {
        inTemporaryFolder { folder in
            write("hello", to: folder + "/text.wb")
            _ = program(
                "library(torch); torch_save(list(a = torch_ones(2)), '\(folder)/t.pt'); luz::luz_callback; saveRDS(nn_linear(2, 2), '\(folder)/m.rds')"
            )
            #expect(
                refusal(of: folder + "/none.wb", folder) == "cannot open 'DIR/none.wb': No such file or directory \n")
            #expect(
                refusal(of: folder + "/text.wb", folder)
                    == "'DIR/text.wb' is not a readable safetensors file: it has 5 bytes and cannot hold a header \n")
            #expect(refusal(of: folder + "/t.pt", folder) == "'DIR/t.pt' is a safetensors file, but no workspace \n")
            #expect(refusal(of: folder + "/m.rds", folder) == "'DIR/m.rds' is a saved object, not a workspace \n")
            #expect(refusal(of: folder, folder) == "'DIR' is not a readable safetensors file: it is not a file \n")
        }
    }

    @Test func everyByteCounts() throws {
        try inTemporaryFolder { folder in
            let path = try saved(
                in: folder, "w <- torch_tensor(c(1, 2, 3)); f <- function(x) x + 1; long <- as.numeric(1:100)")
            let bytes = try #require(bytesOfFile(path))
            let copy = folder + "/copy.wb"
            var places = Array(stride(from: 8, to: bytes.count, by: max(1, bytes.count / 60)))
            places += [0, 7, bytes.count - 1]
            for place in places {
                var changed = bytes
                changed[place] ^= 0x10
                writeBytes(changed, to: copy)
                let message = refusal(of: copy, folder)
                #expect(!message.hasPrefix("restored"), "byte \(place) of \(bytes.count)")
            }
            var changed = bytes
            let elements: [UInt8] = [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40]
            changed[try #require(bytes.firstRange(of: elements)).lowerBound] ^= 1
            writeBytes(changed, to: copy)
            #expect(
                refusal(of: copy, folder)
                    == "'DIR/copy.wb' is damaged: the tensor \"w\" does not have the checksum it was saved with \n")
            for length in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 25)) {
                writeBytes(Array(bytes.prefix(length)), to: copy)
                #expect(!refusal(of: copy, folder).hasPrefix("restored"))
            }
        }
    }

    @Test func newerFormat() throws {
        try inTemporaryFolder { folder in
            let path = try saved(in: folder, "x <- 1")
            let bytes = try #require(bytesOfFile(path))
            var newer = bytes
            let range = try #require(bytes.firstRange(of: Array("\"version\":\"1\"".utf8)))
            newer[range.upperBound - 2] = UInt8(ascii: "7")
            writeBytes(newer, to: path)
            #expect(
                refusal(of: path, folder)
                    == "'DIR/s.wb' was written by a newer workbench (format 7; this one reads up to 1) \n")
        }
    }

    @Test func dataThatMoved() throws {
        try inTemporaryFolder { folder in
            _ = try saved(
                in: folder,
                "library(torchvision); train_ds <- shapes_dataset('\(folder)/a', classes = 2, per_class = 3, transform = transform_to_tensor); sum1 <- train_ds[2]$x$sum()$item()"
            )
            rename(folder + "/a", folder + "/b")
            let run = program(
                """
                restore_session('\(folder)/s.wb', quiet = TRUE)
                restore_session('\(folder)/s.wb', quiet = TRUE, data = c(train_ds = '\(folder)/b'))
                identical(train_ds[2]$x$sum()$item(), sum1)
                cat(tryCatch(restore_session('\(folder)/s.wb', data = c(trian_ds = '/x')), error = conditionMessage), "\\n")
                """)
            #expect(
                run.error.replacing(folder, with: "DIR")
                    == "note: train_ds: 6 of its 6 images are not in 'DIR/a/shapes/train'; data = c(train_ds = \"/new/folder\") says where they are now\n",
                "\(run.error)")
            #expect(run.out == "[1] TRUE\nthe session has no data set `trian_ds` to move \n", "\(run.out)")
            // Another image of the same name.
            let image = try #require(files(under: folder + "/b", ending: ".JPEG").first)
            write("changed", to: image)
            let changed = program("restore_session('\(folder)/s.wb', quiet = TRUE, data = c(train_ds = '\(folder)/b'))")
            #expect(changed.error.contains("are not the ones it was saved with"), "\(changed.error)")
        }
    }

    /// Variables before it in the alphabet hold the data set, too: it still has its own name.
    @Test func dataOfAFitThatMoved() throws {
        try inTemporaryFolder { folder in
            _ = try saved(
                in: folder,
                """
                library(torchvision); library(luz)
                train_ds <- shapes_dataset('\(folder)/a', classes = 2, per_class = 3, transform = . %>% transform_to_tensor() %>% transform_normalize(0.5, 0.5))
                dl <- dataloader(train_ds, batch_size = 3)
                net <- nn_module("net", initialize = function() self$f <- nn_linear(3 * 64 * 64, 2), forward = function(x) self$f(torch_flatten(x, start_dim = 2)))
                a_fit <- net %>% setup(loss = nn_cross_entropy_loss(), optimizer = optim_sgd) %>% set_opt_hparams(lr = 0.01) %>% fit(dl, epochs = 1, verbose = FALSE)
                sum1 <- train_ds[2]$x$sum()$item()
                """)
            rename(folder + "/a", folder + "/b")
            for name in ["train_ds", "a_fit"] {
                let run = program(
                    "restore_session('\(folder)/s.wb', quiet = TRUE, data = c(\(name) = '\(folder)/b')); library(luz)\nidentical(train_ds[2]$x$sum()$item(), sum1)\nclass(fit(a_fit, epochs = 1, verbose = FALSE))"
                )
                #expect(run.error == "" && run.out == "[1] TRUE\n[1] \"luz_module_fitted\"\n", "\(run)")
            }
        }
    }

    @Test func restoringRunsNothing() throws {
        try inTemporaryFolder { folder in
            let path = try saved(
                in: folder,
                """
                loud <- dataset("loud", initialize = function() { cat("made\\n"); self$n <- 3 }, .getitem = function(i) { cat("read\\n"); i }, .length = function() { cat("counted\\n"); self$n })
                ds <- loud(); dl <- dataloader(ds, batch_size = 2)
                makeActiveBinding("active", function() cat("active\\n"), environment())
                m <- nn_module("m", initialize = function() { cat("initialize\\n"); self$f <- nn_linear(1, 1) }, forward = function(x) self$f(x)); net <- m()
                sch <- lr_lambda(optim_sgd(net$parameters, lr = 1), function(e) { cat("lambda\\n"); 1 })
                delayedAssign("later", cat("later\\n"))
                """)
            let run = program("restore_session('\(path)', quiet = TRUE); cat('restored\\n')")
            #expect(run.out == "restored\n")
            #expect(run.error == "")
        }
    }

    @Test func whatIsLeftOutIsNamed() throws {
        inTemporaryFolder { folder in
            let run = program(
                """
                library(torch); con <- file('\(folder)/x.txt', 'w'); ok <- 5; l <- list(a = 1, it = dataloader_make_iter(dataloader(tensor_dataset(torch_ones(3)))))
                deep <- NULL; for (i in 1:30000) deep <- list(deep); rm(i)
                save_session('\(folder)/s.wb'); con <- 7; restore_session('\(folder)/s.wb'); ok; l$a; is.null(l$it); con
                """)
            #expect(run.out == "[1] 5\n[1] 1\n[1] TRUE\n[1] 7\n", "\(run.out)\(run.error)")
            #expect(run.error.contains("not saved: deep."), "\(run.error)")
            #expect(run.error.contains("…: what is nested more than 20000 levels deep\n"), "\(run.error)")
            #expect(run.error.contains("saved 3 variables, "), "\(run.error)")
            #expect(run.error.contains("not saved: con: it belongs to the running session\n"), "\(run.error)")
            #expect(run.error.contains("not saved: l.it: it belongs to the running session\n"), "\(run.error)")
        }
    }

    @Test func gradientsAndAttachedListsAreNamed() throws {
        inTemporaryFolder { folder in
            let run = program(
                """
                library(torch); a <- torch_ones(2, requires_grad = TRUE); y <- a * 3; z <- list(y + 1, q = y * 2, y - 1)
                a$register_hook(function(grad) grad * 2)
                l <- list(deep = 1); attach(l, name = "my\nlist"); f <- function() deep; environment(f) <- as.environment("my\nlist")
                save_session('\(folder)/s.wb', quiet = TRUE)
                save_session('\(folder)/t.wb', list = "l", quiet = TRUE)
                """)
            #expect(
                run.error == """
                    not saved: the gradient history of y, z.1, z.q and 1 more: backward() needs them computed again
                    not saved: the hooks of a: register_hook() adds them again
                    not saved: what is attached as my\\u{A}list: attach() puts it on the search path again

                    """)
            let next = program(
                "restore_session('\(folder)/s.wb', quiet = TRUE); y$requires_grad; l$deep; is.function(f)")
            #expect(next.error == "", "\(next.error)")
            #expect(next.out == "[1] FALSE\n[1] 1\n[1] TRUE\n")
        }
    }

    @Test func namesAreListedOnOneLineEach() throws {
        inTemporaryFolder { folder in
            let run = program(
                """
                assign("two\\nlines", 1); assign(strrep("n", 5000), 2); x <- structure(3, class = strrep("k", 5000))
                save_session('\(folder)/s.wb', quiet = TRUE)
                restore_session('\(folder)/s.wb')
                """)
            let (n, k) = (String(repeating: "n", count: 60), String(repeating: "k", count: 60))
            #expect(
                run.error
                    == "restored 3 variables:\n  \(n)… <numeric>\n  two\\u{A}lines <numeric>\n  x <\(k)…>\n",
                "\(run.error)")
        }
    }

    /// One folder, named relatively and absolutely.
    @Test func dataOverTheSameFolderMovesTogether() throws {
        inTemporaryFolder { folder in
            let run = Subprocess(
                "/bin/sh",
                arguments: [
                    "-c",
                    """
                    cd \(folder) && \(Subprocess.workbench) -e '
                    library(torch); library(torchvision)
                    ds <- shapes_dataset("img", classes = 2, per_class = 3)
                    rel <- image_folder_dataset("./img/shapes/train"); abs <- image_folder_dataset("\(folder)/img/shapes/train/")
                    rm(ds); save_session("s.wb", quiet = TRUE)' && mv img img2 && mkdir on && cd on && \(Subprocess.workbench) -e '
                    library(torch); library(torchvision)
                    restore_session("../s.wb", quiet = TRUE, data = c(abs = "\(folder)/img2/shapes/train"))
                    identical(rel[1]$x, abs[1]$x)'
                    """,
                ])
            #expect(!run.errors.contains("note:"), "\(run.errors)")
            #expect(run.output == "[1] TRUE\n", "\(run.output)")
        }
    }

    /// Files whose checksums are right and whose contents are made to hurt.
    @Test func hostileContents() throws {
        func refused(_ nodes: [JSON], tensors: [JSON] = [], states: [JSON] = []) throws -> String {
            try inTemporaryFolder { folder in
                let bytes = try Tensor([Float(1)], shape: [1])
                let description = JSON.object([
                    ("value", .number(Double(nodes.count))), ("nodes", .array([.array([.string("null")])] + nodes)),
                    ("environments", .array([])), ("states", .array(states)), ("tensors", .array(tensors)),
                    ("sources", .array([])),
                ])
                let path = folder + "/h.rds"
                try SnapshotFile.write(
                    Snapshot(description: description, tensors: [("t", bytes)]), for: .object, to: path)
                let run = program("cat(tryCatch({ readRDS('\(path)'); 'read' }, error = conditionMessage))")
                #expect(run.status == 0, "\(run.error)")
                return run.out.replacing(folder, with: "DIR")
            }
        }
        func number(_ value: Int) -> JSON { .number(Double(value)) }
        let list = { (inside: Int) in JSON.array([.string("list"), .array([number(inside)]), .null]) }
        #expect(try refused([list(0), list(1)]) == "read")
        #expect(try refused((0..<200_000).map { list($0) }) == "the saved values are nested too deeply")
        // A node that refers to one after it, or to itself.
        #expect(try refused([list(1)]) == "the description of the saved values contradicts itself")
        let plain = JSON.object([("name", .string("t")), ("type", .string("Float")), ("shape", .array([number(1)]))])
        func view(_ shape: [Int], _ strides: [Int], _ offset: Int) -> JSON {
            .object([
                ("name", .string("v")), ("type", .string("Float")), ("shape", .array(shape.map { number($0) })),
                ("base", number(0)), ("strides", .array(strides.map { number($0) })), ("offset", number(offset)),
            ])
        }
        let tensor = JSON.array([.string("tensor"), number(1), .string("plain"), .null])
        #expect(try refused([tensor], tensors: [plain, view([1, 1], [5, 5], 0)]) == "read")
        #expect(
            try refused([tensor], tensors: [plain, view([1 << 40, 1 << 40], [0, 0], 0)]).contains("cannot allocate"))
        for bad in [
            view([2], [1], 0), view([1], [1], 1), view([1], [1], -1), view([-1], [1], 0), view([2], [1 << 62], 0),
        ] {
            #expect(try refused([tensor], tensors: [plain, bad]) != "read")
        }
        let text = JSON.array([.string("chr"), .array([.string("utils")]), .null])
        #expect(
            try refused([
                text, .array([.string("fun"), .string("of"), .string("base"), .string("cat")]),
                .array([.string("fun"), .string("result"), number(2), .array([number(1)]), .null]),
            ]) == "read")
        // More names than elements: found by scripts/fuzz readers.
        let named = JSON.array([.string("list"), .array([number(0)]), .array([.array([.string("names"), number(1)])])])
        let names = JSON.array([.string("chr"), .array([.string("a"), .string("b")]), .null])
        #expect(try refused([names, named]) == "the description of the saved values contradicts itself")
        let kind = { (name: String, size: Int) -> [JSON] in
            [
                .array([.string("dbl"), .array([number(size)]), .null]),
                .array([.string("chr"), .array([.string("size")]), .null]),
                .array([.string("list"), .array([number(1)]), .array([.array([.string("names"), number(2)])])]),
                .array([.string("kind"), number(0), .string(name), number(3), .null]),
            ]
        }
        #expect(try refused(kind("sequential sampler", 5), states: [number(0)]) == "read")
        #expect(
            try refused(kind("sequential sampler", -5), states: [number(0)]) == "the saved `size` is no count")
    }

    /// Options do what they say; threads are as many as there were.
    @Test func optionsAreInForce() throws {
        try inTemporaryFolder { folder in
            let conv = "torch_manual_seed(1); invisible(nn_conv2d(32, 32, 3, padding = 1)(torch_randn(4, 32, 16, 16)))"
            let whole = program(
                "library(torch); options(workbench.winograd = FALSE, workbench.explain_kernels = TRUE)\n" + conv)
            #expect(!whole.error.isEmpty)
            let path = try saved(
                in: folder,
                "library(torch); options(workbench.winograd = FALSE, workbench.explain_kernels = TRUE, width = 60); torch_set_num_threads(3)"
            )
            let after = program(
                "torch::torch_set_num_threads(5); restore_session('\(path)', quiet = TRUE); cat(torch_get_num_threads()); 1:30\n\(conv)"
            )
            #expect(
                after.out.hasPrefix("3 [1]  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18\n")
                    || after.out.contains("\n[19]"), "\(after.out)")
            #expect(
                after.error
                    == "note: computations use 3 threads, as when it was saved: torch_set_num_threads(5) is what there was here\n"
                    + whole.error)
        }
    }

    /// What cannot be made again is named, and the rest is there.
    @Test func oneObjectThatCannotBeMade() throws {
        try inTemporaryFolder { folder in
            let path = try saved(
                in: folder,
                """
                library(torch); w <- torch_zeros(1, requires_grad = TRUE); opt <- optim_sgd(list(w), lr = 0.1)
                bad <- lr_lambda(opt, list(function(e) 0.5)); state <- bad$state_dict(); state$base_lrs <- list(0.1, 0.2); bad$load_state_dict(state)
                held <- list(bad, 7); kept <- "a week's work"
                """)
            let run = program(
                "restore_session('\(path)', quiet = TRUE); cat(kept, held[[2]], opt$param_groups[[1]]$lr, '\\n'); bad; cat(tryCatch(bad$step(), error = function(e) 'unusable'))"
            )
            #expect(run.status == 0, "\(run.error)")
            let why =
                "cannot be made again (lr_lambda length (1) is different from the number of optimizer$param_grpups (2))"
            #expect(run.error == "note: <lr_lambda> \(why): it is kept as it was saved, and cannot be used\n")
            #expect(run.out == "a week's work 7 0.05 \n<lr_lambda>, which \(why)\nunusable", "\(run.out)")
        }
    }

    @Test func failureKeepsTheOldFile() throws {
        try inTemporaryFolder { folder in
            let path = try saved(in: folder, "x <- 1")
            let before = try #require(bytesOfFile(path))
            let run = program(
                "try(save_session('\(folder)/none/s.wb')); try(save_session('\(path)', list = 'nothing')); cat('alive\\n')"
            )
            #expect(run.out == "alive\n")
            #expect(run.error.contains("No such file or directory"))
            #expect(run.error.contains("object 'nothing' not found"))
            #expect(bytesOfFile(path) == before)
        }
    }
}

/// Session scripts written by `record()`.
@Suite struct RecordedSessionTests {
    @Test func aRecordingReplays() throws {
        try inTemporaryFolder { folder in
            let run = runProgram(
                """
                record('\(folder)/s.R')
                x <- c(1.5, 2)
                x * 2 # twice
                f <- function(a) {
                  a + 1
                }
                f(x); "same line"
                cat("no end of line")
                message("not recorded")
                invisible(3)
                tryCatch(record('\(folder)/t.R'), error = conditionMessage)
                record()
                y <- "not recorded"
                """)
            #expect(run.status == 0, "\(run.error)")
            let text = try #require(textOfFile(folder + "/s.R"))
            #expect(
                text.replacing(folder, with: "DIR") == """
                    x <- c(1.5, 2)
                    x * 2 # twice
                    #> [1] 3 4
                    f <- function(a) {
                      a + 1
                    }
                    f(x); "same line"
                    #> [1] 2.5 3.0
                    #> [1] "same line"
                    cat("no end of line")
                    #> no end of line
                    message("not recorded")
                    invisible(3)
                    tryCatch(record('DIR/t.R'), error = conditionMessage)
                    #> [1] "a recording to 'DIR/s.R' is under way"

                    """)
        }
    }
}

/// Errors are recorded so that the script replays, wherever they happen in it.
@Suite struct RecordedErrorTests {
    @Test func aFailureReplays() throws {
        inTemporaryFolder { folder in
            let script = folder + "/s.R"
            let first = Subprocess(
                Subprocess.workbench,
                arguments: ["--quiet", "--record", script, "-e", "x <- 2\nx^2\nf <- function() stop('no')\nf()"])
            #expect(first.status == 1, "\(first.errors)")
            #expect(
                textOfFile(script) == """
                    x <- 2
                    x^2
                    #> [1] 4
                    f <- function() stop('no')
                    f()
                    #! Error in f() : no
                    #! ...

                    """)
            let again = Subprocess(Subprocess.workbench, arguments: ["--replay", script])
            #expect(again.status == 0, "\(again.output)")
            let refused = Subprocess(Subprocess.workbench, arguments: ["--record", script, "-e", "1"])
            #expect(refused.status == 2)
            #expect(refused.errors.contains("exists already"), "\(refused.errors)")
        }
    }
}

private func bytesOfFile(_ path: String) -> [UInt8]? {
    guard let stream = fopen(path, "r") else { return nil }
    defer { fclose(stream) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = fread(&buffer, 1, buffer.count, stream)
        if count == 0 { return bytes }
        bytes += buffer[..<count]
    }
}

private func writeBytes(_ bytes: [UInt8], to path: String) {
    guard let stream = fopen(path, "w") else { return }
    fwrite(bytes, 1, bytes.count, stream)
    fclose(stream)
}
