import Glibc
import TestSupport
import Testing

/// `workbench plugin new`: what it writes builds and passes its own tests at once, for every kind in both tiers.
@Suite(.serialized) struct NewPluginTests {
    static let kinds = ["layer", "transform", "scheduler", "callback", "optimizer", "metric", "dataset", "model"]

    private func run(_ words: String, in folder: String, _ bench: PluginBench, path: String? = nil) -> Subprocess {
        var variables = bench.environment
        if let path { variables["PATH"] = path }
        return Subprocess(
            "/bin/sh", arguments: ["-c", "cd '\(folder)' && '\(Subprocess.workbench)' \(words)"], environment: variables
        )
    }

    @Test(arguments: kinds, ["", " --swift"])
    func `a new plug-in passes its tests`(_ kind: String, _ tier: String) throws {
        let bench = PluginBench()
        let new = run("plugin new my_own --kind \(kind)\(tier)", in: bench.folder, bench)
        #expect(new.status == 0, "\(new.errors)")
        #expect(new.output.hasPrefix("wrote my_own/plugin.json\nwrote my_own/my_own.\(tier.isEmpty ? "R" : "swift")\n"))
        let test = run("plugin test my_own", in: bench.folder, bench)
        #expect(test.status == 0, "\(test.output)\(test.errors)")
        #expect(test.errors == "")
        #expect(test.output.contains("blocks as recorded"), "\(test.output)")
        if !tier.isEmpty { #expect(test.output.contains("tests in Swift: 1 file, all passed\n"), "\(test.output)") }
    }

    @Test(arguments: [("Tensor", "layer"), ("WorkbenchError", "model"), ("registry", "optimizer")])
    func `a name that Swift knows does not get in the way`(_ name: String, _ kind: String) throws {
        let bench = PluginBench()
        #expect(run("plugin new \(name) --swift --kind \(kind)", in: bench.folder, bench).status == 0)
        let test = run("plugin test \(name)", in: bench.folder, bench)
        #expect(test.status == 0, "\(test.output)\(test.errors)")
    }

    static let usage: [(String, Int32, String)] = [
        ("plugin", 2, ""),
        ("plugin nev x", 2, "workbench plugin: unknown command 'nev'; did you mean `new`?\n"),
        ("plugin new", 2, "workbench plugin: plugin new needs a name: workbench plugin new squeeze --kind layer\n"),
        (
            "plugin new x --kind lair", 2,
            "workbench plugin: there is no kind 'lair'; there are layer, transform, scheduler, callback, optimizer, metric, dataset, model\n"
        ),
        (
            "plugin new x --kind", 2,
            "workbench plugin: --kind needs a value: layer, transform, scheduler, callback, optimizer, metric, dataset, model\n"
        ),
        ("plugin new x y", 2, "workbench plugin: plugin new takes one name, not 'y' too\n"),
        ("plugin new --swiff x", 2, "workbench plugin: unknown option --swiff; did you mean `--swift`?\n"),
        (
            "plugin new 2x", 1,
            "workbench plugin: '2x' cannot be the name of a plug-in\n  hint: a letter, then letters, digits and _ and .\n"
        ),
        (
            "plugin new a/b", 1,
            "workbench plugin: 'a/b' cannot be the name of a plug-in\n  hint: a letter, then letters, digits and _ and .\n"
        ),
        ("plugin new torch", 1, "workbench plugin: the name torch is taken: library(torch) is in the box\n"),
        (
            "plugin new Tensors --swift", 1,
            "workbench plugin: 'Tensors' is the name of a Swift module that plug-ins import\n"
        ),
        (
            "plugin new linear", 1,
            "workbench plugin: the name nn_linear is taken: torch::nn_linear\n  hint: a plug-in may replace it: library(NAME, override = TRUE); begin with another name\n"
        ),
        (
            "plugin new repeat", 1, "workbench plugin: 'repeat' is a word of R and cannot be the name of a plug-in\n"
        ),
        (
            "plugin new class --swift", 1,
            "workbench plugin: 'class' is a word of Swift and cannot be the name of a module\n"
        ),
        (
            "plugin new mine.R", 1,
            "workbench plugin: 'mine.R' cannot be the name of a plug-in: it is that of a file\n  hint: mine\n"
        ),
        ("plugin new there", 1, "workbench plugin: 'there' exists already\n  hint: remove it, or give another name\n"),
        (
            "plugin build nowhere", 1,
            "workbench plugin: there is no 'nowhere'\n  hint: workbench plugin new NAME writes a folder NAME\n"
        ),
        (
            "plugin build there", 1,
            "workbench plugin: there is no plug-in in 'there': neither plugin.json nor there.R\n  hint: workbench plugin new NAME writes one\n"
        ),
        ("plugin test", 2, "workbench plugin: plugin test needs the folder of a plug-in\n"),
        (
            "plugin remove nothing", 1,
            "workbench plugin: there is no plug-in 'nothing' in FOLDER/installed\n  hint: workbench plugin list shows those there are\n"
        ),
        ("plugin list all", 2, "workbench plugin: plugin list takes no arguments\n"),
    ]

    @Test(arguments: usage)
    func `wrong usage is said in a line`(_ words: String, _ status: Int32, _ errors: String) {
        let bench = PluginBench()
        mkdir(bench.folder + "/there", 0o700)
        let run = run(words, in: bench.folder, bench)
        #expect(run.status == status)
        #expect(bench.masked(run.errors) == errors)
    }

    @Test func `without a toolchain there is a line at once, and nothing is written`() {
        let bench = PluginBench()
        let run = run("plugin new mine --swift", in: bench.folder, bench, path: "/nowhere")
        #expect(run.status == 1)
        #expect(
            run.errors == """
                workbench plugin: there is no Swift toolchain: swiftc is not on the PATH
                  hint: swift.org/install has it; without --swift, plug-ins are written in R and need none

                """)
        #expect(access(bench.folder + "/mine", F_OK) != 0)
    }

