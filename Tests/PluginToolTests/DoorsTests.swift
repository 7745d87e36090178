import Glibc
import TestSupport
import Testing

/// Doors of the interface that a plug-in in Swift goes through: names in other namespaces, formats of images, trials.
@Suite(.serialized) struct DoorsTests {
    private struct Failure: Error { let text: String }

    /// Built once, with what `plugin build` and `plugin test` said.
    private static let built: Result<(bench: PluginBench, build: String), Failure> = {
        let bench = PluginBench()
        do {
            let path = try bench.copy("Tests/PluginToolTests/doors")
            let run = bench.run(["plugin", "build", path])
            guard run.status == 0 else { return .failure(Failure(text: run.output + run.errors)) }
            let install = bench.run(["plugin", "install", path])
            guard install.status == 0 else { return .failure(Failure(text: install.output + install.errors)) }
            return .success((bench, run.output))
        } catch {
            return .failure(Failure(text: "\(error)"))
        }
    }()

    @Test func `a trial says what a layer of words, a metric and a callback are given`() throws {
        let build = try Self.built.get().build
        for line in [
            "nn_doors_words(10, 3): input [2, 4], output [2, 4, 3]\n",
            "of predictions [2, 1, 4, 4] and targets [2, 1, 4, 4]\n  a new one begins anew, and computing changes nothing\n",
            "luz_callback_doors(): a fit of two epochs of three batches, and validation\n  listens to on_epoch_end\n",
        ] { #expect(build.contains(line), "\(build)") }
    }

    @Test func `without a trial what the usual data does not fit is untried, with the reason`() throws {
        let bench = try Self.built.get().bench
        let load = bench.run(
            code: "library(doors); cat('loaded\\n')", ["DOORS": "untried", "XDG_STATE_HOME": bench.folder + "/other"])
        #expect(load.output == "loaded\n", "\(load.errors)")
        let run = bench.run(["plugin", "test", bench.folder + "/doors"], ["DOORS": "untried"])
        for text in [
            "plug-in doors 0.1.0: not tried: ",
            "luz_metric_doors (it takes none of the usual batches: luz_metric_doors() takes masks [N, 1, H, W])",
            "luz_callback_doors (it fails in the usual fit: ",
            "luz_callback_doors() needs luz_metric_accuracy() among the metrics)",
        ] { #expect(run.errors.contains(text), "\(run.errors)") }
    }

    @Test func `new names in a namespace that is attached already are found`() throws {
        let bench = try Self.built.get().bench
        let run = bench.run(code: "library(torch); library(doors); as.numeric(nn_doors_square()(torch_tensor(3)))")
        #expect(run.output == "[1] 9\n", "\(run.errors)")
    }

    @Test func `an error that is none of the workbench's is one of R all the same`() throws {
        let bench = try Self.built.get().bench
        let run = bench.run(
            code: """
                library(torch); library(luz); library(doors)
                cat(class(try(doors_fails(4), silent = TRUE)), "\n")
                tryCatch(doors_fails(4), error = function(e) cat(conditionMessage(e), "\n"))
                x <- torch_randn(56, 3)
                net <- nn_module("net", initialize = function() { self$fc <- nn_linear(3, 1); self$odd <- nn_doors_fails() }, forward = function(x) self$odd(self$fc(x)))
                fit(setup(net, nn_mse_loss(), optim_adam), tensor_dataset(x, x[, 1:1]), epochs = 1, verbose = FALSE, dataloader_options = list(batch_size = 16, drop_last = FALSE))
                """)
        #expect(run.output == "try-error \nOdd: bad(4) \n", "\(run.errors)")
        #expect(run.status == 1)
        #expect(run.errors.contains("Odd: bad(8)\n"), "\(run.errors)")
        #expect(run.errors.contains("plug-in doors 0.1.0, nn_doors_fails()"), "\(run.errors)")
        #expect(run.errors.contains("epoch 1, batch 4 of the training data"), "\(run.errors)")
        #expect(!run.errors.contains("bug"), "\(run.errors)")
    }

    @Test func `an error of a data set names plug-in, function and item`() throws {
        let bench = try Self.built.get().bench
        let place = "\n  in plug-in doors 0.1.0, doors_dataset(), item 14\n"
        for code in [
            "doors_dataset()[14]", "coro::loop(for (b in dataloader(doors_dataset(), batch_size = 4)) 1)",
            "dataset_subset(doors_dataset(), 14)[1]",
            "coro::loop(for (b in dataloader(doors_dataset(), batch_size = 4, num_workers = 2)) 1)",
            "nn_module('net', initialize = function() self$fc <- nn_linear(3, 1), forward = function(x) self$fc(x)) %>% setup(loss = nn_mse_loss(), optimizer = optim_adam) %>% fit(doors_dataset(), epochs = 1, verbose = FALSE, dataloader_options = list(batch_size = 4))",
        ] {
            let run = bench.run(code: "library(torch); library(luz); library(doors); \(code)")
            #expect(run.errors.contains("item is rotten"), "\(run.errors)")
            #expect(run.errors.contains(place), "\(code): \(run.errors)")
        }
    }

    @Test func `a format of images that a plug-in adds is read everywhere, and the plug-in reads those in the box`()
        throws
    {
        let bench = try Self.built.get().bench
        let folder = bench.folder + "/images"
        for path in [folder, folder + "/a", folder + "/b"] { mkdir(path, 0o755) }
        let pixels: [UInt8] = [255, 0, 0, 0, 255, 0]
        for path in ["/a/one.ppm", "/b/two.PPM"] { write(Array("P6\n2 1\n255\n".utf8) + pixels, to: folder + path) }
        write(Array("P6\n2 9\n255\n".utf8) + pixels, to: folder + "/cut.ppm")
        write(Array("nothing".utf8), to: folder + "/odd.ppm")
        let run = bench.run(
            code: """
                library(torch); library(torchvision); library(doors)
                setwd("\(folder)")
                dim(base_loader("a/one.ppm")); base_loader("a/one.ppm")[1, 2, ]
                png("plain.png", width = 40, height = 30); plot.new(); invisible(dev.off())
                read_pixels("plain.png")[1:3]
                read_pixels("a/one.ppm")
                ds <- image_folder_dataset("\(folder)", transform = transform_to_tensor)
                length(ds); ds$classes
                for (workers in 0:1) print(dim(dataloader_next(dataloader_make_iter(dataloader(ds, batch_size = 2, num_workers = workers)))$x))
                for (path in c("cut.ppm", "odd.ppm", "none.ppm"))
                  tryCatch(read_pixels(path), error = function(e) cat(conditionMessage(e), "\\n"))
                tryCatch(base_loader("odd.ppm"), error = function(e) cat(conditionMessage(e), "\\n"))
                """)
        #expect(
            run.output == """
                [1] 1 2 3
                [1] 0 1 0
                [1] 30 40  3
                [1]   1   2   3 255   0   0
                [1] 2
                [1] "a" "b"
                [1] 2 3 1 2
                [1] 2 3 1 2
                cannot decode 'cut.ppm': its sizes and its bytes do not go together \n\
                cannot decode 'odd.ppm': it is in none of the formats JPEG, PNG, PPM \n\
                cannot read 'none.ppm': No such file or directory \n\
                cannot decode 'odd.ppm': it is something else, not a JPEG or PNG \n
                """, "\(run.output)\(run.errors)")
        let error = bench.run(code: "library(doors); read_pixels('\(folder)/cut.ppm')")
        #expect(error.errors.contains("\n  in plug-in doors 0.1.0, format PPM\n"), "\(error.errors)")
    }

    @Test(arguments: [
        ("another name", "plug-in doors 0.1.0: plugin.json calls it doors, the plug-in itself layers"),
        ("a bad name", "plug-in doors 0.1.0: it registers the layer \"nn bad name\", which is no name"),
        ("no name", "plug-in doors 0.1.0: it registers the function \"\", which is no name"),
        ("a name twice", "plug-in doors 0.1.0: it registers doors::read_pixels twice"),
        (
            "a trial of nothing",
            "plug-in doors 0.1.0: nn_doors_wrods: there is a trial of it, and nothing of this name is registered in doors"
        ),
    ])
    func `names that cannot be right are refused`(_ how: String, _ message: String) throws {
        let bench = try Self.built.get().bench
        let run = bench.run(
            code: "tryCatch(library(doors), error = function(e) cat(conditionMessage(e), '\\n'))",
            ["DOORS": how, "XDG_STATE_HOME": bench.folder + "/" + how])
        #expect(run.output == message + " \n", "\(run.errors)")
    }
}
