import CImages
import PluginAPI
import Session
import Tensors
import TestSupport
import Testing

@testable import Transforms

/// Fast paths against their references.
@Suite struct FastPaths {
    /// The kernel of the affine map finds the same pixels as the arithmetic written out one pixel at a time.
    @Test(arguments: [(64, 64), (5, 7), (48, 33), (1, 1), (17, 200)])
    func affineKernel(_ size: (Int, Int)) {
        var random = 0.37
        for _ in 0..<200 {
            func next(_ low: Double, _ high: Double) -> Double {
                random = (random * 997.13 + 0.211).truncatingRemainder(dividingBy: 1)
                return low + (high - low) * random
            }
            let map = AffineMap(
                angle: next(-180, 180), translate: [next(-20, 20).rounded(), next(-20, 20).rounded()],
                scale: next(0.4, 2), shear: [next(-20, 20), next(-20, 20)])
            #expect(
                map.nearest(height: size.0, width: size.1).source
                    == map.referenceNearest(height: size.0, width: size.1).source)
        }
    }

    /// Numbers of torchvision: the inverse of angle 30, shift (5, −3).
    @Test func inverseMatrix() {
        let wanted = [0.866025404, 0.5, -2.830127019, -0.5, 0.866025404, 5.098076211]
        for (a, b) in zip(AffineMap(angle: 30, translate: [5, -3]).matrix, wanted) { #expect(abs(a - b) < 1e-9) }
    }

    /// A byte divided by 255 is the same number by either way to single precision.
    @Test func unitTable() {
        for byte in 0..<256 { #expect(PixelImage.unitTable[byte] == Float(byte) / 255) }
    }

    /// The chapter's chain in one pass, step by step on tensors, and through the interpreter: the same bits.
    @Test func chainIsTheSameEveryWay() {
        let program = """
            s <- shapes_dataset("data", classes = 3, per_class = 6)
            chain <- . %>% transform_to_tensor() %>%
              transform_random_affine(degrees = c(-30, 30), translate = c(0.2, 0.2)) %>%
              transform_random_horizontal_flip() %>%
              transform_normalize(mean = c(0.485, 0.456, 0.406), std = c(0.229, 0.224, 0.225))
            slow <- function(x) { y <- chain(x); y }
            piece <- function(x) x %>% transform_to_tensor() %>%
              transform_random_affine(degrees = c(-30, 30), translate = c(0.2, 0.2)) %>%
              transform_random_horizontal_flip() %>% transform_adjust_gamma(1) %>%
              transform_normalize(mean = c(0.485, 0.456, 0.406), std = c(0.229, 0.224, 0.225))
            go <- function(f) {
              s$transform <- f
              torch_manual_seed(3); set.seed(3)
              i <- dataloader_make_iter(dataloader(s, batch_size = 18))
              b <- dataloader_next(i)
              list(b$x, b$y, torch_rand(1), runif(1))
            }
            a <- go(chain); b <- go(slow); c <- go(piece)
            cat(dim(a[[1]]), torch_equal(a[[1]], b[[1]]), torch_equal(a[[1]], c[[1]]), torch_equal(a[[2]], b[[2]]),
                torch_equal(a[[3]], b[[3]]), a[[4]] == b[[4]], a[[4]] == c[[4]])
            """
        withFolder { folder in
            #expect(printed(program, in: folder) == "18 3 64 64 TRUE TRUE TRUE TRUE TRUE TRUE")
        }
    }

    @Test func chainsAreRecognised() {
        let output = CapturedOutput()
        let session = makeSession(capturing: output)
        let program = """
            library(torchvision)
            m <- c(0.5, 0.5, 0.5)
            f1 <- . %>% transform_to_tensor() %>% transform_normalize(m, m)
            f2 <- function(x) { x %>% transform_to_tensor() %>% transform_resize(c(4, 4)) }
            f3 <- function(x) torchvision::transform_normalize(transform_to_tensor(x), mean = m, std = c(1, 1, 1))
            f4 <- function(x) x %>% transform_to_tensor() %>% transform_normalize(m * runif(1), m)
            f5 <- function(x) { cat("seen"); transform_to_tensor(x) }
            f6 <- . %>% transform_to_tensor() %>% transform_random_affine(degrees = -1)
            transform_mine <- function(img) img
            f7 <- . %>% transform_to_tensor() %>% transform_mine()
            scale <- . %>% transform_normalize(m, m)
            f8 <- . %>% transform_to_tensor() %>% scale()
            transform_seen <- function(img) { cat("seen"); img }
            f9 <- . %>% transform_to_tensor() %>% transform_seen()
            """
        _ = session.onDeepStack { session.run(program) }
        func chain(_ name: String) -> TransformChain? {
            guard let function = session.context.globalEnvironment.local(Symbol.named(name)) else { return nil }
            return session.onDeepStack { TransformChain(function, session.context) }
        }
        #expect(chain("f1")?.steps.count == 2)
        #expect(chain("f1")?.plan != nil)
        #expect(chain("f2")?.steps.count == 2)
        #expect(chain("f2")?.plan == nil)
        #expect(chain("f3")?.plan != nil)
        #expect(chain("f7")?.steps.count == 1)
        #expect(chain("f8")?.steps.count == 2)
        #expect(chain("f8")?.plan != nil)
        for name in ["f4", "f5", "f6", "f9"] { #expect(chain(name) == nil, "\(name)") }
    }

    @Test(.enabled(if: goldenRoot != nil, "needs the recordings"))
    func recordedTensors() throws {
        let root = try #require(goldenRoot)
        let program = """
            g <- safetensors::safe_load_file("\(root)/tensors/transforms.safetensors", framework = "torch")
            d <- function(a, b) cat((a - b)$abs()$max()$item() < 5e-6, torch_equal(a, b), "")
            d(transform_affine(g$img, 20, c(3, -5), 1, c(0, 0)), g$affine0)
            d(transform_affine(g$img, 20, c(3, -5), 1, c(0, 0), interpolation = 2), g$affine_bil)
            d(transform_normalize(g$img, c(0.485, 0.456, 0.406), c(0.229, 0.224, 0.225)), g$norm)
            """
        let words = printed(program).split(separator: " ")
        #expect(words.count == 6)
        #expect(
            words.first == "TRUE" && words[1] == "TRUE" && words[2] == "TRUE" && words[4] == "TRUE"
                && words[5] == "TRUE")
    }
}
