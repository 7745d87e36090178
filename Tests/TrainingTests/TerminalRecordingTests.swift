import Images
import TestSupport
import Testing

/// Scripts typed at a terminal, with what R's terminal showed: progress bars, epochs, metrics, files.
@Suite(.serialized) struct TerminalRecordingTests {
    struct Recording: Sendable, CustomTestStringConvertible {
        let script: String
        let output: String
        /// Lines of the script that are not run, by their beginning.
        let leavesOut: [String]
        /// Lines of the output that are not compared: what they belong to is left out.
        var omitted: [String] = []
        var testDescription: String { script }
    }

    private static let recordings = [
        Recording(script: "14_inter", output: "14_earlystop_interactive.txt", leavesOut: []),
        Recording(
            script: "02_dropout_inter", output: "02_dropout_interactive.txt",
            leavesOut: ["r <- luz_save", "print(r)", "file.size(", "f2", "torch_allclose(predict(f2"],
            omitted: ["luz_save"]),
    ]

    @Test(
        .enabled(
            if: goldenRoot != nil && TerminalRun.program != nil, "needs ../shared or WORKBENCH_GOLDEN, and the program"),
        arguments: recordings)
    func `shows what R's terminal shows`(_ recording: Recording) throws {
        let root = try #require(goldenRoot)
        let folder = makeTemporaryFolder()
        let program = try #require(textOfFile("\(root)/scripts/\(recording.script).R"))
        let common = try #require(textOfFile("\(root)/scripts/common.R"))
        let data = folder + "/data/processed"
        if recording.script.hasPrefix("02_") {
            try extractArchive(from: root + "/data/toy-tiny-imagenet-200.zip", to: data)
        }
        write(common.replacing("\"data/processed\"", with: "\"\(data)\""), to: folder + "/common.R")
        let prelude = [
            "setwd(\"\(folder)\")", "dir.create(\"runs\", showWarnings = FALSE)",
            "options(workbench.as_published = TRUE)",
        ]
        let lines = program.split(separator: "\n").map(String.init)
            .filter { line in !recording.leavesOut.contains { line.hasPrefix($0) } }
        let run = try #require(TerminalRun(in: folder))
        let shown = try #require(run.type(prelude + lines), "the prompt did not come back")
        let recorded = try #require(textOfFile("\(root)/\(recording.output)"))

        let ours = TerminalText(shown)
        let theirs = TerminalText(recorded)
        let limits = RecordedScript(
            name: recording.script, output: recording.output, landmarks: ["Epoch ", "\"epoch\"", "A `luz"],
            tolerance: 0.03, tolerances: [("", 0.03, 0.021)])
        let wanted = theirs.lines(omitting: recording.omitted)
        for difference in limits.differences(wanted, ours.lines(omitting: [])) {
            Issue.record("\(recording.script), \(difference.section): \(difference.text)")
        }
        #expect(limits.titles(wanted).count > 4)
        #expect(theirs.bars.count > 4)
