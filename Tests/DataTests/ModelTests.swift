import Images
import TestSupport
import Testing

/// Ready-made nets and files of weights.
@Suite struct ModelFiles {
    static let recorded = """
        options(workbench.winograd = FALSE)
        torch_manual_seed(777)
        p <- function(...) cat(sprintf("%.9g", c(...)), "\\n")
        r <- model_resnet18(pretrained = FALSE)
        p(length(r$state_dict()), as.numeric(r$conv1$weight$detach()$view(-1)[1:3]))
        p(as.numeric(r$layer1[[1]]$conv1$weight$detach()$view(-1)[1:3]))
        p(as.numeric(r$fc$bias$detach()[1:3]))
        x <- torch_randn(2, 3, 64, 64)
        r$eval(); o <- r(x)$detach(); p(round(as.numeric(o[1, 1:5]), 5))
        r$train(); o <- r(x)$detach(); p(round(as.numeric(o[1, 1:2]), 4))
        p(r$fc$in_features, r$bn1$num_batches_tracked$item())
        """

    /// Initial weights to the last digit and logits as R torchvision's (15 and 07b of the recordings).
    @Test func resnetStartsAsInR() {
        let wanted = [
            "122 0.0456062257 -0.0355699696 0.00771005778", "0.00280512869 0.0177486837 -0.00682935119",
            "-0.00193620508 -0.0352808163 -0.0424951166", "-0.02597 -0.0331 -0.03575 -0.03043 -0.03148",
            "-1.0032 -0.0636", "512 1",
        ]
        #expect(textLines(printed(ModelFiles.recorded)) == wanted)
    }

    /// A header of 19280 bytes begins with the mark of PyTorch's files.
    @Test func headersOfAnyLengthAreRead() {
        let program = """
            f <- tempfile()
            for (n in seq(19000, 19100, by = 4)) {
              torch_save(setNames(list(torch_ones(2)), strrep("a", n)), f)
              if (identical(readBin(f, "raw", 2), as.raw(c(0x50, 0x4b)))) break
            }
            cat(n < 19100, length(torch_load(f)))
            """
        #expect(printed(program) == "TRUE 1")
    }

    @Test func winogradIsSwitchedByAnOption() {
        let program = """
            x <- torch_randn(8, 16, 16, 16); w <- torch_randn(16, 16, 3, 3); f <- function() nnf_conv2d(x, w, padding = 1)
            fast <- f(); old <- options(workbench.winograd = FALSE); exact <- f(); again <- f(); options(old)
            difference <- as.numeric((fast - exact)$abs()$max()) / as.numeric(exact$abs()$max())
            cat(torch_equal(exact, again), torch_equal(fast, f()), difference > 0, difference < 2e-5, "")
            cat(tryCatch(options(workbench.winograd = NA), error = function(e) conditionMessage(e)))
            """
        #expect(printed(program) == "TRUE TRUE TRUE TRUE invalid value for 'workbench.winograd'")
    }

    @Test func statesGoThroughFiles() {
        withFolder { folder in
            let program = """
                m <- nn_sequential(nn_linear(2, 3), nn_batch_norm1d(3))
                torch_save(m, "m.pt"); s <- torch_load("m.pt"); cat(names(s), "")
                safetensors::safe_save_file(s, "s.safetensors")
                t <- safetensors::safe_load_file("s.safetensors", framework = "torch")
                cat(torch_equal(t[["0.weight"]], m[[1]]$weight), length(load_state_dict("s.safetensors")), "")
                x <- torch_tensor(c(1.5, NaN), requires_grad = TRUE); torch_save(x, "x.pt")
                cat(torch_load("x.pt")$requires_grad, "")
                l <- list(a = list(1L, NA, "é\\n"), w = torch_ones(2), n = NULL, m = matrix(c(1.1, Inf, NaN, NA), 2))
                torch_save(l, "l.pt"); k <- torch_load("l.pt")
                cat(identical(k$a, l$a), identical(k$m, l$m), is.null(k$n), names(k), torch_equal(k$w, l$w), "")
                cat(tryCatch(torch_save(list(f = function() 1), "f.pt"), error = conditionMessage), "")
                cat(tryCatch(torch_load("none.pt"), error = conditionMessage))
                """
            let text = printed(program, in: folder)
            #expect(
                text
                    == "0.weight 0.bias 1.weight 1.bias 1.running_mean 1.running_var 1.num_batches_tracked TRUE 7 TRUE "
                    + "TRUE TRUE TRUE a w n m TRUE torch_save() cannot write `f` of type 'closure' "
                    + "cannot open 'none.pt': No such file or directory")
        }
    }

    /// A file as Python's torch.save writes it, and one that wants to run something.
    @Test func picklesAreReadAndNeverRun() throws {
        try withFolder { folder in
            var pickle: [UInt8] = [0x80, 2] + Array("ccollections\nOrderedDict\n)R(".utf8)
            pickle += [0x58, 1, 0, 0, 0] + Array("w".utf8) + Array("ctorch._utils\n_rebuild_tensor_v2\n((".utf8)
            pickle += [0x58, 7, 0, 0, 0] + Array("storagectorch\nFloatStorage\n".utf8)
            pickle +=
                [0x58, 1, 0, 0, 0] + Array("0".utf8) + [0x58, 3, 0, 0, 0] + Array("cpu".utf8) + [0x4B, 6, 0x74, 0x51]
            pickle += [0x4B, 0, 0x4B, 2, 0x4B, 3, 0x86, 0x4B, 3, 0x4B, 1, 0x86, 0x89]
            pickle += Array("ccollections\nOrderedDict\n)RtRu.".utf8)
            let floats: [UInt8] = (1...6).flatMap { number in
                withUnsafeBytes(of: Float(number).bitPattern.littleEndian) { Array($0) }
            }
            try writeFile(StoredZip.bytes([("a/data.pkl", pickle), ("a/data/0", floats)]), to: folder + "/good.pth")
            let attack =
                [0x80, 2] + Array("cos\nsystem\n(".utf8) + [0x58, 4, 0, 0, 0] + Array("true".utf8) + Array("tR.".utf8)
            try writeFile(StoredZip.bytes([("a/data.pkl", attack)]), to: folder + "/bad.pth")
            try writeFile(
                Array(StoredZip.bytes([("a/data.pkl", pickle), ("a/data/0", Array(floats.prefix(8)))])),
                to: folder + "/short.pth")
            let program = """
                s <- load_state_dict("good.pth"); cat(names(s), dim(s$w), as.numeric(s$w[2, ]), "")
                for (f in c("bad.pth", "short.pth")) cat(tryCatch(load_state_dict(f), error = conditionMessage), "")
                """
            let text = printed(program, in: folder)
            #expect(text.hasPrefix("w 2 3 4 5 6 "), "\(text)")
            #expect(text.contains("it holds a call of os.system, which is not run"), "\(text)")
            #expect(text.contains("the entry a/data/0 is missing or too short"), "\(text)")
        }
    }
}
