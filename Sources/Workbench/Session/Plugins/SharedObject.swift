import Diagnostics
import Glibc

/// What can be read off a shared object before the loader may see it: a truncated one kills the process inside `dlopen`.
struct SharedObject {
    let path: String
    let bytes: [UInt8]

    /// Reads the file.
    /// - Throws: when there is none.
    init(_ path: String) throws {
        bytes = try readContents(
            of: path, "the plug-in's library ", limit: 1 << 30, hint: "workbench plugin build makes it")
        self.path = path
    }

    private func refuse(_ why: String) -> WorkbenchError { WorkbenchError(.data, "\(path) is \(why)") }

    private func number(_ place: Int, _ count: Int) -> UInt64? {
        guard place >= 0, place <= bytes.count - count else { return nil }
        return bytes[place..<place + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Checks the ELF header and that every segment and the section table lie within the file.
    /// - Throws: names the file and what is wrong with it.
    func check() throws {
        guard bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]) else { throw refuse("no shared object") }
        guard bytes.count >= 64, bytes[4] == 2, bytes[5] == 1 else {
            throw refuse("no 64-bit little-endian shared object")
        }
        guard number(16, 2) == 3 else { throw refuse("no shared object (of another ELF type)") }
        guard number(18, 2) == UInt64(SharedObject.machine) else { throw refuse("built for another processor") }
        let tables = [(number(32, 8), number(54, 2), number(56, 2)), (number(40, 8), number(58, 2), number(60, 2))]
        for case (let start?, let size?, let count?) in tables where count > 0 {
            guard start <= UInt64(bytes.count), size * count <= UInt64(bytes.count) - start else {
                throw refuse("cut off: \(bytes.count) bytes, and its tables lie beyond")
            }
        }
        guard let start = number(32, 8), let size = number(54, 2), let count = number(56, 2), size >= 56 else {
            throw refuse("no shared object (without segments)")
        }
        for index in 0..<count {
            guard let place = Int(exactly: start + index * size), let offset = number(place + 8, 8),
                let length = number(place + 32, 8)
            else { throw refuse("cut off") }
            let (end, overflow) = offset.addingReportingOverflow(length)
            guard !overflow, end <= UInt64(bytes.count) else {
                throw refuse("cut off: \(bytes.count) bytes of at least \(overflow ? length : end)")
            }
        }
    }

    // MARK: Compiler

    /// The Swift compilers that left their mark, as their clang names itself: "clang version 21.0.0
    /// (…/llvm-project.git 11673e66…)", the revision included. Two releases of Swift differ in it.
    var compilers: Set<String> {
        guard let section = section(".comment") else { return [] }
        let marks = bytes[section].split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        return Set(marks.filter { $0.hasPrefix("clang version") && $0.hasSuffix(")") })
    }

    /// The marks of the program that is running; nil where they cannot be read (it was stripped), and nothing can be said.
    static let compilersOfThisProgram: Set<String>? = {
        guard let object = try? SharedObject("/proc/self/exe") else { return nil }
        let found = object.compilers
        return found.isEmpty ? nil : found
    }()

    /// Where a section lies.
    private func section(_ name: String) -> Range<Int>? {
        guard let start = number(40, 8), let size = number(58, 2), let count = number(60, 2), let names = number(62, 2),
            size >= 64
        else { return nil }
        func range(_ index: UInt64) -> Range<Int>? {
            guard index < count, let place = Int(exactly: start + index * size), let offset = number(place + 24, 8),
                let length = number(place + 32, 8), let from = Int(exactly: offset), let count = Int(exactly: length),
                from <= bytes.count, count <= bytes.count - from
            else { return nil }
            return from..<from + count
        }
        guard let table = range(names) else { return nil }
        for index in 0..<count {
            guard let place = Int(exactly: start + index * size), let offset = number(place, 4),
                let from = Int(exactly: offset), from < table.count
            else { continue }
            let text = bytes[(table.lowerBound + from)..<table.upperBound].prefix { $0 != 0 }
            if text.elementsEqual(name.utf8) { return range(index) }
        }
        return nil
    }

    /// The ELF number of the processor this program runs on.
    private static var machine: UInt16 {
        #if arch(arm64)
            183
        #else
            62
        #endif
    }
}
