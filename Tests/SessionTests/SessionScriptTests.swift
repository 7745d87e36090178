import Glibc
import Session
import TestSupport
import Testing

/// Every script under sessions/ prints what is recorded in it.
@Suite struct SessionScriptTests {
    @Test(arguments: files(under: packageRoot + "/sessions", ending: ".R"))
    func `replays as recorded`(_ file: String) {
        let report = Replay(file: file) { session(writingTo: $0) }.run()
        #expect(report.agrees, "\(report.text)")
    }

    @Test func `there are session scripts`() {
        #expect(files(under: packageRoot + "/sessions", ending: ".R").count >= 3)
    }
}

/// Replays a text as a session script.
func replay(_ text: String, updates: Bool = false) -> (report: Replay.Report, file: String, after: String) {
    let file = makeTemporaryFolder() + "/script.R"
    write(text, to: file)
    let report = Replay(file: file, updates: updates) { session(writingTo: $0) }.run()
    return (report, file, textOfFile(file) ?? "")
}

@Suite struct ReplayTests {
    @Test func `output that agrees`() {
        let (report, file, _) = replay("x <- 2\nx + 1\n#> [1] 3\ncat('a\\n\\nb')\n#> a\n#>\n#> b\n")
        #expect(report.agrees)
        #expect(report.text == "\(file): 3 blocks as recorded\n")
    }

