import Images
import TestSupport
import Testing

/// Image folders, Tiny ImageNet, the embedded data, idx files.
@Suite struct Folders {
    /// The recorded session on the toy archive: messages, sizes, classes, listing, order of members.
    @Test(.enabled(if: goldenRoot != nil, "needs the recordings"))
    func recordedTinyImageNet() throws {
        let root = try #require(goldenRoot)
        let recorded = textLines(try #require(textOfFile("\(root)/00_dataset.txt")))
        withFolder { folder in
            let zip = "\(root)/data/toy-tiny-imagenet-200.zip"
            let program = """
                local_tiny <- torch::dataset("tiny_imagenet", inherit = tiny_imagenet_dataset, url = "file://\(zip)")
                withCallingHandlers(ds <- local_tiny("data/processed", download = TRUE),
                  message = function(m) { cat(conditionMessage(m)); invokeRestart("muffleMessage") })
                print(length(ds)); print(ds$classes)
                raw <- tiny_imagenet_dataset("data/processed", split = "validation")
                cat("train: ", length(ds), " val: ", length(raw), "\\n")
                # R's download step puts the validation images into one folder a class
                val <- "data/processed/tiny-imagenet-200/val/"
                for (l in strsplit(readLines(paste0(val, "val_annotations.txt")), "\\t")) {
                  dir.create(paste0(val, l[2]), showWarnings = FALSE)
                  file.rename(paste0(val, "images/", l[1]), paste0(val, l[2], "/", l[1]))
                }
                unlink(paste0(val, "images"), recursive = TRUE)
                v <- tiny_imagenet_dataset("data/processed", split = "val"); print(v[1]$y)
                print(dim(v[1]$x)); print(v); print(class(v)); print(names(v)); print(table(v$targets))
                print(head(v$samples[[1]], 3))
                stopifnot(identical(raw$targets, v$targets), identical(basename(unname(raw$samples[[1]])), basename(unname(v$samples[[1]]))))
                """
            let ours = textLines(printed(program, in: folder))
            // Left out: the listing of files the recording makes with another package, and a raw `val`, which R
            // takes for one class.
            let leftOut: Set<String> = ["test", "train"]
            let wanted = recorded.prefix { !$0.hasPrefix("--- raw") }.filter { line in
                !leftOut.contains(line) && !line.hasPrefix("test/")
            }.map { $0.hasPrefix("    url:") ? "" : $0 }
            let got = ours.map { $0.hasPrefix("    url:") ? "" : $0 }
            let place = Swift.zip(got, wanted).enumerated().first { $0.element.0 != $0.element.1 }?.offset
            let first = place ?? min(got.count, wanted.count)
            let ourLine = first < got.count ? got[first] : "the end"
            let theirLine = first < wanted.count ? wanted[first] : "the end"
            #expect(got == wanted, "line \(first): \(ourLine), R: \(theirLine)")
        }
    }

    @Test func embeddedData() throws {
        try withFolder { folder in
            let program = """
                s <- shapes_dataset("d", classes = 3, per_class = 50, val_per_class = 4)
                cat(length(s), s$classes, dim(s[50]$x), class(s)[1:2], "")
                v <- shapes_dataset("d", classes = 3, per_class = 50, val_per_class = 4, split = "validation")
                cat(length(v), v$targets, "")
                cat(tryCatch(shapes_dataset("d", classes = 4), error = conditionMessage))
                """
            #expect(
                printed(program, in: folder)
                    == "150 n00000001 n00000002 n00000003 64 64 3 shapes image_folder 12 1 1 1 1 2 2 2 2 3 3 3 3 "
                    + "'d/shapes' holds other shapes: classes 3, per_class 50, val_per_class 4, seed 1")
            let first = try readFile("\(folder)/d/shapes/train/n00000001/images/n00000001_0.JPEG", limit: 1 << 16)
            let gray = try decodeImage(path: "\(folder)/d/shapes/train/n00000002/images/n00000002_49.JPEG")
            #expect(gray.channels == 1)
            #expect(try decodeImage(bytes: first).channels == 3)
            // Drawn again, the same bytes.
            try withFolder { other in
                _ = printed("shapes_dataset(\"d\", classes = 3, per_class = 50, val_per_class = 4)", in: other)
                let again = try readFile("\(other)/d/shapes/train/n00000001/images/n00000001_0.JPEG", limit: 1 << 16)
                #expect(first == again)
            }
        }
    }

