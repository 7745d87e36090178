import Glibc
import PluginAPI
import TestSupport
import Testing

/// Plug-ins that must not get into a session: each with its name and the reason, and the session lives.
@Suite(.serialized) struct RefusalTests {
    /// How the plug-in breaks, what is printed for it.
    static let broken: [(String, String)] = [
        (
            "traps in register",
            "plug-in broken 0.1.0: it crashed (a trap) in register(in:): broken/broken.swift:13: Fatal error: no good"
        ),
        (
            "traps in forward",
            "plug-in broken 0.1.0: it crashed (a trap) in nn_broken(): forward: broken/broken.swift:21: Fatal error: out of luck with [2, 3]"
        ),
        (
            "wild pointer",
            "plug-in broken 0.1.0: it crashed (a wild pointer, SIGSEGV) in nn_broken(): forward"
        ),
        (
            "loops",
            "plug-in broken 0.1.0: not done after 3 seconds, in nn_broken(): forward"
        ),
        (
            "exits",
            "plug-in broken 0.1.0: it crashed (it ended the process) in nn_broken(): forward"
        ),
        (
            "memory",
            "plug-in broken 0.1.0: it crashed (SIGABRT) in nn_broken(): forward: Fatal error: failed to allocate 17179869184 bytes of memory with alignment 0"
        ),
        (
            "shapes",
            "plug-in broken 0.1.0: nn_broken(): the output of a batch of 2 has shape [3]: its first size must be 2"
        ),
        (
            "batch",
            "plug-in broken 0.1.0: nn_broken(): the output has shape [2, 3] for a batch of 2 and [3] for 3"
        ),
        (
            "nan",
            "plug-in broken 0.1.0: nn_broken(): the output has elements that are not finite for an input around 0"
        ),
        (
            "in place",
            "plug-in broken 0.1.0: nn_broken(): forward changes its input in place"
        ),
        (
            "random",
            "plug-in broken 0.1.0: nn_broken(): two outputs of the same input differ in evaluation mode"
        ),
        (
            "gradient",
            "plug-in broken 0.1.0: nn_broken(): the gradient of the input is wrong: 6.288 along a random direction, by differences 3.144"
        ),
        (
            "history",
            "plug-in broken 0.1.0: nn_broken(): the output has no history: gradients do not reach the input, parameter `weight`"
        ),
        (
            "captured",
            "plug-in broken 0.1.0: nn_broken(): a deep copy computes with the tensors of the layer it was copied from"
        ),
        (
            "throws",
            "plug-in broken 0.1.0: nn_broken(): nn_broken() does not like [2, 3]"
        ),
        (
            "takes a name",
            "plug-in broken 0.1.0: the name nn_linear is taken: torch::nn_linear of the plug-in layers"
        ),
        (
            "registers more",
            "plug-in broken 0.1.0: plugin.json and the library disagree: it registers broken::more, which plugin.json does not list"
        ),
        (
            "registers elsewhere",
            "plug-in broken 0.1.0: it registers more in the namespace `other`, which is not its own"
        ),
        (
            "other API",
            "plug-in broken 0.1.0: its library was built for another API than plugin.json says"
        ),
    ]

    private static let code = """
        library(torch)
        tryCatch(library(broken), error = function(e) cat(conditionMessage(e), "\\n"))
        as.numeric(nn_identity()(torch_tensor(2)))
        """

    @Test(arguments: RefusalTests.broken)
    func `what breaks its contract is refused, and the session lives`(_ how: String, _ message: String) throws {
        let bench = try BrokenPlugin.installed()
        let run = bench.run(code: Self.code, ["BROKEN": how, "WORKBENCH_PROBE_SECONDS": "3"])
        #expect(bench.masked(run.output) == message + " \n[1] 2\n", "\(run.errors)")
        #expect(run.status == 0)
    }

    /// What was done to the files, what is printed for it.
    static let files: [(String, String)] = [
        (
            "another API",
            "plug-in broken 0.1.0: built for API 1, this workbench has API \(pluginABI)"
        ),
        (
            "a newer API",
            "plug-in broken 0.1.0: built for API \(pluginABI + 1), this workbench has API \(pluginABI)"
        ),
        (
            "another compiler",
            "plug-in broken 0.1.0: built by another compiler (Swift 6.3.1): clang, the workbench by clang"
        ),
        (
            "missing symbol",
            "plug-in broken 0.1.0: it needs what this workbench does not have: FOLDER/installed/broken/broken.so: undefined symbol: SYMBOL"
        ),
        (
            "another processor",
            "plug-in broken 0.1.0: FOLDER/installed/broken/broken.so is built for another processor"
        ),
        (
            "cut off",
            "plug-in broken 0.1.0: FOLDER/installed/broken/broken.so is cut off: 5000 bytes, and its tables lie beyond"
        ),
        (
            "a text file",
            "plug-in broken 0.1.0: FOLDER/installed/broken/broken.so is no shared object"
        ),
        (
            "no file",
            "plug-in broken 0.1.0: cannot read the plug-in's library FOLDER/installed/broken/broken.so"
        ),
        (
            "unknown kind",
            "FOLDER/installed/broken/plugin.json: \"lawyer\" is no kind of nn_broken"
        ),
        (
            "unknown hook",
            "FOLDER/installed/broken/plugin.json: a hook of nn_broken is `on_batch_end`, a hook that does not exist: it would never be called"
        ),
        (
            "no entry function",
            "plug-in broken 0.1.0: FOLDER/installed/broken/broken.so has no function workbench_plugin"
        ),
        (
            "a source as library",
            "FOLDER/installed/broken/plugin.json: the library \"broken.swift\" must be a file in the same folder that ends in .so"
        ),
    ]

