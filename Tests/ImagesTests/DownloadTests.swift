import Diagnostics
import Glibc
import Testing

@testable import Images

private let content: [UInt8] = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }

/// Serves ``content`` as a good server does, with ranges, and as several bad ones.
private func answer(_ path: String, _ start: Int?) -> LoopbackServer.Reply {
    switch path {
    case "/file":
        guard let start else { return .init(body: content) }
        guard start < content.count else { return .init(status: "416 Range Not Satisfiable") }
        return .init(
            status: "206 Partial Content",
            headers: ["Content-Range: bytes \(start)-\(content.count - 1)/\(content.count)"],
            body: Array(content[start...]))
    case "/no-ranges": return .init(body: content)
    case "/cut": return start == nil ? .init(body: content, cutAfter: 100_000) : answer("/file", start)
    case "/moved": return .init(status: "302 Found", headers: ["Location: /file"])
    case "/loop": return .init(status: "302 Found", headers: ["Location: /loop"])
    case "/to-disk": return .init(status: "302 Found", headers: ["Location: file:///etc/passwd"])
    case "/hang": return .init(hangs: true)
    default: return .init(status: "404 Not Found", body: Array("<html>".utf8))
    }
}

private func withServer(_ body: (LoopbackServer, String) throws -> Void) throws {
    let server = LoopbackServer(answer)
    defer { server.stop() }
    try withTemporaryFolder { try body(server, $0) }
}

private func failure(_ body: () throws -> Void) -> WorkbenchError? {
    #expect(throws: WorkbenchError.self, performing: body)
}

@Suite(.serialized) struct DownloadTests {
    @Test func wholeFile() throws {
        try withServer { server, folder in
            var heard: [Int] = []
            let path = folder + "/new/folder/f.bin"
            let digest = try sha256(of: content)
            try download(url: server.url("/file"), to: path, expected: .sha256(digest)) { received, total in
                #expect(total == nil || total == content.count)
                heard.append(received)
            }
            #expect(try readFile(path, limit: 1 << 20) == content)
            #expect(heard.last == content.count && heard == heard.sorted())
            #expect(fileNames(in: folder + "/new/folder") == ["f.bin"])
            try download(url: server.url("/moved"), to: path, expected: .md5(try md5(ofFile: path)))
            #expect(try readFile(path, limit: 1 << 20) == content)
        }
    }

    @Test func goesOnWhereItEnded() throws {
        try withServer { server, folder in
            let path = folder + "/f.bin"
            let error = failure { try download(url: server.url("/cut"), to: path) }
            #expect(error?.message.hasPrefix("cannot download '\(server.url("/cut"))': ") == true)
            #expect(error?.hint == "what has arrived is kept; try again to go on")
            #expect(fileNames(in: folder) == ["f.bin.part"])
            var first: Int?
            try download(url: server.url("/cut"), to: path) { received, _ in first = first ?? received }
            #expect(first ?? 0 >= 100_000)
            #expect(try readFile(path, limit: 1 << 20) == content)
            #expect(server.requests == ["/cut", "/cut@100000"])
            #expect(fileNames(in: folder) == ["f.bin"])
        }
    }

    @Test func aServerWithoutRangesStartsOver() throws {
        try withServer { server, folder in
            let path = folder + "/f.bin"
            try writeFile(Array(content.prefix(5000)), to: path + ".part")
            try download(url: server.url("/no-ranges"), to: path)
            #expect(try readFile(path, limit: 1 << 20) == content)
            // A part that is already whole, then one that is too long.
            for extra in [0, 10] {
                try writeFile(content + [UInt8](repeating: 0, count: extra), to: path + ".part")
                try download(url: server.url("/file"), to: path)
                #expect(try readFile(path, limit: 1 << 20) == content)
            }
        }
    }

    @Test func aPartOfAnotherFileIsThrownAway() throws {
        try withServer { server, folder in
            let path = folder + "/f.bin"
            try writeFile([UInt8](repeating: 7, count: 5000), to: path + ".part")
            try download(url: server.url("/file"), to: path, expected: .sha256(try sha256(of: content)))
            #expect(try readFile(path, limit: 1 << 20) == content)
            #expect(server.requests == ["/file@5000", "/file"])
            try writeFile(Array(content.prefix(5000)), to: path + ".part")
            try download(url: server.url("/file"), to: path, options: DownloadOptions(resumes: false))
            #expect(server.requests.last == "/file")
        }
    }

    @Test func failuresSayWhy() throws {
        try withServer { server, folder in
            let path = folder + "/f.bin"
            let url = server.url("/gone")
            let gone = failure { try download(url: url, to: path) }
            #expect(gone?.message == "cannot download '\(url)': the server answers 404")
            #expect(failure { try download(url: server.url("/loop"), to: path) }?.message.contains("redirects") == true)
            #expect(failure { try download(url: server.url("/to-disk"), to: path) }?.message.contains("file") == true)
            #expect(
                failure { try download(url: "ftp://x/y", to: path) }?.message
                    == "cannot download 'ftp://x/y': an address begins with http:// or https://")
            let wrong = failure {
                try download(url: server.url("/file"), to: path, expected: .md5(String(repeating: "0", count: 32)))
            }
            #expect(
                wrong?.message.hasPrefix("'\(server.url("/file"))' did not send the expected file: its MD5 is ") == true
            )
            struct Stop: Error {}
            #expect(throws: Stop.self) {
                try download(url: server.url("/file"), to: path) { _, _ in throw Stop() }
            }
            #expect(!fileNames(in: folder).contains("f.bin"), "no half file under its name")
            let nobody = failure { try download(url: "http://127.0.0.1:1/x", to: path) }
            #expect(nobody?.message.hasPrefix("cannot download 'http://127.0.0.1:1/x': ") == true)
        }
    }

    @Test func aSilentServerIsGivenUp() throws {
        try withServer { server, folder in
            let url = server.url("/hang")
            let options = DownloadOptions(stallSeconds: 1)
            let error = failure { try download(url: url, to: folder + "/f", options: options) }
            #expect(error?.message.hasPrefix("cannot download '\(url)': Operation too slow") == true)
        }
    }

    @Test func digests() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/abc"
            try writeFile(Array("abc".utf8), to: path)
            #expect(try md5(ofFile: path) == "900150983cd24fb0d6963f7d28e17f72")
            let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
            #expect(try sha256(ofFile: path) == digest)
            #expect(try sha256(of: Array("abc".utf8)) == digest)
            try Checksum.sha256(digest.uppercased()).verify(path)
            #expect(
                failure { try Checksum.md5("00").verify(path) }?.message
                    == "'\(path)' is not the expected file: its MD5 is 900150983cd24fb0d6963f7d28e17f72, expected 00")
            #expect(failure { _ = try md5(ofFile: folder) }?.message == "cannot read '\(folder)': Is a directory")
        }
    }
}
