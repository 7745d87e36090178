import PluginAPI
import Session
import TestSupport
import Testing

/// No built-in needs another one to be there when it registers, and the workbench starts without any.
@Suite struct AloneTests {
    @Test func `the language starts without plug-ins`() {
        #expect(printed("cat(sum(1:10))", with: []) == "55")
        #expect(printed("cat(tryCatch(library(torch), error = function(e) 'none'))", with: []) == "none")
    }

    @Test(arguments: optionalPlugins.map { $0.name })
    func `each built-in alone`(_ name: String) throws {
        let plugin = try #require(optionalPlugins.first { $0.name == name })
        #expect(printed("x <- 1:3; cat(x, mean(x))", with: [plugin]) == "1 2 3 2")
    }

    private func printed(_ program: String, with plugins: [any Registrant.Type]) -> String {
        let output = CapturedOutput()
        let session = makeSession(with: plugins, capturing: output)
        let outcome = session.onDeepStack { session.run(program) }
        let printed = output.take()
        return outcome == .finished ? printed.out : "\(outcome): \(printed.error)"
    }
}
