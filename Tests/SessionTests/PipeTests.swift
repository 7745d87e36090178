import Glibc
import TestSupport
import Testing

/// Pipes where files are expected: text is read from them, everything else refuses them, and nothing waits beyond Ctrl-C.
@Suite(.serialized) struct PipeTests {
    @Test func `readers of binary files refuse a pipe`() {
        inTemporaryFolder { folder in
            let pipe = folder + "/p"
            #expect(mkfifo(pipe, 0o600) == 0)
            let run = Subprocess(arguments: [
                "-e",
                """
                library(torch); library(torchvision); library(luz)
                m <- nn_linear(1, 1)
                said <- function(call) cat(gsub('\(folder)', 'DIR', tryCatch(call, error = conditionMessage)), "\\n")
                said(restore_session('\(pipe)'))
                said(torch_load('\(pipe)'))
                said(luz_load('\(pipe)'))
                said(load_state_dict('\(pipe)'))
                said(save_session('\(pipe)'))
                """,
            ])
            #expect(run.status == 0, "\(run.errors)")
            #expect(
                run.output == """
                    'DIR/p' is not a readable safetensors file: it is not a file 
                    cannot read 'DIR/p': it is not a file 
                    'DIR/p' is not a readable safetensors file: it is not a file 
                    cannot read 'DIR/p': it is not a file 
                    cannot write 'DIR/p': No such device or address 

                    """)
        }
    }

    @Test(arguments: ["read.csv", "readLines", "source", "readRDS", "load"])
    func `Ctrl-C ends the waiting for a writer`(_ reader: String) throws {
        let terminal = try #require(PseudoTerminal(["-q"]))
        #expect(terminal.expect("> "))
        let pipe = terminal.stateFolder + "/p"
        #expect(mkfifo(pipe, 0o600) == 0)
        terminal.send("{ cat('be', 'gin\\n', sep = ''); \(reader)('\(pipe)') }\r")
        #expect(terminal.expect("begin\n"))
        terminal.send("\u{03}")
        #expect(terminal.expect("> "), "\(terminal.transcript)")
        terminal.send("'alive'\r")
        #expect(terminal.expect("[1] \"alive\"\n> "), "\(terminal.transcript)")
    }

    @Test func `text comes from pipes`() {
        inTemporaryFolder { folder in
            let workbench = Subprocess.workbench
            let run = Subprocess(
                "/bin/sh",
                arguments: [
                    "-c",
                    """
                    mkfifo \(folder)/p
                    (sleep 0.3; echo a,b; sleep 0.3; echo 1,2) > \(folder)/p &
                    \(workbench) -e 'print(read.csv("\(folder)/p"))'
                    echo 'cat(6 * 7, "\\n")' | \(workbench) -e 'source("/dev/stdin")'
                    \(workbench) -e 'saveRDS(1:3, "\(folder)/r")'
                    cat \(folder)/r > \(folder)/p &
                    \(workbench) -e 'readRDS("\(folder)/p")'
                    cat \(folder)/p &
                    \(workbench) -e 'cat("written\\n", file = "\(folder)/p")'
                    wait
                    """,
                ])
            #expect(run.output == "  a b\n1 1 2\n42 \n[1] 1 2 3\nwritten\n", "\(run.errors)")
        }
    }

    @Test func `a file beyond the limit of the shell is an error`() {
        inTemporaryFolder { folder in
            let code = "x <- rnorm(1e5); try(save_session('\(folder)/s.wb')); cat('alive\\n')"
            let run = Subprocess(
                "/bin/sh", arguments: ["-c", "ulimit -f 20; exec \(Subprocess.workbench) -e \"$0\"", code])
            #expect(run.status == 0)
            #expect(run.output == "alive\n")
            #expect(run.errors.contains("cannot write '\(folder)/s.wb': File too large\n"), "\(run.errors)")
            #expect(entries(of: folder).filter { $0 != "." && $0 != ".." } == [])
        }
    }
}
