import Glibc
import TestSupport
import Testing

/// Files that claim what they do not hold, name what must not be run, or never end: one clear line each, and the session
/// goes on. What scripts/fuzz readers finds gets a row here.
@Suite(.serialized) struct HostileFileTests {
    struct File: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        /// With FILE for the path.
        let code: String
        let message: String

        var testDescription: String { name }
    }

    // MARK: Pickles

    private static func pth(_ name: String, _ pickle: [UInt8], data: [UInt8] = [], _ message: String) -> File {
        File(
            name: "pth: " + name, bytes: StoredZip.bytes([("a/data.pkl", pickle), ("a/data/0", data)]),
            code: "load_state_dict(\"FILE\")", message: "'FILE' is not a readable PyTorch file: " + message)
    }

    private static func text(_ text: String) -> [UInt8] { [0x58, UInt8(text.utf8.count), 0, 0, 0] + Array(text.utf8) }

    private static func int(_ number: Int64) -> [UInt8] {
        [0x8A, 8] + withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }

    private static func tuple(_ numbers: [Int64]) -> [UInt8] { [0x28] + numbers.flatMap { int($0) } + [0x74] }

    /// A dictionary with one tensor.
    private static func tensor(
        _ type: String = "Float", count: Int64, offset: Int64 = 0, _ size: [Int64], _ stride: [Int64]
    ) -> [UInt8] {
        var pickle: [UInt8] = protocolTwo + Array("}(".utf8) + text("w")
        pickle += Array("ctorch._utils\n_rebuild_tensor_v2\n((".utf8) + text("storage")
        pickle += Array("ctorch\n\(type)Storage\n".utf8) + text("0") + text("cpu") + int(count)
        pickle += Array("tQ".utf8) + int(offset) + tuple(size) + tuple(stride)
        return pickle + [0x89] + Array("ccollections\nOrderedDict\n)RtRu.".utf8)
    }

    private static let protocolTwo: [UInt8] = [0x80, 2]
    private static let four: [UInt8] = [0, 0, 0, 0]

    /// `l0 = []; l1 = [l0, l0]; l2 = [l1, l1]; …`
    private static var doubling: [UInt8] {
        var pickle = protocolTwo + Array("]q\0".utf8)
        for n in 1...60 {
            let before = UInt8(n - 1)
            pickle += [0x5D, 0x28, 0x68, before, 0x68, before, 0x65, 0x71, UInt8(n)]
        }
        return pickle + [0x2E]
    }

    private static var nested: [UInt8] {
        protocolTwo + [0x29] + [UInt8](repeating: 0x85, count: 1_000_000) + [0x2E]
    }

    private static var pickles: [File] {
        var files: [File] = []
        func add(_ name: String, _ pickle: [UInt8], data: [UInt8] = [], _ message: String) {
            files.append(pth(name, pickle, data: data, message))
        }
        let missing = "the entry a/data/0 is missing or too short"
        let impossible = "a tensor has an impossible shape"
        let large: Int64 = 1 << 62
        add("ten gigabytes", tensor(count: 2_500_000_000, [2_500_000_000], [1]), data: four, missing)
        add("more halves than can be counted", tensor("Half", count: large, [2], [1]), data: four, missing)
        add("a shape without a product", tensor(count: 1, [large, large], [large, 1]), data: four, impossible)
        add("a negative size", tensor(count: 1, [-1], [1]), data: four, impossible)
        add(
            "strides out of the numbers", tensor(count: 2, [2], [2]), data: four + four,
            "a tensor reaches out of its numbers (setStorage: sizes [2], strides [2] are out of bounds for storage of size 8)"
        )
        add("a list that holds itself", protocolTwo + Array("]q\0h\0a.".utf8), "its lists are nested too deeply")
        add("lists that double", doubling, "it holds more than a million values")
        add("a million tuples in each other", nested, "its lists are nested too deeply")
        add(
            "a name that clears the screen", protocolTwo + Array("cos\u{1B}[2J\nsystem\n)R.".utf8),
            "it holds a call of os\\u{1B}[2J.system, which is not run")
        return files
    }

    // MARK: Safetensors

    private static func safetensors(_ name: String, _ header: String, _ message: String) -> File {
        var bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
        bytes += Array(header.utf8)
        return File(
            name: "safetensors: " + name, bytes: bytes, code: "torch_load(\"FILE\")",
            message: "'FILE' is not a readable safetensors file: " + message)
    }

    private static let headers: [File] = [
        safetensors(
            "ten gigabytes", "{\"a\":{\"dtype\":\"F32\",\"shape\":[2500000000],\"data_offsets\":[0,10000000000]}}",
            "the data_offsets [0, 10000000000] of \"a\" lie outside the file's 0 data bytes"),
        safetensors(
            "a name that clears the screen", "{\"\\u001b[2J\\n\":{}}",
            "the entry \"\\u{1B}[2J\\u{A}\" lacks dtype, shape or data_offsets"),
        safetensors(
            "a name without end", "{\"" + String(repeating: "n", count: 5000) + "\":{}}",
            "the entry \"" + String(repeating: "n", count: 389) + "…"),
    ]

    // MARK: Tables

    private static let tables: [File] = [
        File(
            name: "csv: control characters", bytes: Array("a\n\u{1B}[2J\0x\n".utf8),
            code: "read.csv(\"FILE\", colClasses = \"numeric\")",
            message: "scan() expected 'a real', got '\\u{1B}[2J\\u{0}x'")
    ]

    @Test(arguments: pickles + headers + tables)
    func `ends in one clear line`(_ file: File) throws {
        try inTemporaryFolder { folder in
            let path = folder + "/f"
            let stream = try #require(fopen(path, "w"))
            fwrite(file.bytes, 1, file.bytes.count, stream)
            fclose(stream)
            let (error, goesOn) = BadInput.outcome(file.code.replacing("FILE", with: path), in: folder)
            BadInput.expect(error, file.message.replacing("FILE", with: path), hint: nil)
            #expect(goesOn)
        }
    }

    /// PyTorch's expand(): one number that stands for nine hundred million.
    @Test func `a tensor that repeats its numbers is a view`() throws {
        try inTemporaryFolder { folder in
            let stream = try #require(fopen(folder + "/f", "w"))
            let bytes = StoredZip.bytes([
                ("a/data.pkl", Self.tensor(count: 1, [30_000, 30_000], [0, 0])),
                ("a/data/0", [0, 0, 0x80, 0x3F]),
            ])
            fwrite(bytes, 1, bytes.count, stream)
            fclose(stream)
            let run = runProgram("w <- torch::load_state_dict('\(folder)/f')$w; cat(dim(w), w[7, 9]$item())")
            #expect(run.out == "30000 30000 1", "\(run.error)")
        }
    }

    /// Quadratic work would take minutes.
    @Test func `a quote that is never closed is read once`() throws {
        inTemporaryFolder { folder in
            let run = runProgram(
                """
                writeLines(c("a,b", "\\"1,2", rep("some text, and more of it", 200000)), "\(folder)/t.csv")
                t <- read.csv("\(folder)/t.csv"); cat(dim(t), nchar(t$a))
                """)
            #expect(run.out == "1 2 5200003", "\(run.out) \(run.error)")
        }
    }

    /// An R object whose value is a promise: code that runs when somebody looks.
    @Test func `a promise in the place of a value is refused`() {
        let run = runProgram(
            """
            bytes <- function(...) as.raw(strtoi(strsplit(paste0(...), "(?<=..)", perl = TRUE)[[1]], 16L))
            head <- "580a000000020004020000020300"
            promise <- "00000405000000fd000000fc00000006000000010004000900000004" 
            code <- paste0(promise, "73746f70", "000000fe")
            for (b in list(bytes(head, code), bytes(head, "00000013", "00000001", code)))
              cat(tryCatch({ x <- unserialize(b); if (is.list(x)) x[[1]] else x; "read" }, error = conditionMessage), "\\n")
            """)
        let wanted = "it holds a promise in the place of a value, which is not read: its code would run \n"
        #expect(run.out == wanted + wanted, "\(run.out) \(run.error)")
    }
}
