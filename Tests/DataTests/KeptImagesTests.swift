import Glibc
import PluginAPI
import TestSupport
import Testing

@testable import Datasets

/// `options(workbench.keep_images = )`.
@Suite struct KeptImagesTests {
    private func image(_ bytes: Int) -> PixelImage? {
        PixelImage(height: 1, width: bytes, channels: 1, bytes: [UInt8](repeating: 7, count: bytes))
    }

    @Test func `an image is decoded once, while there is room and its file is as it was`() throws {
        let folder = makeTemporaryFolder()
        for name in ["a", "b", "c"] { write(name, to: folder + "/" + name) }
        let kept = KeptImages(limit: 100)
        var decoded: [String] = []
        func read(_ names: String..., bytes: Int = 40) throws {
            for name in names {
                let made = try #require(image(bytes))
                let got = kept.image(folder + "/" + name) {
                    decoded.append(name)
                    return made
                }
                #expect(got.bytes.count == bytes)
            }
        }
        try read("a", "b", "c", "a", "b", "c")
        #expect(decoded == ["a", "b", "c", "c"])
        write("another", to: folder + "/a")
        try read("a", bytes: 20)
        try read("a", bytes: 20)
        try read("c", "c")
        #expect(decoded == ["a", "b", "c", "c", "a", "c"])
        // What is not there is the reader's to say.
        let missing = try #require(image(1))
        _ = kept.image(folder + "/none") { missing }
        #expect(throws: Interrupt.self) { try kept.image(folder + "/b2") { throw Interrupt() } }
    }

    @Test func `an epoch from memory is that from files; wrong sizes are said`() {
        let program = """
            ds <- shapes_dataset("images", classes = 2, per_class = 6, val_per_class = 1, transform = transform_to_tensor)
            dl <- dataloader(ds, batch_size = 4)
            total <- function() { s <- c(); coro::loop(for (b in dl) s <- c(s, b[[1]]$sum()$item())); s }
            plain <- total()
            options(workbench.keep_images = "1 MB"); first <- total()
            cat(identical(plain, first), identical(first, total()), "")
            options(workbench.keep_images = "40 kB"); cat(identical(plain, total()), "")
            options(workbench.keep_images = FALSE); cat(identical(plain, total()), "\\n")
            for (wrong in list("2", TRUE, 5, "-1 GB", c("1 GB", "2 GB"), "1e300 GB")) cat(tryCatch({ options(workbench.keep_images = wrong); "fine" }, error = conditionMessage), "\\n")
            """
        let lines = printed(program, in: makeTemporaryFolder()).split(separator: "\n")
        #expect(lines.first == "TRUE TRUE TRUE TRUE ")
        #expect(
            lines.dropFirst().allSatisfy {
                $0 == "the option workbench.keep_images must be a size in kB, MB or GB, or FALSE "
            } && lines.count == 7, "\(lines)")
    }
}