    @Test func `a difference shows the line, what was recorded and what came`() {
        let (report, file, _) = replay("x <- 2\nx + 1\n#> [1] 4\n")
        #expect(!report.agrees)
        #expect(
            report.text == """
                \(file):2: x + 1
                    3 - #> [1] 4
                      + #> [1] 3
                \(file): 1 of 2 blocks differ

                """)
    }

    @Test func `output that is not recorded is a difference`() {
        let (report, file, _) = replay("print('a')\n")
        #expect(
            report.text == """
                \(file):1: print('a')
                      + #> [1] "a"
                \(file): 1 of 1 blocks differ

                """)
    }

    @Test func `what stands below q() is not as recorded`() {
        let (report, file, _) = replay("1\n#> [1] 1\nq()\n2\n#> [1] 3\n")
        #expect(!report.agrees)
        #expect(report.text == "\(file):4: not run, as q() ended the script before\n\(file): 2 blocks as recorded\n")
        #expect(replay("1\n#> [1] 1\nq()\nx <- 2\n").report.agrees)
    }

    @Test func `an error must be recorded`() {
        #expect(!replay("stop('no')\n1\n#> [1] 1\n").report.agrees)
        #expect(replay("stop('no')\n#! Error: no\n#! ...\n1\n#> [1] 1\n").report.agrees)
        #expect(!replay("stop('no')\n#! Error: yes\n#! ...\n").report.agrees)
    }

    @Test func `messages are compared only where they are recorded`() {
        #expect(replay("message('hello')\n").report.agrees)
        #expect(replay("message('hello')\n#! hello\n").report.agrees)
        #expect(!replay("message('hello')\n#! hallo\n").report.agrees)
    }

    @Test func `numbers agree within the tolerance of the block`() {
        #expect(replay("1.000001\n#> [1] 1.000002\n").report.agrees)
        #expect(!replay("1.01\n#> [1] 1.02\n").report.agrees)
        #expect(replay("1.01\n#~ 0.05\n#> [1] 1.02\n").report.agrees)
        #expect(!replay("100001L\n#> [1] 100002\n").report.agrees)
    }

    @Test func `a script that is no R is said to be so`() {
        let (report, file, _) = replay("1\n#> [1] 1\nx <- (\n")
        #expect(!report.agrees)
        #expect(report.text.hasPrefix("\(file):"))
        #expect(replay("q()\n)\n").report.agrees)
    }

    @Test func `updating writes what differs and keeps the rest`() {
        let text = "# title\nx <- 2\nx + 1\n#> [1] 4\n# note\n\nx / 3 # two thirds\n#> [1] 0.666667\nx; x\n"
        let (report, _, after) = replay(text, updates: true)
        #expect(!report.agrees)
        #expect(report.text.hasSuffix("written anew\n"))
        #expect(
            after
                == "# title\nx <- 2\nx + 1\n#> [1] 3\n# note\n\nx / 3 # two thirds\n#> [1] 0.666667\nx; x\n#> [1] 2\n#> [1] 2\n"
        )
    }

    @Test(arguments: [
        "1\n#> [1] 1\nx <- )\n2\n#> [1] 2\n3\n#> [1] 3\n", "# title\n)\n2\n#> [1] 2\n",
        "1\n#> [1] 1\n# note\n\nf <- function( {\n2\n#> [1] 2\n",
    ])
    func `behind what cannot be read nothing is written anew`(_ text: String) {
        let (report, _, after) = replay(text, updates: true)
        #expect(!report.agrees)
        #expect(after == text)
    }

    @Test func `three points that were printed stand for themselves`() {
        let (_, _, after) = replay("cat(\"...\\n\")\n", updates: true)
        #expect(after == "cat(\"...\\n\")\n#>  ...\n")
        #expect(replay(after).report.agrees)
        #expect(!replay(after.replacing("cat(\"...", with: "cat(\"other")).report.agrees)
    }

    /// The place of an error is another one as soon as a line is added above it.
    @Test func `what an update has written agrees with the next replay`() {
        let text = "f <- function(x) stop(\"bad \", x)\n\nf(1)\nsqrtt(2)\n1 + 1\n#> [1] 3\n"
        let (_, _, after) = replay(text, updates: true)
        #expect(
            after
                == "f <- function(x) stop(\"bad \", x)\n\nf(1)\n#! Error in f(1) : bad 1\n#! ...\nsqrtt(2)\n#! Error in sqrtt(2) : could not find function \"sqrtt\"\n#! ...\n1 + 1\n#> [1] 2\n"
        )
        let again = replay(after, updates: true)
        #expect(again.report.agrees && again.after == after, "\(again.report.text)")
    }

    @Test func `what overwrites itself counts as it stands on the screen`() {
        #expect(replay("cat('a\\rb\\n'); cat('x\\r\\n')\n#> b\n#> x\n").report.agrees)
        let (_, _, after) = replay("cat('10 %\\r20 %\\r\\n')\n", updates: true)
        #expect(after == "cat('10 %\\r20 %\\r\\n')\n#> 20 %\n")
        #expect(replay(after).report.agrees)
    }

    @Test func `functions print as they were typed, as at the prompt`() {
        let code = "f <- function(x) {\n  # half of it\n  x/2\n}\n"
        let (report, _, _) = replay(code + "f\n#> function(x) {\n#>   # half of it\n#>   x/2\n#> }\n")
        #expect(report.agrees, "\(report.text)")
    }

    @Test func `answers are given again`() {
        let text = "y <- readline('name? '); z <- readline('age? ')\n#< Ann\n#<\nc(y, z)\n#> [1] \"Ann\" \"\"   \n"
        let (report, _, _) = replay(text)
        #expect(report.agrees, "\(report.text)")
        // Without an answer as in a script.
        #expect(replay("readline('name? ')\n#> name? \n#> [1] \"\"\n").report.agrees)
        // An update keeps them.
        let (_, _, after) = replay("readline()\n#< Ann\n", updates: true)
        #expect(after == "readline()\n#> [1] \"Ann\"\n#< Ann\n")
    }

    @Test func `output above the first expression is of nothing`() {
        let (report, file, _) = replay("#! /usr/bin/env workbench\n# title\n#> [1] 5\n1\n#> [1] 1\n")
        #expect(!report.agrees)
        #expect(
            report.text == """
                \(file):3: recorded output above the first expression: nothing has printed it
                \(file): 1 blocks as recorded

                """)
        let (updated, name, after) = replay("# title\n#> [1] 5\n#! no\n1\n#> [1] 1\n", updates: true)
        #expect(!updated.agrees)
        #expect(
            updated.text
                == "\(name): 0 of 1 blocks written anew, recorded output above the first expression removed\n")
        #expect(after == "# title\n1\n#> [1] 1\n")
        #expect(!replay("#> [1] 5\n").report.agrees)
    }

    @Test func `warnings that came before an error`() {
        let text = "f <- function() { warning('w'); stop('e') }\nf()\n"
        let (_, _, after) = replay(text, updates: true)
        #expect(
            after == text + "#! Error in f() : e\n#! ...\n#! In addition: Warning message:\n#! In f() : w\n")
        let again = replay(after)
        #expect(again.report.agrees, "\(again.report.text)")
        #expect(!replay(after.replacing(": w", with: ": v")).report.agrees)
    }

    @Test func `a missing file is one line`() {
        let report = Replay(file: "/nowhere/x.R") { session(writingTo: $0) }.run()
        #expect(report.text == "/nowhere/x.R: cannot be read: No such file or directory\n")
        #expect(!report.agrees)
    }
}
