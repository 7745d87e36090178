import TestSupport
import Testing

@testable import Shell

@Suite struct CommandLineOptionsTests {
    private func read(_ words: String...) throws -> CommandLineOptions { try CommandLineOptions(words) }

    @Test func `nothing means the prompt`() throws {
        #expect(try read().program == .standardInput)
        #expect(try read("--quiet", "--vanilla").isQuiet)
    }

    @Test func `what follows the file belongs to the script`() throws {
        let options = try read("--quiet", "a.R", "--quiet", "-e", "b", "--args", "c")
        #expect(options.program == .file("a.R"))
        #expect(options.arguments == ["--quiet", "-e", "b", "--args", "c"])
        #expect(try read("a.R", "--args", "1").arguments == ["1"])
        #expect(try read("-f", "a.R", "--args", "x", "-y").arguments == ["x", "-y"])
        #expect(try read("--file=a.R").program == .file("a.R"))
        #expect(try read("-").program == .file("-"))
    }

    @Test func `several expressions run one after the other`() throws {
        let options = try read("-e", "1", "-e", "2", "--args", "a")
        #expect(options.program == .expressions(["1", "2"]))
        #expect(options.arguments == ["a"])
        #expect(try read("-e", "1", "a").arguments == ["a"])
    }

    @Test func `replay takes several files`() throws {
        #expect(try read("--replay", "a.R", "b.R").program == .replay(["a.R", "b.R"]))
        #expect(try read("--replay", "--update", "a.R").updates)
    }

    @Test(arguments: [
        (["--vanila"], "unknown option --vanila; did you mean --vanilla?"),
        (["--zzz"], "unknown option --zzz; workbench --help lists the options"),
        (["-e"], "-e needs a value: -e CODE"),
        (["--threads", "0"], "--threads needs a number from 1 to 256, not '0'"),
        (["--threads=many"], "--threads needs a number from 1 to 256, not 'many'"),
        (["--quiet=yes"], "--quiet takes no value"),
        (["--replay"], "--replay needs the name of a session script"),
        (["--update", "a.R"], "--update goes with --replay FILE.R"),
    ]) func `wrong usage is one line`(_ words: [String], _ message: String) {
        #expect(throws: CommandLineOptions.UsageError(message: message)) { try CommandLineOptions(words) }
    }

    @Test func `R's options are accepted`() throws {
        for word in ["--no-restore", "--no-echo", "--slave"] {
            #expect(try CommandLineOptions([word]) == CommandLineOptions())
        }
        for word in ["--vanilla", "--no-save"] { #expect(try CommandLineOptions([word]).neverSaves) }
    }

    @Test func `help names every option`() {
        for word in [
            "-e CODE", "--file FILE", "--args", "--replay", "--quiet", "--no-plugins", "--threads N", "--version",
        ] {
            #expect(CommandLineOptions.helpText.contains(word), "\(word)")
        }
    }

    /// A process that is bound to one core computes with one thread, unless it is told otherwise.
    @Test func `threads are as many as the process may use cores`() {
        let code = ["-e", "cat(torch::torch_get_num_threads())"]
        #expect(Subprocess("taskset", arguments: ["-c", "0", Subprocess.workbench] + code).output == "1")
        #expect(
            Subprocess("taskset", arguments: ["-c", "0", Subprocess.workbench, "--threads", "3"] + code).output == "3")
    }
}
