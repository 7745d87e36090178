import Glibc
import Session
import TestSupport
import Testing

/// The built program in a terminal.
@Suite(.serialized) struct PromptTests {
    private func start(_ arguments: String...) throws -> PseudoTerminal {
        let terminal = try #require(PseudoTerminal(arguments), "\(Subprocess.workbench)")
        #expect(terminal.expect("> "))
        return terminal
    }

    @Test func `expressions, history and the end`() throws {
        let terminal = try start()
        #expect(terminal.transcript.hasPrefix("workbench "))
        terminal.send("x <- 40 + 2\r")
        #expect(terminal.expect("> "))
        terminal.send("x\r")
        #expect(terminal.expect("[1] 42\n> "))
        terminal.send("\u{1B}[A\u{1B}[A\r")
        #expect(terminal.expect("\n> "))
        terminal.send("\u{1B}OA\u{1B}OA\r")
        #expect(terminal.expect("[1] 42\n> "))
        // Ctrl-D asks what q() asks.
        terminal.send("\u{04}")
        #expect(terminal.expect("Save the session to session.wb? [y/n/c]: "), "\(terminal.transcript)")
        terminal.send("c\r")
        #expect(terminal.expect("> "))
        terminal.send("\u{04}")
        #expect(terminal.expect("[y/n/c]: "))
        terminal.send("\u{04}")
        #expect(terminal.exitStatus() == 0, "\(terminal.transcript)")
        #expect(textOfFile(terminal.stateFolder + "/workbench/history") == "x <- 40 + 2\nx\nx <- 40 + 2\nx\n")
    }

