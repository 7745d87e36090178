import Diagnostics
import Glibc
import Testing

@testable import Images

/// Path of a committed picture.
func fixture(_ name: String, file: String = #filePath) -> String {
    splitPath(splitPath(file).folder).folder + "/Fixtures/images/" + name
}

/// Bytes of a committed picture.
func fixtureBytes(_ name: String) throws -> [UInt8] { try readFile(fixture(name), limit: 1 << 20) }

/// A folder that is removed with everything in it when the body ends.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    var template = Array("/tmp/workbench-images-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { buffer in
        buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
    }
    guard let folder = made else { throw WorkbenchError(.runtime, "no temporary folder") }
    defer { removeTree(folder) }
    return try body(folder)
}

/// A picture with gradients in three channels.
func gradient(_ height: Int, _ width: Int, _ channels: Int) throws -> DecodedImage {
    var bytes: [UInt8] = []
    for y in 0..<height {
        for x in 0..<width { for c in 0..<channels { bytes.append(UInt8((x * 3 + y * 5 + c * 60) % 256)) } }
    }
    return try #require(DecodedImage(height: height, width: width, channels: channels, bytes: bytes))
}
