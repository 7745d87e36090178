import PluginAPI
import Testing

/// Where output goes.
@Suite struct ConsoleTests {
    @Test func `writers of captures may write themselves`() {
        let output = Output()
        let console = Console(out: { output.text += "out: " + $0 }, error: { output.text += "error: " + $0 })
        console.redirectMessages { console.write($0) }
        console.writeError("a")
        console.redirectMessages(to: nil)
        console.beginRedirection { console.writeError($0) }
        console.write("b")
        #expect(console.endCapture() != nil)
        console.writeError("c")
        #expect(output.text == "out: aerror: berror: c")
    }

    private final class Output {
        var text = ""
    }
}
