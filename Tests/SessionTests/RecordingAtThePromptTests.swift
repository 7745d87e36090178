import Glibc
import Session
import TestSupport
import Testing

/// What a recording at a terminal keeps so that its replay, which has none, agrees.
@Suite(.serialized) struct RecordingAtThePromptTests {
    private func start(_ arguments: [String] = [], columns: Int = 80) throws -> PseudoTerminal {
        let terminal = try #require(PseudoTerminal(["-q"] + arguments, columns: columns), "\(Subprocess.workbench)")
        #expect(terminal.expect("> "))
        return terminal
    }

    private func expectReplays(_ file: String, _ location: SourceLocation = #_sourceLocation) {
        let replay = Subprocess(arguments: ["--replay", file])
        #expect(replay.status == 0, "\(replay.output)\(replay.errors)", sourceLocation: location)
    }

    @Test func `a script that is removed while it is recorded`() throws {
        try inTemporaryFolder { folder in
            let file = folder + "/s.R"
            let terminal = try start()
            terminal.send("record('\(file)')\r")
            #expect(terminal.expect("recording to"))
            #expect(terminal.expect("\n> "))
            terminal.send("unlink('\(file)'); 6 * 7\r")
            #expect(terminal.expect("[1] 42\n"))
            #expect(
                terminal.expect("'\(file)' was removed or replaced while it was recorded: what it held is lost"),
                "\(terminal.transcript)")
            terminal.send("record()\r")
            #expect(terminal.expect("nothing is being recorded"), "\(terminal.transcript)")
            terminal.send("q('no')\r")
            #expect(terminal.exitStatus() == 0)
        }
    }

    @Test func `the width of outputs where it is not what a replay has`() throws {
        try inTemporaryFolder { folder in
            let file = folder + "/s.R"
            let terminal = try start(["--record", file], columns: 120)
            for line in ["100 + 1:26", "options(width = 60)", "100 + 1:20"] {
                terminal.send(line + "\r")
                #expect(terminal.expect("\n> "))
            }
            terminal.send("q('no')\r")
            #expect(terminal.exitStatus() == 0)
            #expect(
                textOfFile(file) == """
                    options(width = 120L)
                    100 + 1:26
                    #>  [1] 101 102 103 104 105 106 107 108 109 110 111 112 113 114 115 116 117 118 119 120 121 122 123 124 125 126
                    options(width = 60)
                    100 + 1:20
                    #>  [1] 101 102 103 104 105 106 107 108 109 110 111 112 113 114
                    #> [15] 115 116 117 118 119 120
                    q('no')

                    """)
            expectReplays(file)
        }
    }

    @Test func `output of programs`() throws {
        try inTemporaryFolder { folder in
            let file = folder + "/s.R"
            let terminal = try start(["--record", file])
            terminal.send("status <- system('printf \"one\\\\ntwo\"; exit 3')\r")
            #expect(terminal.expect("one\ntwo"))
            terminal.send("status\r")
            #expect(terminal.expect("[1] 3\n> "))
            terminal.send("x <- capture.output(system('echo three'))\r")
            #expect(terminal.expect("\nthree\n> "))
            terminal.send("q('no')\r")
            #expect(terminal.exitStatus() == 0)
            #expect(
                textOfFile(file) == """
                    status <- system('printf "one\\\\ntwo"; exit 3')
                    #> one
                    #> two
                    status
                    #> [1] 3
                    x <- capture.output(system('echo three'))
                    #> three
                    q('no')

                    """)
            expectReplays(file)
        }
    }

    @Test func `answers, with --record as with record()`() throws {
        try inTemporaryFolder { folder in
            let file = folder + "/s.R"
            let terminal = try start(["--record", file])
            terminal.send("y <- readline('name? ')\r")
            #expect(terminal.expect("name? "))
            terminal.send("bob\r")
            #expect(terminal.expect("> "))
            terminal.send("z <- readLines(stdin(), 2)\r")
            terminal.send("one\r")
            terminal.send("two\r")
            #expect(terminal.expect("> "))
            terminal.send("c(y, z)\r")
            #expect(terminal.expect("\"two\""))
            terminal.send("q('no')\r")
            #expect(terminal.exitStatus() == 0)
            #expect(
                textOfFile(file) == """
                    y <- readline('name? ')
                    #< bob
                    z <- readLines(stdin(), 2)
                    #< one
                    #< two
                    c(y, z)
                    #> [1] "bob" "one" "two"
                    q('no')

                    """)
            expectReplays(file)
        }
    }

    @Test func `comments, and a warning before an error`() throws {
        try inTemporaryFolder { folder in
            let file = folder + "/s.R"
            let terminal = try start(["--record", file])
            for line in ["# a sum", "1 + 1 # two", "#> [1] 2", "f <- function() { warning('w'); stop('e') }", "f()"] {
                terminal.send(line + "\r")
                #expect(terminal.expect("\n> "))
            }
            terminal.send("# the end\r")
            terminal.send("q('no')\r")
            #expect(terminal.exitStatus() == 0)
            #expect(
                textOfFile(file) == """
                    # a sum
                    1 + 1 # two
                    #> [1] 2
                    f <- function() { warning('w'); stop('e') }
                    f()
                    #! Error in f() : e
                    #! ...
                    #! In addition: Warning message:
                    #! In f() : w
                    #! ...
                    # the end
                    q('no')

                    """)
            expectReplays(file)
        }
    }

    @Test func `comments of a program`() throws {
        inTemporaryFolder { folder in
            write("# first\n\nx <- 1\n# between\n#> no output of this one\nx # one\n# last\n", to: folder + "/p.R")
            let run = Subprocess(arguments: ["--record", folder + "/s.R", folder + "/p.R"])
            #expect(run.status == 0, "\(run.errors)")
            #expect(textOfFile(folder + "/s.R") == "# first\nx <- 1\n# between\nx # one\n#> [1] 1\n# last\n")
            expectReplays(folder + "/s.R")
        }
    }

    @Test func `a script that cannot be made ends the program before anything runs`() {
        let run = Subprocess(arguments: ["--record", "/nowhere/x.R", "-e", "cat('ran')"])
        #expect(run.status == 2)
        #expect(run.output == "")
        #expect(run.errors == "workbench: --record: cannot write '/nowhere/x.R': No such file or directory\n")
    }
}