    @Test func `a session that is here is named, and not replaced unasked`() throws {
        try inTemporaryFolder { folder in
            let terminal = try start("-q")
            terminal.send("setwd('\(folder)'); old <- 1; save_session('session.wb', quiet = TRUE); q('no')\r")
            #expect(terminal.exitStatus() == 0)
            let next = try #require(
                PseudoTerminal(["-c", "cd '\(folder)' && exec '\(Subprocess.workbench)' -q"], program: "/bin/sh"))
            #expect(next.expect("A session is saved here: restore_session(\"session.wb\") brings it back\n> "))
            next.send("new <- 2; q()\r")
            #expect(
                next.expect(
                    "session.wb is there already, and this session has neither restored nor written it: y replaces it, what it holds is lost\nSave the session to session.wb? [y/n/c]: "
                ), "\(next.transcript)")
            next.send("c\r")
            #expect(next.expect("> "))
            next.send("restore_session('session.wb', quiet = TRUE)\r")
            #expect(next.expect("> "))
            next.send("q()\r")
            #expect(next.expect("q()\nSave the session to session.wb? [y/n/c]: "), "\(next.transcript)")
            next.send("n\r")
            #expect(next.exitStatus() == 0)
            let last = try #require(
                PseudoTerminal(
                    ["-c", "cd '\(folder)' && printf 'cut off' >session.wb && exec '\(Subprocess.workbench)' -q"],
                    program: "/bin/sh"))
            #expect(
                last.expect("session.wb cannot be read: it has 7 bytes and cannot hold a header"),
                "\(last.transcript)")
            last.send("q('no')\r")
            #expect(last.exitStatus() == 0)
        }
    }

    @Test func `what is typed while code runs is read after it, the end too`() throws {
        let terminal = try start("-q")
        terminal.send("cat('be', 'gin\\n', sep = ''); Sys.sleep(0.3)\r")
        #expect(terminal.expect("begin\n"))
        terminal.send("6 * 7\r\u{04}")
        #expect(terminal.expect("[1] 42\n"))
        #expect(terminal.exitStatus() == 0, "\(terminal.transcript)")
    }

    /// A decomposition by LAPACK does not look at Ctrl-C, no more than a compiled plug-in does that loops.
    @Test func `what does not answer Ctrl-C ends with the workbench by another key, and only then`() throws {
        let terminal = try start("-q")
        terminal.send("\u{1C}x <- matrix(rnorm(2.5e7), 5000); cat('be', 'gin\\n', sep = '')\r")
        #expect(terminal.expect("begin\n> "))
        terminal.send("\u{1C}s <- svd(x)\r")
        #expect(terminal.expect("s <- svd(x)\n"))
        usleep(300_000)
        terminal.send("\u{1C}\u{03}")
        usleep(100_000)
        terminal.send("\u{1C}")
        usleep(100_000)
        terminal.send("\u{03}")
        usleep(100_000)
        terminal.send("\u{03}")
        #expect(
            terminal.expect(
                "What runs has not answered Ctrl-C yet. Ctrl-\\ ends the workbench at once: what is not saved is lost."),
            "\(terminal.transcript)")
        terminal.send("\u{1C}")
        #expect(terminal.exitStatus() == 131, "\(terminal.transcript)")
    }

    @Test func `scan() takes what it is asked for, or up to an empty line, and readline() no blanks around it`() throws
    {
        let terminal = try start("-q")
        terminal.send("x <- scan(n = 3)\r")
        #expect(terminal.expect("1: "))
        terminal.send("4 5\r")
        #expect(terminal.expect("3: "))
        terminal.send("6\r")
        #expect(terminal.expect("Read 3 items\n> "), "\(terminal.transcript)")
        terminal.send("y <- scan(what = '')\r")
        #expect(terminal.expect("1: "))
        terminal.send("a b\r")
        #expect(terminal.expect("3: "))
        terminal.send("\r")
        #expect(terminal.expect("Read 2 items\n> "), "\(terminal.transcript)")
        terminal.send("z <- readline('? ')\r")
        #expect(terminal.expect("? "))
        terminal.send("  sp \r")
        #expect(terminal.expect("> "))
        terminal.send("cat(x, y, z, 'end\\n', sep = '|')\r")
        #expect(terminal.expect("4|5|6|a|b|sp|end\n> "), "\(terminal.transcript)")
    }

    @Test func `continuation lines are one entry`() throws {
        let terminal = try start("--quiet")
        #expect(terminal.transcript == "> ")
        terminal.send("f <- function(a) {\r")
        #expect(terminal.expect("+ "))
        terminal.send("a * 2\r")
        #expect(terminal.expect("+ "))
        terminal.send("}\r")
        #expect(terminal.expect("> "))
        terminal.send("f(21)\r")
        #expect(terminal.expect("[1] 42\n> "))
        // As it was typed.
        terminal.send("f\r")
        #expect(terminal.expect("function(a) {\na * 2\n}\n> "), "\(terminal.transcript)")
        // There is something to save: q() asks.
        terminal.send("q(status = 3)\r")
        #expect(terminal.expect("Save the session to session.wb? [y/n/c]: "), "\(terminal.transcript)")
        terminal.send("c\r")
        #expect(terminal.expect("> "))
        terminal.send("q(status = 3)\r")
        #expect(terminal.expect("[y/n/c]: "))
        terminal.send("n\r")
        #expect(terminal.exitStatus() == 3)
        #expect(
            textOfFile(terminal.stateFolder + "/workbench/history")
                == "f <- function(a) {\\na * 2\\n}\nf(21)\nf\nq(status = 3)\nq(status = 3)\n")
    }

    @Test func `Tab completes and lists`() throws {
        let terminal = try start("-q")
        terminal.send("zebra_one <- 7; zebra_two <- 8\r")
        #expect(terminal.expect("> "))
        terminal.send("zeb")
        terminal.send("\t")
        #expect(terminal.expect("zebra_"))
        terminal.send("\t")
        #expect(terminal.expect("zebra_one  double   zebra_two  double\n"))
        terminal.send("o\t\r")
        #expect(terminal.expect("[1] 7\n> "))
    }

    @Test func `Tab completes members of tensors and modules`() throws {
        let terminal = try start("-q")
        terminal.send("library(torch); zx <- torch_ones(2, 3); zm <- nn_linear(3, 1)\r")
        #expect(terminal.expect("> "))
        terminal.send("zx$sha\t\r")
        #expect(terminal.expect("[1] 2 3\n> "))
        terminal.send("zm$bia\t$sha\t\r")
        #expect(terminal.expect("[1] 1\n> "))
    }

    @Test func `a pasted block runs expression by expression`() throws {
        let terminal = try start("-q")
        terminal.send(
            "\u{1B}[200~g <- function(x) {\r\tif (x)\r\t\t\"tabs\"\r}\r# note\rg(TRUE)\rnot_there\r1:3\u{1B}[201~\r")
        #expect(
            terminal.expect(
                """
                > g <- function(x) {
                + \tif (x)
                + \t\t"tabs"
                + }
                > # note
                > g(TRUE)
                [1] "tabs"
                > not_there
                Error: object 'not_there' not found

                """))
        #expect(terminal.expect("> 1:3\n[1] 1 2 3\n> "))
        terminal.send("\u{1B}[A\u{1B}[A\u{1B}[A\u{1B}[A\r")
        #expect(terminal.expect("> "))
        let history = textOfFile(terminal.stateFolder + "/workbench/history") ?? ""
        #expect(history.hasPrefix("g <- function(x) {\\n\tif (x)\\n\t\t\"tabs\"\\n}\ng(TRUE)\nnot_there\n1:3\n"))
    }

    @Test func `escapes and control characters in a paste are no commands`() throws {
        let terminal = try start("-q")
        terminal.send("\u{1B}[200~'a\u{01}\u{07}\u{1B}[Ab'\u{1B}[201~\r")
        #expect(terminal.expect("[1] \"a[Ab\"\n> "))
    }

    @Test func `Ctrl-C leaves a line, a continuation and a loop`() throws {
        let terminal = try start("-q")
        terminal.send("garbage(")
        #expect(terminal.expect("garbage("))
        terminal.send("\u{03}")
        #expect(terminal.expect("> "))
        terminal.send("f(\r")
        #expect(terminal.expect("+ "))
        terminal.send("\u{03}")
        #expect(terminal.expect("> "))
        terminal.send("cat('be', 'gin\\n', sep = ''); repeat {}\r")
        #expect(terminal.expect("begin\n"))
        terminal.send("\u{03}")
        #expect(terminal.expect("> "))
        terminal.send("'alive'\r")
        #expect(terminal.expect("[1] \"alive\"\n> "))
    }

    @Test func `what is recorded replays: answers, lines that overwrite themselves, a loop that was ended`() throws {
        let terminal = try start("-q")
        let file = terminal.stateFolder + "/s.R"
        terminal.send("record('\(file)')\r")
        #expect(terminal.expect("> "))
        terminal.send("y <- readline('name? ')\r")
        #expect(terminal.expect("name? "))
        terminal.send("Ann\r")
        #expect(terminal.expect("> "))
        terminal.send("y; cat('10 %\\r20 %\\n')\r")
        #expect(terminal.expect("20 %\n> "))
        terminal.send("cat('be', 'gin\\n', sep = ''); repeat {}\r")
        #expect(terminal.expect("begin\n"))
        terminal.send("\u{03}")
        #expect(terminal.expect("> "))
        terminal.send("record()\r")
        #expect(terminal.expect("> "))
        #expect(
            textOfFile(file) == """
                y <- readline('name? ')
                #< Ann
                y; cat('10 %\\r20 %\\n')
                #> [1] "Ann"
                #> 20 %
                # ended with Ctrl-C:
                # cat('be', 'gin\\n', sep = ''); repeat {}

                """)
        let report = Replay(file: file) { session(writingTo: $0) }.run()
        #expect(report.agrees, "\(report.text)")
    }

    @Test(arguments: [(SIGTERM, 143), (SIGHUP, 129)] as [(Int32, Int32)])
    func `signals end it`(_ signal: Int32, _ status: Int32) throws {
        let terminal = try start("-q")
        terminal.send("1\r")
        #expect(terminal.expect("[1] 1\n> "))
        terminal.signal(signal)
        #expect(terminal.exitStatus() == status)
        #expect(textOfFile(terminal.stateFolder + "/workbench/history") == "1\n")
    }
}
