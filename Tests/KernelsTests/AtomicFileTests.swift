import Glibc
import TestSupport
import Testing

@testable import Diagnostics

/// The door for files that must not be lost, and every way it can fail.
@Suite(.serialized) struct AtomicFileTests {
    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
    }

    @Test func `a file takes the place of the old one with its mode, links stay links`() throws {
        let folder = makeTemporaryFolder()
        write("old", to: folder + "/a")
        chmod(folder + "/a", 0o640)
        #expect(symlink("a", folder + "/link") == 0)
        try AtomicFile.write(Array("new".utf8), to: folder + "/link")
        #expect(textOfFile(folder + "/a") == "new")
        #expect(mode(folder + "/a") == 0o640)
        #expect(entries(of: folder) == ["a", "link"])
        try AtomicFile.write(Array("x".utf8), to: "/dev/null")
        #expect(mode("/dev/null") & 0o200 != 0)
    }

    @Test func `a file that is protected from its owner stays as it is`() throws {
        let folder = makeTemporaryFolder()
        let path = folder + "/a"
        write("old", to: path)
        chmod(path, 0o444)
        let me = geteuid()
        if me == 0 {
            // Nothing is protected from root.
            for name in [folder, path] { #expect(chown(name, 65534, 65534) == 0) }
            #expect(seteuid(65534) == 0)
        }
        defer { if me == 0 { seteuid(0) } }
        #expect(throws: WorkbenchError.self) { try AtomicFile.write(Array("new".utf8), to: path) }
        #expect(textOfFile(path) == "old")
        chmod(path, 0o644)
        try AtomicFile.write(Array("new".utf8), to: path)
        #expect(textOfFile(path) == "new")
    }

    /// Steps of writing a new file over an old one, in order; each fails once.
    @Test(arguments: AtomicFile.Step.allCases, [EACCES, ENOSPC, EIO])
    func `whatever fails, the old file stays whole`(_ step: AtomicFile.Step, _ number: Int32) throws {
        let folder = makeTemporaryFolder()
        let path = folder + "/a"
        write("old", to: path)
        AtomicFile.fault = { asked, at in asked == step && at == path ? number : nil }
        defer { AtomicFile.fault = nil }
        let reason = String(cString: strerror(number))
        do {
            try AtomicFile.write(Array("new".utf8), to: path)
            Issue.record("no error")
        } catch let error as WorkbenchError {
            #expect(error.message == "cannot write '\(path)': \(reason)")
        }
        // Once the file is in its place it is whole; only the folder's entry may not be on the disk.
        #expect(textOfFile(path) == (step == .syncFolder ? "new" : "old"))
        #expect(entries(of: folder) == ["a"])
    }

    @Test(arguments: [AtomicFile.Step.open, .write, .sync, .close])
    func `a row that cannot be added is not half there`(_ step: AtomicFile.Step) throws {
        let folder = makeTemporaryFolder()
        let path = folder + "/a"
        try AtomicFile.append(Array("1\n".utf8), to: path)
        AtomicFile.fault = { asked, at in asked == step && at == path ? ENOSPC : nil }
        defer { AtomicFile.fault = nil }
        #expect(throws: AtomicFile.Failure.self) { try AtomicFile.append(Array("2\n".utf8), to: path) }
        #expect(textOfFile(path) == "1\n")
    }

    @Test(arguments: [
        ("/no/such/folder/a", "No such file or directory"), ("/proc/a", "No such file or directory"),
        ("/tmp/" + String(repeating: "x", count: 256), "File name too long"), ("/tmp", "Is a directory"),
    ])
    func `what cannot be written says why`(_ path: String, _ reason: String) {
        do {
            try AtomicFile.write([1], to: path)
            Issue.record("no error")
        } catch let error as WorkbenchError {
            #expect(error.message == "cannot write '\(path)': \(reason)")
        } catch {
            Issue.record("\(error)")
        }
    }

    @Test func `what throws while a file is filled leaves the old one`() {
        let folder = makeTemporaryFolder()
        write("old", to: folder + "/a")
        #expect(throws: WorkbenchError.self) {
            try AtomicFile.write(to: folder + "/a") { file in
                try file.write(Array("ne".utf8))
                throw WorkbenchError(.value, "no more")
            }
        }
        #expect(textOfFile(folder + "/a") == "old")
        #expect(entries(of: folder) == ["a"])
    }

    @Test func `siblings of dead processes go, those of living ones and other files stay`() throws {
        let folder = makeTemporaryFolder()
        // No process has the largest number; process 1 lives.
        for name in [".workbench-4194304-0.part", ".workbench-1-0.part", "x.part", ".workbench-x-0.part"] {
            write("?", to: folder + "/" + name)
        }
        // As a process seen from another container: dead by its number, but it holds its lock.
        let locked = folder + "/.workbench-4194303-0.part"
        write("?", to: locked)
        let file = open(locked, O_RDONLY)
        defer { close(file) }
        #expect(flock(file, LOCK_EX) == 0)
        try AtomicFile.write([1], to: folder + "/a")
        #expect(
            entries(of: folder) == [
                ".workbench-1-0.part", ".workbench-4194303-0.part", ".workbench-x-0.part", "a", "x.part",
            ])
    }
}
