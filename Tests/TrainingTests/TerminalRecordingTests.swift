import Glibc
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
        /// The fit printed a second time, from a file, is not compared: luz_save() and luz_load() come with the saving
        /// of sessions.
        let omitsReload: Bool
        var testDescription: String { script }
    }

    /// The other two nets take half a minute each: they run where `WORKBENCH_LONG_TESTS` is set.
    private static let nets = ["dropout"] + (getenv("WORKBENCH_LONG_TESTS") == nil ? [] : ["batchnorm", "resnet"])

    private static let recordings =
        [Recording(script: "14_inter", output: "14_earlystop_interactive.txt", leavesOut: [], omitsReload: false)]
        + nets.map { net in
            Recording(
                script: "02_\(net)_inter", output: "02_\(net)_interactive.txt",
                leavesOut: ["r <- luz_save", "print(r)", "file.size(", "f2", "torch_allclose(predict(f2"],
                omitsReload: true)
        }

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
            "options(workbench.as_published = TRUE, workbench.winograd = FALSE)",
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
        let wanted = theirs.lines(omittingReload: recording.omitsReload)
        for difference in limits.differences(wanted, ours.lines(omittingReload: false)) {
            Issue.record("\(recording.script), \(difference.section): \(difference.text)")
        }
        #expect(limits.titles(wanted).count > 4)
        #expect(theirs.bars.count > 4)
        // Which states of a bar are seen depends on how fast the machine is; those that both showed agree.
        for (place, state) in ours.bars {
            guard let other = theirs.bars[place] else { continue }
            #expect(limits.differences(other.text, state.text).isEmpty, "\(place): \(state.text) | R: \(other.text)")
            #expect(state.width == other.width, "\(place): \(state.text) | R: \(other.text)")
        }
    }

    @Test func `takes a terminal's text apart`() {
        let text = TerminalText(
            "> f\nEpoch 1/2\n\r2/6 [=====>-----] - ETA:  1s - Loss: 2.5  - Acc: 0.1 \r6/6 [=====] - ETA:  0s - Loss: 2.4  - Acc: 0.2 \r     \rTrain metrics: Loss: 2.4 - Acc: 0.2\n"
        )
        #expect(text.lines(omittingReload: false) == "Epoch 1/2\nTrain metrics: Loss: 2.4 - Acc: 0.2")
        #expect(text.bars["epoch 1, 2/6"]?.text == "2/6 - Loss: 2.5  - Acc: 0.1 ")
        #expect(text.bars.count == 2)
    }
}

/// What a terminal showed, as finished lines and states of progress bars.
struct TerminalText {
    private let finished: [String]
    /// States by epoch and step: the text without bar and time left, and the columns of all of it.
    private(set) var bars: [String: (text: String, width: Int)] = [:]

    /// Beginnings of the lines that a fit and its results write.
    private static let kinds = [
        "Epoch ", "Train metrics", "Valid metrics", "Early stopping", "A `luz", "loss: ", "acc: ", "• features",
        "• classifier", "\"epoch\"", "An `nn_module`",
    ]

    init(_ text: String) {
        var lines: [String] = []
        var epoch = "before epoch 1"
        for part in text.split(whereSeparator: { "\r\n".unicodeScalars.contains($0.unicodeScalars.first ?? " ") }) {
            let line = String(part)
            if let bar = TerminalText.bar(line) {
                let place = "\(epoch), \(bar.step)"
                if bars[place] == nil { bars[place] = (bar.text, line.unicodeScalars.count) }
                continue
            }
            if line.hasPrefix("Epoch ") { epoch = "epoch " + line.dropFirst(6).prefix { $0.isNumber } }
            let isRow = line.first?.isNumber == true && line.contains(",\"")
            if isRow || TerminalText.kinds.contains(where: { line.hasPrefix($0) }) { lines.append(line) }
        }
        finished = lines
    }

    /// `2/6` and what a state of a bar says beside bar and time left; nil for another line.
    private static func bar(_ line: String) -> (step: String, text: String)? {
        guard let open = line.firstIndex(of: "["), let close = line.firstIndex(of: "]"), open < close,
            line[..<open].contains("/"), line[line.index(after: open)..<close].allSatisfy({ "=>-".contains($0) }),
            let step = line[..<open].split(separator: " ").first
        else { return nil }
        let rest = line[line.index(after: close)...].split(separator: " - ", omittingEmptySubsequences: false)
            .filter { !$0.hasPrefix("ETA") && !$0.isEmpty }
        return (String(step), "\(step) - \(rest.joined(separator: " - "))")
    }

    /// The lines; without the second print of a fit, if what luz_load() reads is left out.
    func lines(omittingReload: Bool) -> String {
        guard omittingReload, let last = finished.lastIndex(of: "A `luz_module_fitted`") else {
            return finished.joined(separator: "\n")
        }
        let end = finished[(last + 1)...].firstIndex { $0.hasPrefix("A `luz") } ?? finished.count
        return (finished[..<last] + finished[end...]).joined(separator: "\n")
    }
}
