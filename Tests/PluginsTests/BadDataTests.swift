import Glibc
import TestSupport
import Testing

/// Bad folders, bad images and bad batches.
@Suite(.serialized) struct BadData {
    /// A folder with two classes of one image each, made by the workbench itself.
    private func folder(second: String) -> String {
        let root = makeTemporaryFolder()
        _ = BadInput.outcome(
            """
            shapes_dataset("shapes", classes = 2, per_class = 2)
            dir.create("images/a", recursive = TRUE); dir.create("images/b")
            found <- list.files("shapes", pattern = "JPEG$", recursive = TRUE, full.names = TRUE)
            invisible(file.copy(found[1], "images/a/1.JPEG"))
            \(second)
            """, in: root)
        return root
    }

    private let batch =
        "coro::collect(dataloader(image_folder_dataset(\"images\", transform = transform_to_tensor), 2))"

    @Test func missingFolderOfTinyImagenet() {
        let (error, goesOn) = BadInput.outcome("tiny_imagenet_dataset(\"nowhere\")", in: "/tmp")
        BadInput.expect(
            error, "[ENOENT] Failed to search directory 'nowhere/tiny-imagenet-200/train': no such file or directory",
            hint: "download = TRUE fetches the data set, or unpack tiny-imagenet-200 into 'nowhere'")
        #expect(goesOn)
    }

    @Test func missingFolderOfImages() {
        let (error, goesOn) = BadInput.outcome("image_folder_dataset(\"nowhere\")", in: "/tmp")
        BadInput.expect(
            error, "Found 0 files in subfolders of nowhere. Supported extensions are jpg,jpeg,png,tif,tiff",
            hint: "there is no such folder")
        #expect(goesOn)
    }

    @Test func folderWithoutImages() {
        let root = makeTemporaryFolder()
        let (error, goesOn) = BadInput.outcome(
            "dir.create(\"empty/a\", recursive = TRUE); image_folder_dataset(\"empty\")", in: root)
        BadInput.expect(
            error, "Found 0 files in subfolders of empty. Supported extensions are jpg,jpeg,png,tif,tiff",
            hint: "images lie in one folder for each class")
        #expect(goesOn)
    }

    @Test func imagesOfUnequalSizeNameBothFiles() {
        let root = folder(
            second: "png(\"images/b/2.png\", width = 30, height = 20); plot.new(); invisible(dev.off())")
        let (error, goesOn) = BadInput.outcome(batch, in: root)
        BadInput.expect(
            error, "images of one batch differ in size: images/a/1.JPEG is [3, 64, 64], images/b/2.png is [3, 20, 30]",
            hint: "transform_resize(c(h, w)) after transform_to_tensor() makes them equal")
        #expect(goesOn)
    }

    @Test func truncatedImageIsNamed() throws {
        let root = folder(second: "invisible(file.copy(found[2], \"images/b/2.JPEG\"))")
        #expect(truncate(root + "/images/a/1.JPEG", 600) == 0)
        let (error, goesOn) = BadInput.outcome(batch, in: root)
        BadInput.expect(
            error, "cannot decode 'images/a/1.JPEG': the file is damaged (Premature end of JPEG file)", hint: nil)
        #expect(goesOn)
    }

    @Test func missingImageIsNamed() {
        let (error, goesOn) = BadInput.outcome("base_loader(\"nofile.jpg\")", in: "/tmp")
        BadInput.expect(error, "File not found: nofile.jpg", hint: nil)
        #expect(goesOn)
    }

    private let model = """
        net <- nn_module(initialize = function() self$l <- nn_linear(4, 2), forward = function(x) FORWARD)
        x <- torch_randn(5, 4); y <- torch_tensor(c(1L, 2L, 1L, 2L, LAST))
        m <- net |> setup(loss = nn_cross_entropy_loss(), optimizer = optim_adam)
        m |> fit(dataloader(tensor_dataset(x, y), batch_size = 2), epochs = 1, verbose = FALSE)
        """

    private func program(forward: String, last: String = "1L") -> String {
        model.split(separator: "FORWARD").joined(separator: forward).split(separator: "LAST").joined(separator: last)
    }

    @Test func batchOfOneWithoutItsDimension() {
        let (error, goesOn) = BadInput.outcome(program(forward: "self$l(x)$squeeze()"))
        BadInput.expect(
            error, "size mismatch (got input: [2], target: [1])",
            hint:
                "the input has no dimension of items: $squeeze() drops that of a batch of one, $flatten(start_dim = 2) keeps it"
        )
        #expect(goesOn)
    }

    @Test func labelOutOfRangeInABatch() {
        let (error, goesOn) = BadInput.outcome(program(forward: "self$l(x)", last: "9L"))
        BadInput.expect(
            error, "Target 9 is out of bounds.",
            hint: "there are 2 classes: valid are 1 … 2; item 1 of the target is 9")
        #expect(goesOn)
    }

    @Test func lossThatIsNoNumberIsSaidOnce() {
        let (error, goesOn) = BadInput.outcome(program(forward: "self$l(x) * NaN"))
        #expect(
            error == [
                "The loss is NaN in epoch 1, batch 1 of the training data; options(workbench.stop_on_nan = TRUE) would end the fit."
            ])
        #expect(goesOn)
    }
}
