import Diagnostics
import Glibc
import Testing

@testable import Images

/// Height, width, channels, sum of the bytes and sum of byte × (position mod 1009) as R's `jpeg::readJPEG` and
/// `png::readPNG` give them (times 255, rounded, channels innermost, positions from 1).
private let recorded: [(name: String, height: Int, width: Int, channels: Int, sum: Int, weighted: Int)] = [
    ("arithmetic.jpg", 29, 37, 3, 420556, 202819222),
    ("baseline.jpg", 29, 37, 3, 420556, 202819222),
    ("full-chroma.jpg", 29, 37, 3, 420707, 202740280),
    ("gray.jpg", 29, 37, 1, 140475, 60846340),
    ("gray2.png", 29, 37, 1, 136680, 64959635),
    ("gray8.png", 29, 37, 1, 139438, 59189289),
    ("interlaced.png", 29, 37, 3, 420691, 202654803),
    ("palette-alpha.png", 29, 37, 4, 659346, 317758581),
    ("palette.png", 29, 37, 3, 416172, 200268986),
    ("progressive.jpg", 29, 37, 3, 420556, 202819222),
    ("restart-2x1.jpg", 29, 37, 3, 420670, 202819786),
    ("rgb16.png", 29, 37, 3, 420691, 202654803),
    ("rgb8.png", 29, 37, 3, 420691, 202654803),
    ("rgba8.png", 29, 37, 4, 558035, 267236049),
]

private func message(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "no error"
    } catch {
        return (error as? WorkbenchError)?.message ?? "another error"
    }
}

@Suite struct DecodingTests {
    @Test(arguments: recorded.indices) func pixelsAreThoseOfR(_ index: Int) throws {
        let row = recorded[index]
        let image = try decodeImage(path: fixture(row.name))
        #expect((image.height, image.width, image.channels) == (row.height, row.width, row.channels))
        #expect(image.warnings == 0)
        #expect(image.bytes.reduce(0) { $0 + Int($1) } == row.sum, "\(row.name)")
        let weighted = image.bytes.enumerated().reduce(0) { $0 + Int($1.element) * (($1.offset + 1) % 1009) }
        #expect(weighted == row.weighted, "\(row.name)")
    }

    @Test func channelsOnRequest() throws {
        let gray = try decodeImage(path: fixture("gray.jpg"))
        for name in ["gray.jpg", "gray8.png", "gray2.png"] {
            let stored = try decodeImage(path: fixture(name))
            let rgb = try decodeImage(path: fixture(name), options: DecodingOptions(channels: .rgb))
            #expect(rgb.channels == 3)
            #expect(rgb.bytes == stored.bytes.flatMap { [$0, $0, $0] })
        }
        for (name, _, _, _, _, _) in recorded {
            let rgb = try decodeImage(path: fixture(name), options: DecodingOptions(channels: .rgb))
            let one = try decodeImage(path: fixture(name), options: DecodingOptions(channels: .gray))
            #expect(rgb.channels == 3 && one.channels == 1 && rgb.width == 37 && one.height == 29, "\(name)")
        }
        // The luma of the colour file is what the gray file holds, up to its own compression.
        let luma = try decodeImage(path: fixture("baseline.jpg"), options: DecodingOptions(channels: .gray))
        let worst = zip(luma.bytes, gray.bytes).map { abs(Int($0) - Int($1)) }.max() ?? 255
        #expect(worst <= 2)
    }

    @Test func grayWithAlphaBecomesColourWithAlpha() throws {
        let image = try decodeImage(path: fixture("gray-alpha.png"))
        #expect(image.channels == 4)
        #expect(image[0, 0, 0] == image[0, 0, 1] && image[0, 0, 0] == image[0, 0, 2])
        #expect((126...129).contains(image[0, 0, 3]))
    }

