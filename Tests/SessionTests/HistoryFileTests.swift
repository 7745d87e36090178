import Glibc
import TestSupport
import Testing

@testable import Shell

@Suite struct HistoryFileTests {
    @Test func `entries of several lines come back as they were`() {
        let history = HistoryFile(path: makeTemporaryFolder() + "/deep/er/history")
        let entries = ["x <- 1", "f <- function() {\n\t\"a\\n\\\\\"\n}", "größe", "ends in \\"]
        for entry in entries { #expect(history.append(entry) == nil) }
        #expect(history.load() == entries)
        #expect(history.load(limit: 2) == Array(entries.suffix(2)))
    }

    @Test func `two shells side by side lose nothing`() {
        let path = makeTemporaryFolder() + "/history"
        let first = HistoryFile(path: path)
        let second = HistoryFile(path: path)
        for number in 0..<50 {
            #expect(first.append("first\n\(number)") == nil)
            #expect(second.append("second \(number)") == nil)
        }
        let all = first.load()
        #expect(all.count == 100)
        #expect(all.filter { $0.hasPrefix("second") }.last == "second 49")
    }

    @Test func `nothing about it is fatal, and it says why`() {
        let history = HistoryFile(path: "/proc/nowhere/history")
        #expect(history.append("x") == "No such file or directory")
        #expect(history.load() == [])
        #expect(HistoryFile(path: "/dev/full").append("x") == "No space left on device")
    }
}
