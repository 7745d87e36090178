import CArchive
import Diagnostics
import Glibc
import Testing

@testable import Images

/// What goes into a test's archive.
private struct Entry {
    var name: String
    var text = ""
    var type: UInt32 = 0o100000
    var link: String?
    var hardlink: String?
    var count: Int?
}

private func makeArchive(_ path: String, _ entries: [Entry]) {
    let archive = archive_write_new()
    if path.hasSuffix(".zip") {
        archive_write_set_format_zip(archive)
    } else {
        archive_write_set_format_pax_restricted(archive)
        if path.hasSuffix(".gz") { archive_write_add_filter_gzip(archive) }
        if path.hasSuffix(".xz") { archive_write_add_filter_xz(archive) }
    }
    archive_write_open_filename(archive, path)
    for entry in entries {
        let header = archive_entry_new()
        archive_entry_set_pathname(header, entry.name)
        archive_entry_set_filetype(header, entry.type)
        archive_entry_set_perm(header, 0o644)
        let bytes = entry.count.map { [UInt8](repeating: 65, count: $0) } ?? Array(entry.text.utf8)
        archive_entry_set_size(header, entry.type == 0o100000 ? Int64(bytes.count) : 0)
        if let link = entry.link { archive_entry_set_symlink(header, link) }
        if let hardlink = entry.hardlink { archive_entry_set_hardlink(header, hardlink) }
        archive_write_header(archive, header)
        if entry.type == 0o100000, entry.hardlink == nil { archive_write_data(archive, bytes, bytes.count) }
        archive_entry_free(header)
    }
    archive_write_close(archive)
    archive_write_free(archive)
}

private func text(_ path: String) -> String? {
    (try? readFile(path, limit: 1 << 20)).map { String(decoding: $0, as: UTF8.self) }
}

private let good = [
    Entry(name: "data/", type: 0o040000), Entry(name: "data/a.txt", text: "one"),
    Entry(name: "./data/sub/b.txt", text: "two"), Entry(name: "data/empty.txt"),
]

@Suite struct ArchiveTests {
    @Test(arguments: ["a.zip", "a.tar", "a.tar.gz", "a.tar.xz"]) func unpacks(_ name: String) throws {
        try withTemporaryFolder { (folder: String) throws in
            let archive = "\(folder)/\(name)"
            makeArchive(archive, good)
            var passes: [Bool] = []
            #expect(try extractArchive(from: archive, to: folder + "/out") { passes.append($0.isVerifying) } == 3)
            #expect(passes.contains(true) == name.hasSuffix("zip"))
            #expect(text(folder + "/out/data/a.txt") == "one")
            #expect(text(folder + "/out/data/sub/b.txt") == "two")
            #expect(text(folder + "/out/data/empty.txt") == "")
            #expect(try extractArchive(from: archive, to: folder + "/deep/er/data", subfolder: "data") == 3)
            #expect(text(folder + "/deep/er/data/a.txt") == "one")
            #expect(fileNames(in: folder).sorted() == [name, "deep", "out"])
        }
    }

    private static let refused: [(String, [Entry], String)] = [
        ("a.tar", [Entry(name: "/etc/x", text: "x")], "'/etc/x' is no relative path"),
        ("a.zip", [Entry(name: "../x", text: "x")], "'../x' leads out of its folder"),
        ("a.tar", [Entry(name: "a/../../x", text: "x")], "'a/../../x' leads out of its folder"),
        ("a.zip", [Entry(name: "a\\..\\x", text: "x")], "'a/../x' leads out of its folder"),
        ("a.tar", [Entry(name: "l", type: 0o120000, link: "/etc/passwd")], "'l' is a symbolic link"),
        ("a.zip", [Entry(name: "l", text: "", type: 0o120000, link: "x")], "'l' is a symbolic link"),
        ("a.tar", [Entry(name: "x", text: "x"), Entry(name: "h", hardlink: "x")], "'h' is a hard link"),
        ("a.tar", [Entry(name: "p", type: 0o010000)], "'p' is neither a file nor a folder"),
        ("a.tar", [Entry(name: "d", type: 0o020000)], "'d' is neither a file nor a folder"),
        ("a.tar", [Entry(name: "x", text: "1"), Entry(name: "x", text: "2")], "'x' is in it twice"),
        ("a.tar", [Entry(name: "x", text: "1"), Entry(name: "x/y", text: "2")], "'x' is in it twice"),
        (
            "a.zip", [Entry(name: "a/X.txt", text: "1"), Entry(name: "a/x.txt", text: "2")],
            "'a/X.txt' and 'a/x.txt' differ in upper and lower case only"
        ),
        ("a.tar.gz", [Entry(name: "x", count: 40_000_000)], "it unpacks to more than 100 times its size"),
        ("a.zip", [Entry(name: "x", count: 40_000_000)], "it unpacks to more than 100 times its size"),
    ]