    @Test func inksBecomeLight() throws {
        let original = try decodeImage(path: fixture("rgb8.png"))
        let image = try decodeImage(path: fixture("cmyk.jpg"))
        #expect(image.channels == 3)
        let difference = zip(image.bytes, original.bytes).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        #expect(Double(difference) / Double(original.bytes.count) < 12)
        #expect(try decodeImage(path: fixture("cmyk.jpg"), options: DecodingOptions(channels: .gray)).channels == 1)
        // The same inks behind a luminance transform (Adobe's transform 2).
        var bytes = try fixtureBytes("cmyk.jpg")
        let adobe = Array("Adobe".utf8)
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: adobe) })
        bytes[place + 11] = 2
        #expect(try decodeImage(bytes: bytes).channels == 3)
    }

    @Test func theFirstBytesCount() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/photo.JPEG"
            try writeFile(try fixtureBytes("rgb8.png"), to: path)
            #expect(try decodeImage(path: path) == (try decodeImage(path: fixture("rgb8.png"))))
        }
    }

    @Test func badFilesHaveOneClearLine() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/x.JPEG"
            func with(_ bytes: [UInt8]) -> String {
                message {
                    try writeFile(bytes, to: path)
                    _ = try decodeImage(path: path)
                }
            }
            #expect(message { _ = try decodeImage(path: path) } == "cannot open '\(path)': no such file")
            #expect(with([]) == "cannot decode '\(path)': it is empty, not a JPEG or PNG")
            #expect(
                with(Array("\n<!DOCTYPE html><p>".utf8))
                    == "cannot decode '\(path)': it is an HTML or XML page, not a JPEG or PNG")
            #expect(with(Array("GIF89a".utf8)) == "cannot decode '\(path)': it is a GIF, not a JPEG or PNG")
            #expect(with([1, 2, 3]) == "cannot decode '\(path)': it is something else, not a JPEG or PNG")
            let whole = try fixtureBytes("baseline.jpg")
            #expect(
                with(Array(whole.dropLast(200)))
                    == "cannot decode '\(path)': the file is damaged (Premature end of JPEG file)")
            #expect(
                with(Array(whole.dropLast(2)))
                    == "cannot decode '\(path)': the file is damaged (Premature end of JPEG file)")
            #expect(with(Array(whole.prefix(3))).hasPrefix("cannot decode '\(path)': the file is damaged ("))
            let png = try fixtureBytes("rgb8.png")
            #expect(
                with(Array(png.prefix(png.count / 2)))
                    == "cannot decode '\(path)': the file is damaged (cut off)")
            #expect(message { _ = try decodeImage(path: folder) } == "cannot read '\(folder)': it is a folder")
            #expect(mkfifo(folder + "/pipe", 0o600) == 0)
            #expect(
                message { _ = try decodeImage(path: folder + "/pipe") }
                    == "cannot read '\(folder)/pipe': it is no regular file")
            #expect(symlink("loop", folder + "/loop") == 0)
            #expect(message { _ = try decodeImage(path: folder + "/loop") }.contains("symbolic links"))
        }
    }

    @Test func damageCanBeTolerated() throws {
        let whole = try fixtureBytes("baseline.jpg")
        let options = DecodingOptions(toleratesDamage: true)
        let end = try decodeImage(bytes: Array(whole.dropLast(2)), options: options)
        #expect(end.warnings == 1)
        #expect(end.bytes == (try decodeImage(bytes: whole)).bytes)
        let half = try decodeImage(bytes: Array(whole.prefix(whole.count - 200)), options: options)
        #expect(half.warnings > 0 && half.height == 29)
    }

    @Test func bombsAreRefusedBeforeDecoding() throws {
        var bytes = try fixtureBytes("baseline.jpg")
        let frame = try #require(bytes.indices.dropLast().first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
        func claim(_ height: Int, _ width: Int) {
            bytes[frame + 5] = UInt8(height >> 8)
            bytes[frame + 6] = UInt8(height & 255)
            bytes[frame + 7] = UInt8(width >> 8)
            bytes[frame + 8] = UInt8(width & 255)
        }
        claim(60000, 60000)
        #expect(
            message { _ = try decodeImage(bytes: bytes) }
                == "cannot decode the image: it claims 60000 x 60000 pixels, more than the limit of 89000000")
        claim(8000, 8000)
        #expect(
            message { _ = try decodeImage(bytes: bytes) }
                == "cannot decode the image: the file is damaged (it claims 8000 x 8000 pixels but has 1035 bytes: cut off)"
        )
        var png = try fixtureBytes("rgb8.png")
        png.replaceSubrange(16..<24, with: [0, 0, 0x20, 0, 0, 0, 0x20, 0])
        #expect(message { _ = try decodeImage(bytes: png) }.contains("damaged"))
        #expect(
            message {
                _ = try decodeImage(bytes: try fixtureBytes("rgb8.png"), options: DecodingOptions(pixelLimit: 1000))
            } == "cannot decode the image: it claims 37 x 29 pixels, more than the limit of 1000")
    }

    /// Flipped, dropped and doubled bytes end in an image or an error, never in a crash.
    @Test func mutatedFilesDoNoHarm() throws {
        var seed: UInt64 = 0x9E37_79B9_7F4A_7C15
        func draw(_ below: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((seed >> 33) % UInt64(max(below, 1)))
        }
        var decoded = 0
        var refused = 0
        for (name, _, _, _, _, _) in recorded + [("cmyk.jpg", 0, 0, 0, 0, 0), ("gray-alpha.png", 0, 0, 0, 0, 0)] {
            let original = try fixtureBytes(name)
            for round in 0..<400 {
                var bytes = original
                for _ in 0...draw(6) {
                    let place = draw(bytes.count)
                    switch draw(4) {
                    case 0: bytes[place] = UInt8(draw(256))
                    case 1: bytes[place] ^= UInt8(1 << draw(8))
                    case 2: bytes.removeSubrange(place..<min(place + 1 + draw(20), bytes.count))
                    default: bytes.insert(contentsOf: bytes[place..<min(place + 1 + draw(20), bytes.count)], at: place)
                    }
                    if bytes.isEmpty { bytes = [0xFF] }
                }
                let options = DecodingOptions(toleratesDamage: round % 2 == 0, pixelLimit: 2_000_000)
                if let image = try? decodeImage(bytes: bytes, options: options) {
                    #expect(image.bytes.count == image.height * image.width * image.channels)
                    decoded += 1
                } else {
                    refused += 1
                }
            }
        }
        #expect(decoded > 100 && refused > 100)
    }
}

