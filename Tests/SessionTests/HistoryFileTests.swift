import Glibc
import TestSupport
import Testing

@testable import Shell

@Suite struct HistoryFileTests {
    @Test func `entries of several lines come back as they were`() {
        let history = HistoryFile(path: makeTemporaryFolder() + "/deep/er/history")
        let entries = ["x <- 1", "f <- function() {\n\t\"a\\n\\\\\"\n}", "größe", "ends in \\"]
        for entry in entries { history.append(entry) }
        #expect(history.load() == entries)
        #expect(history.load(limit: 2) == Array(entries.suffix(2)))
    }

    @Test func `two shells side by side lose nothing`() {
        let path = makeTemporaryFolder() + "/history"
        let first = HistoryFile(path: path)
        let second = HistoryFile(path: path)
        for number in 0..<50 {
            first.append("first\n\(number)")
            second.append("second \(number)")
        }
        let all = first.load()
        #expect(all.count == 100)
        #expect(all.filter { $0.hasPrefix("second") }.last == "second 49")
    }

    @Test func `nothing about it is fatal`() {
        let history = HistoryFile(path: "/proc/nowhere/history")
        history.append("x")
        #expect(history.load() == [])
    }
}
