import Images
import TestSupport
import Testing

/// Files as R torch 0.12 and later lays them out. No R torch runs here: scripts/fixtures/r-torch-layout.R made them with R
/// itself, whose serialize() wrote the R objects in them, and recorded what R reads in ours.
@Suite struct RTorchFileTests {
    private static let folder = packageRoot + "/Tests/Fixtures/r-torch"

    @Test func `a list of tensors and other values`() {
        let text = printed(
            """
            l <- torch_load("list.pt")
            cat(names(l), l$note, length(l$deep), l$deep[[2]], l$sizes[1, 2], dim(l$sizes), "")
            cat(as.numeric(l$weights), l$weights$requires_grad, as.numeric(l$deep[[1]]), torch_equal(l$again, l$weights), "")
            cat(names(load_state_dict("list.pt")))
            """, in: Self.folder)
        #expect(
            text
                == "weights note deep sizes again ü 3 3 Inf 2 2 0.5 1 -2 4 8 16 TRUE 7 TRUE 0x55d5c8a7e2a0 0x55d5c8a7e2b8",
            "\(text)")
    }

    @Test func `a tensor`() {
        #expect(
            printed("x <- torch_load('tensor.pt'); cat(dim(x), as.numeric(x), x$requires_grad)", in: Self.folder)
                == "2 3 0.5 1 -2 4 8 16 FALSE")
    }

    @Test func `of a module its tensors, with a warning`() {
        let text = printed(
            "s <- withCallingHandlers(torch_load('module.pt'), warning = function(w) { cat('W '); invokeRestart('muffleWarning') }); cat(names(s), dim(s$weight), s$bias$item())",
            in: Self.folder)
        #expect(text == "W weight bias 2 3 0.25", "\(text)")
    }

    /// What is written has come through R's own unserialize(), with the same bytes.
    @Test func `what R has read of ours is what is written now`() throws {
        try withFolder { folder in
            #expect(printed("source(\"\(packageRoot)/scripts/fixtures/our-weights.R\")", in: folder) == "")
            let recorded = try #require(textOfFile(Self.folder + "/reads.txt"))
            for name in ["net.pt", "tensor.pt", "list.pt"] {
                let digest = try sha256(ofFile: folder + "/" + name)
                #expect(recorded.contains("\n\(name) \(digest)\n"), "\(name) \(digest)")
            }
        }
    }

    @Test func `a list that names what is not there is damaged`() {
        withFolder { folder in
            let text = printed(
                """
                write <- function(object, type = "list") safetensors::safe_save_file(
                  list(a = torch_ones(1), `__robj__` = torch_tensor(as.integer(object), dtype = torch_uint8())), "x.pt",
                  metadata = list(`__r__` = sprintf('{"type":"%s","version":3}', type)))
                message_of <- function() cat(tryCatch({ torch_load("x.pt"); "loaded" }, error = conditionMessage), "\\n")
                write(serialize(list(structure("b", class = "torch_tensor_address")), NULL)); message_of()
                write(as.raw(1:40)); message_of()
                deep <- 1; for (i in 1:900) deep <- list(deep)
                write(serialize(deep, NULL)); message_of()
                torch_save(torch_load("x.pt"), "y.pt")
                """, in: folder)
            #expect(
                text.hasPrefix(
                    "'x.pt' is damaged: its list names a tensor that it does not have \nunknown input format \nloaded \nERROR "
                ), "\(text)")
            #expect(text.contains("the list is nested too deeply to be saved"), "\(text)")
        }
    }
}
