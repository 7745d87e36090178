import Glibc
import PluginAPI
import TestSupport
import Testing

/// A plug-in that lives in a folder of its own, compiled against the modules this build made and loaded by the program.
@Suite(.serialized) struct OutOfTreePluginTests {
    /// A plug-in folder with the compiled example, made once.
    private static let built: Result<String, BuildFailure> = Result { () throws(BuildFailure) in try build() }

    private struct BuildFailure: Error { let text: String }

    private static func build() throws(BuildFailure) -> String {
        let folder = makeTemporaryFolder()
        mkdir(folder + "/gelu", 0o700)
        let source = packageRoot + "/Tests/PluginsTests/gelu"
        let products = String(Subprocess.workbench.dropLast("/workbench".count))
        var words = ["-O", "-emit-library", "-module-name", "gelu", "-I", products + "/Modules"]
        for module in ["CKernels", "CNumberFormat"] {
            words += ["-Xcc", "-fmodule-map-file=\(products)/\(module).build/module.modulemap"]
        }
        let run = Subprocess("swiftc", arguments: words + [source + "/gelu.swift", "-o", folder + "/gelu/gelu.so"])
        guard run.status == 0 else { throw BuildFailure(text: run.errors) }
        write(textOfFile(source + "/plugin.json") ?? "", to: folder + "/gelu/plugin.json")
        return folder
    }

    private func workbench(_ code: String, plugins: String) -> Subprocess {
        Subprocess(
            arguments: ["-e", code],
            environment: ["WORKBENCH_PLUGINS": plugins, "XDG_STATE_HOME": plugins, "NO_COLOR": "1"])
    }

    /// A copy of the plug-in folder with something changed.
    private func changed(_ change: (_ folder: String) -> Void) throws -> String {
        let folder = makeTemporaryFolder()
        let run = Subprocess("cp", arguments: ["-r", try Self.built.get() + "/gelu", folder])
        try #require(run.status == 0)
        change(folder + "/gelu")
        return folder
    }

    @Test func `library() loads it, a layer of it trains`() throws {
        let run = workbench(
            """
            library(torch)
            library(gelu)
            torch_manual_seed(1)
            net <- nn_sequential(nn_linear(2, 4), nn_quick_gelu(), nn_linear(4, 1))
            x <- torch_tensor(matrix(c(-1, 0, 1, 2), nrow = 2))
            loss <- net(x)$sum()
            loss$backward()
            print(dim(net[[1]]$weight$grad))
            print(as.numeric(nnf_quick_gelu(torch_tensor(c(-1, 0, 1)))))
            print(gelu::nn_quick_gelu())
            """, plugins: try Self.built.get())
        #expect(run.errors == "")
        #expect(
            run.output == """
                [1] 4 2
                [1] -0.1542042  0.0000000  0.8457958
                An `nn_module` containing 0 parameters.

                """)
        #expect(run.status == 0)
    }

    @Test func `a layer that says what it is takes part in fused runs`() throws {
        let run = workbench(
            """
            library(torch)
            library(gelu)
            net <- nn_sequential(nn_ramp(), nn_max_pool2d(2))
            x <- torch_randn(2, 3, 6, 6, requires_grad = TRUE)
            run <- function(fusion) { old <- options(workbench.fusion = fusion); y <- net(x); options(old); y }
            print(torch_equal(run(TRUE), run(FALSE)))
            """, plugins: try Self.built.get())
        #expect(run.errors == "")
        #expect(run.output == "[1] TRUE\n")
    }

    @Test func `without it there is one line`() {
        let run = workbench("library(gelu)", plugins: makeTemporaryFolder())
        #expect(run.errors.hasPrefix("Error in library(gelu) : there is no package called \u{2018}gelu\u{2019}\n"))
        #expect(run.status == 1)
    }

    @Test func `a library that was cut off is refused`() throws {
        let folder = try changed { truncate($0 + "/gelu.so", 5000) }
        let run = workbench(
            "tryCatch(library(gelu), error = function(e) cat(conditionMessage(e), '\\n')); cat('alive\\n')",
            plugins: folder)
        #expect(run.output.contains("gelu/gelu.so is cut off: 5000 bytes"), "\(run.output) \(run.errors)")
        #expect(run.output.hasSuffix("alive\n"))
    }

    @Test(arguments: [
        (
            "{\"name\": \"gelu\", \"version\": \"0.1.0\", \"api\": 0, \"library\": \"gelu.so\"}",
            "plug-in gelu 0.1.0: built for API 0, this workbench has API \(pluginABI)"
        ),
        (
            "{\"name\": \"gelu\", \"version\": \"0.1.0\", \"api\": \(pluginABI), \"library\": \"plugin.json\"}",
            "the library \"plugin.json\" must be a file in the same folder that ends in .so"
        ),
        (
            "{\"name\": \"gelu\", \"version\": \"0.1.0\", \"api\": \(pluginABI), \"library\": \"../gelu.so\"}",
            "the library \"../gelu.so\" must be a file in the same folder that ends in .so"
        ),
        (
            "{\"name\": \"gelu\", \"version\": \"0.1.0\", \"script\": \"gelu.swift\"}",
            "the script \"gelu.swift\" must be a file in the same folder that ends in .R"
        ),
        (
            "{\"name\": \"other\", \"version\": \"0.1.0\", \"api\": \(pluginABI), \"library\": \"gelu.so\"}",
            "describes a plug-in called \"other\""
        ),
        ("{\"name\": \"gelu\", \"api\": \(pluginABI), \"library\": \"gelu.so\"}", "has no text \"version\""),
        ("{\"name\": ", "is no plug-in descriptor"),
    ])
    func `a descriptor that cannot be right is refused`(_ text: String, _ message: String) throws {
        let folder = try changed { write(text, to: $0 + "/plugin.json") }
        let run = workbench(
            "tryCatch(library(gelu), error = function(e) cat(conditionMessage(e), '\\n'))", plugins: folder)
        #expect(run.output.contains(message), "\(run.output) \(run.errors)")
    }
}