    private func change(_ what: String, _ folder: String) throws {
        let library = folder + "/broken.so"
        let json = folder + "/plugin.json"
        func edit(_ text: String, _ other: String) throws {
            let before = try #require(textOfFile(json))
            let after = before.replacing(text, with: other)
            try #require(before != after)
            write(after, to: json)
        }
        switch what {
        case "another API": try edit("\"api\": \(pluginABI)", "\"api\": 1")
        case "a newer API":
            try edit("\"api\": \(pluginABI)", "\"api\": \(pluginABI + 1)")
            try edit("\"oldestApi\": \(pluginABI)", "\"oldestApi\": \(pluginABI + 1)")
        case "another compiler": try patch(library, "llvm-project.git ", "llvm-project.git-")
        case "missing symbol": try patch(library, "$s8RRuntime9NamespaceC9PluginAPIE5layer", "$s8RRuntime9NamespaceC9PluginAPIE5lawer")
        case "another processor":
            var all = bytes(of: library)
            all[18] = 183
            write(all, to: library)
        case "cut off": truncate(library, 5000)
        case "a text file": write("not a library\n", to: library)
        case "no file": unlink(library)
        case "unknown kind": try edit("\"kind\":\"layer\"", "\"kind\":\"lawyer\"")
        case "unknown hook": try edit("\"name\":\"nn_broken\",", "\"name\":\"nn_broken\",\"hooks\":[\"on_batch_end\"],")
        case "no entry function": try patch(library, "workbench_plugin", "workbench_plugon")
        case "a source as library": try edit("\"broken.so\"", "\"broken.swift\"")
        default: Issue.record("\(what)")
        }
    }

    @Test(arguments: RefusalTests.files)
    func `files that cannot be right are refused`(_ what: String, _ message: String) throws {
        let bench = try BrokenPlugin.installed { try change(what, $0) }
        let run = bench.run(code: Self.code)
        // Compilers and symbols have long names of their own.
        let words = bench.masked(run.output).split(separator: " ", omittingEmptySubsequences: false).map { word in
            word.hasPrefix("$s") ? "SYMBOL" : String(word)
        }
        let shown = words.joined(separator: " ").cuttingCompilers
        #expect(shown == message + " \n[1] 2\n", "\(run.errors)")
        #expect(run.status == 0)
    }

    @Test func `a plug-in that traps in forward does a trained model no harm`() throws {
        let bench = try BrokenPlugin.installed()
        let run = bench.run(
            code: """
                library(torch)
                library(luz)
                torch_manual_seed(1)
                x <- torch_randn(64, 2)
                y <- x$sum(dim = 2, keepdim = TRUE)
                net <- nn_module("net", initialize = function() self$fc <- nn_linear(2, 1), forward = function(x) self$fc(x))
                fitted <- net %>% setup(loss = nn_mse_loss(), optimizer = optim_sgd) %>% set_opt_hparams(lr = 0.1) %>%
                  fit(tensor_dataset(x, y), epochs = 5, verbose = FALSE)
                before <- as.numeric(predict(fitted, x))
                tryCatch(library(broken), error = function(e) cat("refused\\n"))
                identical(before, as.numeric(predict(fitted, x)))
                """, ["BROKEN": "traps in forward"])
        #expect(run.output == "refused\n[1] TRUE\n", "\(run.errors)")
    }