    @Test(arguments: refused.indices) func refuses(_ index: Int) throws {
        let (name, entries, why) = ArchiveTests.refused[index]
        try withTemporaryFolder { (folder: String) throws in
            let archive = "\(folder)/\(name)"
            makeArchive(archive, entries)
            let error = #expect(throws: WorkbenchError.self) {
                try extractArchive(from: archive, to: folder + "/out")
            }
            #expect(error?.message == "cannot unpack '\(archive)': \(why)")
            #expect(fileNames(in: folder) == [name], "nothing is left behind")
        }
    }

    @Test func limits() throws {
        try withTemporaryFolder { (folder: String) throws in
            let archive = folder + "/a.tar"
            makeArchive(archive, [Entry(name: "a", count: 1000), Entry(name: "b", count: 1000)])
            func message(_ limits: ArchiveLimits) -> String? {
                let error = #expect(throws: WorkbenchError.self) {
                    try extractArchive(from: archive, to: folder + "/out", limits: limits)
                }
                return error?.message
            }
            #expect(
                message(ArchiveLimits(totalBytes: 1500))
                    == "cannot unpack '\(archive)': unpacked it has more than 1500 bytes")
            #expect(message(ArchiveLimits(entries: 1)) == "cannot unpack '\(archive)': it has more than 1 entries")
        }
    }

    @Test(arguments: ["a.zip", "a.tar.gz", "a.tar.xz"]) func damageIsFound(_ name: String) throws {
        try withTemporaryFolder { (folder: String) throws in
            let archive = "\(folder)/\(name)"
            var mixed: UInt64 = 1
            let noise = (0..<20000).map { _ in
                mixed = mixed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Character(Unicode.Scalar(UInt8(65 + mixed >> 40 & 31)))
            }
            makeArchive(archive, [Entry(name: "a", text: String(noise)), Entry(name: "b", text: String(noise))])
            let whole = try readFile(archive, limit: 1 << 20)
            for cut in [whole.count / 2, whole.count - 30] {
                try writeFile(Array(whole.prefix(cut)), to: archive)
                let error = #expect(throws: WorkbenchError.self) {
                    try extractArchive(from: archive, to: folder + "/out")
                }
                #expect(
                    error?.message.hasPrefix("cannot unpack '\(archive)': it is") == true, "\(error?.message ?? "")")
                #expect(fileNames(in: folder) == [name])
            }
            if name == "a.tar.gz" { return }
            var flipped = whole
            flipped[whole.count / 3] ^= 0x55
            try writeFile(flipped, to: archive)
            #expect(throws: WorkbenchError.self) { try extractArchive(from: archive, to: folder + "/out") }
            #expect(fileNames(in: folder) == [name])
        }
    }

    @Test func placesThatWillNotDo() throws {
        try withTemporaryFolder { (folder: String) throws in
            let archive = folder + "/a.tar"
            func message(_ from: String, _ to: String, _ subfolder: String? = nil) -> String? {
                let error = #expect(throws: WorkbenchError.self) {
                    try extractArchive(from: from, to: to, subfolder: subfolder)
                }
                return error?.message
            }
            #expect(message(archive, folder + "/out") == "cannot open '\(archive)': no such file")
            try writeFile(Array("hello".utf8), to: archive)
            #expect(message(archive, folder + "/out")?.hasPrefix("cannot unpack '\(archive)': it is") == true)
            makeArchive(archive, good)
            #expect(message(archive, folder) == "cannot unpack into '\(folder)': it exists and is not empty")
            #expect(
                message(archive, folder + "/out", "other") == "'\(archive)' holds no folder 'other': it has 'data'")
            struct Stop: Error {}
            #expect(throws: Stop.self) { try extractArchive(from: archive, to: folder + "/out") { _ in throw Stop() } }
            #expect(fileNames(in: folder) == ["a.tar"])
            // What a process left that died while unpacking goes; an empty folder of the name does not stand in the way.
            try makeFolder(folder + "/.out.partial-2147483000/data")
            try makeFolder(folder + "/out")
            #expect(try extractArchive(from: archive, to: folder + "/out") == 3)
            #expect(fileNames(in: folder).sorted() == ["a.tar", "out"])
        }
    }
}