@Suite struct EncodingTests {
    @Test(arguments: [1, 2, 3, 4]) func pngKeepsEveryByte(_ channels: Int) throws {
        let image = try gradient(21, 33, channels)
        let encoded = try image.png()
        let back = try decodeImage(bytes: encoded)
        if channels == 2 {
            #expect(back.channels == 4)
            #expect(back[3, 5, 0] == image[3, 5, 0] && back[3, 5, 3] == image[3, 5, 1])
        } else {
            #expect(back == image)
        }
    }

    @Test(arguments: [1, 3]) func jpegIsNear(_ channels: Int) throws {
        let image = try gradient(40, 24, channels)
        for halves in [true, false] {
            let bytes = try image.jpeg(quality: 95, halvesChroma: halves)
            let back = try decodeImage(bytes: bytes)
            #expect(back.channels == channels && back.height == 40 && back.width == 24)
            let error = zip(back.bytes, image.bytes).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
            #expect(Double(error) / Double(image.bytes.count) < (halves ? 12 : 4))
            let again = try image.jpeg(quality: 95, halvesChroma: halves)
            #expect(again == bytes, "the same bytes every time")
        }
        let (small, large) = (try image.jpeg(quality: 10), try image.jpeg(quality: 95))
        #expect(small.count < large.count)
    }

    @Test func whatCannotBeWritten() throws {
        #expect(
            message { _ = try gradient(2, 3, 4).jpeg() }
                == "cannot write 3 x 2 pixels with 4 channels as a JPEG: a JPEG holds 1 or 3 channels, not 4")
        #expect(message { _ = try gradient(1, 70000, 1).jpeg() }.contains("Maximum supported image dimension"))
        #expect(DecodedImage(height: 2, width: 2, channels: 3, bytes: [1, 2, 3]) == nil)
        #expect(DecodedImage(height: .max, width: 3, channels: 3, bytes: []) == nil)
        try withTemporaryFolder { folder in
            try gradient(4, 4, 3).write(to: folder + "/a.png")
            try gradient(4, 4, 3).write(to: folder + "/a.JPEG")
            #expect(try decodeImage(path: folder + "/a.png") == (try gradient(4, 4, 3)))
            #expect(fileNames(in: folder).sorted() == ["a.JPEG", "a.png"])
            #expect(
                message { try gradient(4, 4, 3).write(to: folder + "/no/a.png") }
                    == "cannot write '\(folder)/no/a.png': No such file or directory")
        }
    }
}