    @Test func errorsNameWhatIsWrong() {
        withFolder { folder in
            let program = """
                say <- function(e) cat(tryCatch(e, error = conditionMessage), "\\n")
                say(tiny_imagenet_dataset("nowhere"))
                say(image_folder_dataset("nowhere"))
                s <- shapes_dataset(".", classes = 2, per_class = 2, folder = "tiny-imagenet-200")
                say(tiny_imagenet_dataset(".", split = "vall"))
                say(tiny_imagenet_dataset(".", spilt = "val"))
                unlink("tiny-imagenet-200/val/images/val_0.JPEG")
                say(tiny_imagenet_dataset(".", split = "val"))
                unlink("tiny-imagenet-200/train/n00000002/images", recursive = TRUE)
                say(tiny_imagenet_dataset("."))
                say(base_loader("nowhere.jpg")); say(base_loader("tiny-imagenet-200/wnids.txt"))
                say(s[9])
                """
            let wanted = [
                "[ENOENT] Failed to search directory 'nowhere/tiny-imagenet-200/train': no such file or directory",
                "Found 0 files in subfolders of nowhere. Supported extensions are jpg,jpeg,png,tif,tiff",
                "[ENOENT] Failed to search directory './tiny-imagenet-200/vall': no such file or directory",
                "unused argument (spilt = \"val\")",
                "the data set in './tiny-imagenet-200' is not whole: 'val_0.JPEG' of val_annotations.txt is not in './tiny-imagenet-200/val/images'",
                "the data set in './tiny-imagenet-200' is not whole: the class n00000002 has no images in './tiny-imagenet-200/train'",
                "File not found: nowhere.jpg", "unknown extension txt in path tiny-imagenet-200/wnids.txt",
                "subscript out of bounds: item 9 of a data set of 4 images",
            ]
            #expect(textLines(printed(program, in: folder)) == wanted)
        }
    }

    @Test func idxFiles() throws {
        try withFolder { folder in
            var images: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3]
            images += (1...12).map { UInt8($0 * 20) }
            try writeFile(images, to: folder + "/train-images-idx3-ubyte")
            try writeFile([0, 0, 8, 1, 0, 0, 0, 2, 7, 0], to: folder + "/train-labels-idx1-ubyte")
            let program = """
                d <- fashion_mnist_dataset(".")
                cat(length(d), dim(d[1]$x), d[2]$x[1, 2, 3], d[1]$y, d[2]$y, d$classes[d[1]$y], "")
                d$transform <- transform_to_tensor
                b <- coro::collect(dataloader(d, batch_size = 2))[[1]]
                cat(dim(b$x), b$x[2, 1, 2, 3]$item() == 240 / 255, as.integer(b$y), "")
                cat(tryCatch(mnist_dataset("none"), error = conditionMessage))
                """
            #expect(
                printed(program, in: folder)
                    == "2 1 2 3 240 8 1 Sneaker 2 1 2 3 FALSE 8 1 Dataset not found. You can use `download = TRUE` to download it."
            )
            try writeFile([0, 0, 8, 1, 0, 0, 0, 3, 7, 0], to: folder + "/train-labels-idx1-ubyte")
            #expect(
                printed("fashion_mnist_dataset(\".\")", in: folder).contains(
                    "is damaged: 3 bytes are announced and 2 are there"))
        }
    }
}
