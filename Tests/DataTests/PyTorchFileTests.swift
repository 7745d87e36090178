import Glibc
import Images
import TestSupport
import Testing

/// Weights between PyTorch 2.13 and here. scripts/fixtures/pytorch-weights.py wrote PyTorch's files and recorded what
/// PyTorch finds in ours.
@Suite struct PyTorchFileTests {
    private static let folder = packageRoot + "/Tests/Fixtures/pytorch"

    private static let net = """
        model <- nn_sequential(nn_conv2d(2, 3, 3), nn_batch_norm2d(3), nn_flatten(), nn_linear(12, 2))
        x <- torch_arange(0, 63)$reshape(c(2, 2, 4, 4)) / 32 - 1
        """

    /// The same net with PyTorch's weights computes what PyTorch printed.
    @Test(arguments: ["net.pth", "net.safetensors"])
    func `PyTorch's weights load here`(_ name: String) {
        let text = printed(
            """
            \(Self.net)
            state <- load_state_dict("\(name)")
            cat(names(state), "")
            model$load_state_dict(state); model$eval()
            cat(as.numeric(model$buffers$`1.running_mean`), as.numeric(model(x)))
            """, in: Self.folder)
        let names =
            name.hasSuffix("pth")
            ? "0.weight 0.bias 1.weight 1.bias 1.running_mean 1.running_var 1.num_batches_tracked 3.weight 3.bias "
            // safetensors sorts by the width of the elements, then by name.
            : "1.num_batches_tracked 0.bias 0.weight 1.bias 1.running_mean 1.running_var 1.weight 3.bias 3.weight "
        #expect(text.hasPrefix(names), "\(text)")
        #expect(
            agree(
                String(text.dropFirst(names.count)),
                "0.5 -0.25 1 0.08788783848285675 -0.052736446261405945 -0.3925800323486328 0.6386647820472717"),
            "\(text)")
    }

    @Test func `metadata of PyTorch's safetensors are kept`() {
        let text = printed(
            """
            state <- safetensors::safe_load_file("net.safetensors", framework = "torch")
            cat(attr(state, "metadata")$format, attr(state, "metadata")$epoch)
            """, in: Self.folder)
        #expect(text == "pt 3")
    }

    /// A dictionary of everything that training keeps: element types, views, a parameter, numbers, tuples.
    @Test func `a dictionary of PyTorch's loads here`() {
        let text = printed(
            """
            s <- load_state_dict("training.pth")
            cat(s$epoch, s$loss, s$name, s$done, is.null(s$best), s$sizes[[1]], unlist(s$sizes[[2]]), s$big, "\\n")
            for (n in c("half", "brain", "int", "long", "bool", "byte", "turned", "slice", "repeated", "empty", "parameter", "step"))
              cat(n, format(s[[n]]$dtype), dim(s[[n]]), "|", as.numeric(s[[n]]), "\\n")
            cat(s$lr, unlist(s$betas))
            """, in: Self.folder)
        #expect(
            textLines(text) == [
                "3 0.5 ü TRUE TRUE 2 3 4 1.099512e+12",
                "half torch_Half 3 | 1.5 -2 65504", "brain torch_BFloat16 2 | 1.5 3", "int torch_Int 2 | 1 -2",
                "long torch_Long  | 7",
                "bool torch_Bool 2 | 1 0", "byte torch_Byte 2 | 0 255",
                "turned torch_Double 4 3 | 0 1 2 3 4 5 6 7 8 9 10 11",
                "slice torch_Double 2 2 | 4 8 6 10", "repeated torch_Float 3 2 | 9 9 9 9 9 9",
                "empty torch_Float 0 3 |",
                "parameter torch_Float 1 | 4", "step torch_Float  | 1", "0.125 0.9 0.999",
            ], "\(text)")
    }

    /// reads.txt holds the digests of the files that PyTorch has read, and what it found in them.
    @Test func `what PyTorch has read of ours is what is written now`() throws {
        try withFolder { folder in
            #expect(printed("source(\"\(packageRoot)/scripts/fixtures/our-weights.R\")", in: folder) == "")
            let recorded = try #require(textOfFile(Self.folder + "/reads.txt"))
            for name in ["net.pt", "tensor.pt", "list.pt", "net.safetensors"] {
                let digest = try sha256(ofFile: folder + "/" + name)
                #expect(recorded.contains("\n\(name) \(digest)\n"), "\(name) \(digest)")
            }
            #expect(recorded.contains("load_state_dict: <All keys matched successfully>"))
        }
    }
}
