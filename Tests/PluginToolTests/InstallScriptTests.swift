import Glibc
import TestSupport
import Testing

/// `scripts/install`: what it installs runs, finds its modules, and a session that runs meanwhile keeps its own.
@Suite struct InstallScriptTests {
    @Test func `it installs into a folder given from here, and again over itself`() throws {
        let bench = PluginBench()
        let built = Subprocess.workbench.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
        func install() -> Subprocess {
            Subprocess(
                "sh", arguments: ["-c", "cd '\(bench.folder)' && '\(packageRoot)/scripts/install' prefix"],
                environment: bench.environment.merging(["WORKBENCH_BUILD": built]) { $1 })
        }
        let program = bench.folder + "/prefix/bin/workbench"
        let first = install()
        #expect(first.status == 0, "\(first.output)\(first.errors)")
        #expect(bench.masked(first.output).hasSuffix(" in FOLDER/prefix\n"), "\(first.output)")
        // A session that was started before the second time builds and tries a plug-in after it.
        let session = Subprocess(
            "sh",
            arguments: [
                "-c",
                """
                cd '\(bench.folder)' && mkdir installed && '\(program)' plugin new mine --swift >new.txt &&
                '\(program)' plugin build mine >build.txt && cp -r mine installed/ && rm -r state
                '\(program)' -e 'while (!file.exists("again")) Sys.sleep(0.02); library(mine); cat("loaded\\n")' &
                sleep 0.5
                WORKBENCH_BUILD='\(built)' '\(packageRoot)/scripts/install' prefix >install.txt
                touch again
                wait
                """,
            ], environment: bench.environment)
        #expect(session.output == "loaded\n", "\(session.errors)")
    }
}