    @Test func `after a trap that the probe could not see, the next start names the plug-in`() throws {
        let bench = try BrokenPlugin.installed()
        let fit = """
            library(torch)
            library(luz)
            library(broken)
            net <- nn_module("net",
              initialize = function() { self$odd <- nn_broken(); self$fc <- nn_linear(2, 1) },
              forward = function(x) self$fc(self$odd(x)))
            x <- torch_randn(256, 2)
            model <- setup(net, loss = nn_mse_loss(), optimizer = optim_sgd) %>% set_opt_hparams(lr = 0.1)
            for (size in c(64, 128)) {
              fitted <- fit(model, tensor_dataset(x, x$sum(dim = 2, keepdim = TRUE)), epochs = 2, verbose = FALSE,
                dataloader_options = list(batch_size = size))
              message("trained with batches of ", size)
            }
            """
        let run = bench.run(code: fit, ["BROKEN": "late", "SWIFT_BACKTRACE": "enable=no"])
        #expect(run.errors.hasPrefix("trained with batches of 64\n"), "\(run.errors)")
        #expect(!run.errors.contains("batches of 128\n"))
        #expect(run.status > 128, "\(run.status)")
        #expect(
            run.errors.contains(
                "\nworkbench: compiled code trapped (SIGILL); loaded: plug-in broken 0.1.0. The next start says how to leave it out, and which fit recover_fit() returns\n"
            ), "\(run.errors)")
        let next = bench.run(code: "cat('well\\n')")
        #expect(
            next.errors
                == "workbench: a session ended without saying so while the plug-in broken 0.1.0 was loaded; --block broken leaves it out\n"
        )
        #expect(next.output == "well\n")
        #expect(bench.run(code: "cat('well\\n')").errors == "")
    }

    @Test(arguments: [("exit", "ended the process (exit)"), ("stack", "trapped (SIGSEGV)")])
    func `whatever ends the process says so`(_ how: String, _ what: String) throws {
        let bench = try BrokenPlugin.installed()
        let run = bench.run(
            code: "library(torch); library(broken); l <- nn_broken(); for (n in c(2, 128)) l(torch_ones(n, 2))",
            ["BROKEN": "late \(how)", "SWIFT_BACKTRACE": "enable=no"])
        #expect(run.status != 0)
        #expect(
            run.errors.contains("\nworkbench: compiled code \(what); loaded: plug-in broken 0.1.0."), "\(run.errors)")
    }

    @Test func `an error in a layer of a plug-in names the plug-in, in nets and fits too`() throws {
        let bench = try BrokenPlugin.installed()
        _ = bench.run(code: "library(broken)")
        let run = bench.run(
            code:
                "library(torch); library(broken); net <- nn_sequential(nn_linear(2, 2), nn_broken()); net(torch_ones(3, 2))",
            ["BROKEN": "throws"])
        #expect(
            run.errors == """
                Error in net(torch_ones(3, 2)) : nn_broken() does not like [3, 2]
                  in plug-in broken 0.1.0, nn_broken()
                  in child 1, <nn_broken>
                  1 | …net <- nn_sequential(nn_linear(2, 2), nn_broken()); net(torch_ones(3, 2))
                    |                                                      ^^^^^^^^^^^^^^^^^^^^
                  hint: nothing helps

                """)
        let fit = bench.run(
            code: """
                library(torch)
                library(luz)
                library(broken)
                net <- nn_module("net",
                  initialize = function() { self$odd <- nn_broken(); self$fc <- nn_linear(2, 1) },
                  forward = function(x) self$fc(self$odd(x)))
                x <- torch_randn(64, 2)
                fit(setup(net, loss = nn_mse_loss(), optimizer = optim_sgd) %>% set_opt_hparams(lr = 0.1),
                  tensor_dataset(x, x$sum(dim = 2, keepdim = TRUE)), epochs = 2, verbose = FALSE)
                """, ["BROKEN": "throws"])
        #expect(
            fit.errors == """
                Error in self$odd(x) : nn_broken() does not like [32, 2]
                  in plug-in broken 0.1.0, nn_broken()
                  in epoch 1, batch 1 of the training data
                  6 |   forward = function(x) self$fc(self$odd(x)))
                    |                                 ^^^^^^^^^^^
                  hint: nothing helps

                """)
        for (how, message) in [
            ("backward throws", "no way back from [3, 2]"),
            (
                "backward shape",
                "function AccumulateGrad got an invalid gradient - got [7] but expected shape compatible with [3, 2]"
            ),
        ] {
            let backward = bench.run(
                code:
                    "library(torch); library(broken); nn_broken()(torch_ones(3, 2, requires_grad = TRUE))$sum()$backward()",
                ["BROKEN": how])
            #expect(
                backward.errors.contains(
                    ": \(message)\n  in plug-in broken 0.1.0, nn_broken(), backward\n")
                    || backward.errors.contains(
                        ": \n  \(message)\n  in plug-in broken 0.1.0, nn_broken(), backward\n"),
                "\(backward.errors)")
        }
    }
}

extension String {
    /// "clang version 21.0.0 (…)" is "clang".
    fileprivate var cuttingCompilers: String {
        var result = ""
        var rest = self[...]
        while !rest.isEmpty {
            if rest.hasPrefix("clang version "), let end = rest.firstIndex(of: ")") {
                result += "clang"
                rest = rest[rest.index(after: end)...]
            } else {
                result.append(rest.removeFirst())
            }
        }
        return result
    }
}
