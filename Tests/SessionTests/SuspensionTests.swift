import Glibc
import TestSupport
import Testing

/// Ctrl-Z and `fg` in a shell with job control, the built program as its job.
@Suite(.serialized) struct SuspensionTests {
    private let suspend = "\u{1A}"

    private func start() throws -> PseudoTerminal {
        let terminal = try #require(
            PseudoTerminal(["--norc", "--noprofile", "-i"], program: "/bin/bash"))
        #expect(terminal.expect("job$ "))
        terminal.send("\(Subprocess.workbench) -q\r")
        #expect(terminal.expect("> "), "\(terminal.transcript)")
        return terminal
    }

    /// The last of two switches that the terminal was sent.
    private func last(_ terminal: PseudoTerminal, of on: String, _ off: String) -> String? {
        for end in stride(from: terminal.bytes.count, to: 7, by: -1) {
            let tail = terminal.bytes[(end - 8)..<end]
            if tail.elementsEqual(on.utf8) { return on }
            if tail.elementsEqual(off.utf8) { return off }
        }
        return nil
    }

    @Test func `a half typed line is there again, twice`() throws {
        let terminal = try start()
        terminal.send("x <- 4")
        #expect(terminal.expect("x <- 4"))
        for more in ["", "2"] {
            terminal.send(more)
            if !more.isEmpty { #expect(terminal.expect(more)) }
            terminal.send(suspend)
            #expect(terminal.expect("Stopped"), "\(terminal.transcript)")
            #expect(terminal.expect("job$ "))
            // The shell has the terminal to itself.
            terminal.send("stty -a | tr ' ;' '\\n\\n' | grep -x -e 'icanon' -e 'echo' | tr '\\n' '+'; echo\r")
            #expect(terminal.expect("\nicanon+echo+"), "\(terminal.transcript)")
            #expect(terminal.expect("job$ "))
            terminal.send("fg\r")
            #expect(terminal.expect("> x <- 4" + more), "\(terminal.transcript)")
            #expect(!terminal.isCooked)
        }
        terminal.send("\r")
        #expect(terminal.expect("> "))
        terminal.send("x\r")
        #expect(terminal.expect("[1] 42\n> "), "\(terminal.transcript)")
        #expect(last(terminal, of: "\u{1B}[?2004h", "\u{1B}[?2004l") == "\u{1B}[?2004h")
        // A paste is still a paste, and Tab in it no completion.
        terminal.send("\u{1B}[200~y <- {\r\tx + 1\r}\ry\u{1B}[201~\r")
        #expect(terminal.expect("> y\n[1] 43\n> "), "\(terminal.transcript)")
        terminal.send("q('no')\r")
        #expect(terminal.expect("job$ "))
    }

    @Test func `a continuation line and Ctrl-C after fg`() throws {
        let terminal = try start()
        terminal.send("f <- function() {\r")
        #expect(terminal.expect("+ "))
        terminal.send("7 *")
        #expect(terminal.expect("7 *"))
        terminal.send(suspend)
        #expect(terminal.expect("job$ "), "\(terminal.transcript)")
        terminal.send("fg\r")
        #expect(terminal.expect("+ 7 *"), "\(terminal.transcript)")
        terminal.send(" 6\r")
        #expect(terminal.expect("+ "))
        terminal.send("}\r")
        #expect(terminal.expect("> "))
        terminal.send("f()\r")
        #expect(terminal.expect("[1] 42\n> "), "\(terminal.transcript)")
        terminal.send("not wanted\u{03}")
        #expect(terminal.expect("^C\n> "), "\(terminal.transcript)")
    }

    @Test func `a fit goes on where it was, and the prompt comes after it`() throws {
        let terminal = try start()
        terminal.send(
            "library(torch); library(luz); n <- nn_module(initialize = function() self$f <- nn_linear(2, 1), forward = function(x) self$f(x)[, 1]); x <- torch_ones(64, 2)\r"
        )
        #expect(terminal.expect("> "))
        terminal.send(
            "slow <- luz_callback('slow', on_epoch_end = function() { if (ctx$epoch == 2) cat('sec', 'ond\\n', sep = ''); Sys.sleep(0.1) })\r"
        )
        #expect(terminal.expect("> "))
        terminal.send(
            "m <- n |> setup(nn_mse_loss(), optim_sgd) |> set_opt_hparams(lr = 0.1) |> fit(list(x, x[, 1]), epochs = 8, callbacks = list(slow()), verbose = FALSE); cat('epochs:', length(m$records$metrics$train), '\\n')\r"
        )
        #expect(terminal.expect("second\n"), "\(terminal.transcript)")
        for _ in 0..<2 {
            terminal.send(suspend)
            #expect(terminal.expect("Stopped"), "\(terminal.transcript)")
            #expect(terminal.expect("job$ "))
            terminal.send("fg\r")
            #expect(terminal.expect("workbench -q\n"))
            usleep(100_000)
        }
        #expect(terminal.expect("epochs: 8"), "\(terminal.transcript)")
        #expect(terminal.expect("> "))
        // Typed while it was stopped or ran: nothing is lost, editing works.
        terminal.send("1 + 2")
        terminal.send("\u{7F}3\r")
        #expect(terminal.expect("[1] 4\n> "), "\(terminal.transcript)")
    }
}