    @Test func `installed, listed, used, replaced and removed`() throws {
        let bench = PluginBench()
        let folder = bench.folder
        _ = run("plugin new mine", in: folder, bench)
        #expect(bench.masked(run("plugin list", in: folder, bench).output) == "no plug-ins in FOLDER/installed\n")
        let installed = run("plugin install mine", in: folder, bench)
        #expect(
            bench.masked(installed.output) == "installed plug-in mine 0.1.0 in FOLDER/installed/mine\n",
            "\(installed.errors)")
        #expect(
            bench.masked(run("plugin list", in: folder, bench).output)
                == "mine  0.1.0  R  FOLDER/installed/mine  nn_mine\n")
        let used = bench.run(code: "library(torch); library(mine); dim(nn_mine(2)(torch_ones(3, 2)))")
        #expect(used.output == "[1] 3 2\n", "\(used.errors)")
        let text = try #require(textOfFile(folder + "/mine/plugin.json"))
        write(text.replacing("0.1.0", with: "0.2.0"), to: folder + "/mine/plugin.json")
        #expect(
            bench.masked(run("plugin install mine/", in: folder, bench).output)
                == "installed plug-in mine 0.2.0 in FOLDER/installed/mine (instead of 0.1.0)\n")
        write("one_more <- function() 1\n", to: folder + "/single.R")
        #expect(
            bench.masked(run("plugin install single.R", in: folder, bench).output)
                == "installed plug-in single 0.0.0 in FOLDER/installed/single.R\n")
        #expect(bench.run(code: "library(single); one_more()").output == "[1] 1\n")
        write("broken <- function( {\n", to: folder + "/bad.R")
        let bad = run("plugin install bad.R", in: folder, bench)
        #expect(bad.status == 1)
        #expect(
            bench.masked(bad.errors)
                == "workbench plugin: plug-in bad 0.0.0: FOLDER/bad.R:1: unexpected '{'\n")
        for (source, message) in [
            ("x <- 1\nf <- sqrt('a')\n", "FOLDER/bad.R:2: non-numeric argument to mathematical function"),
            ("stop('not today')\n", "FOLDER/bad.R:1: not today"),
            (
                "stop(structure(class = c('mine', 'error', 'condition'), list(message = 'not today', call = NULL)))\n",
                "FOLDER/bad.R:1: not today"
            ), ("q(status = 3)\n", "it ends the session: q(status = 3)"),
        ] {
            write(source, to: folder + "/bad.R")
            #expect(
                bench.masked(run("plugin install bad.R", in: folder, bench).errors)
                    == "workbench plugin: plug-in bad 0.0.0: \(message)\n")
        }
        write("library(single)\nmore <- function() single::one_more() + 1\n", to: folder + "/user.R")
        let user = run("plugin install user.R", in: folder, bench)
        #expect(user.status == 0, "\(user.errors)")
        #expect(bench.run(code: "library(user); more()").output == "[1] 2\n")
        #expect(run("plugin remove user", in: folder, bench).status == 0)
        #expect(
            bench.masked(run("plugin remove mine", in: folder, bench).output) == "removed mine from FOLDER/installed\n")
        #expect(entries(of: folder + "/installed") == ["single.R"])
    }
}
