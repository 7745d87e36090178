import PluginAPI
import Testing

@testable import GraphicDevices

private func line(_ xs: [Double], _ ys: [Double]) -> Panel {
    var panel = Panel()
    panel.marks = [.line(x: xs, y: ys, Stroke())]
    panel.xLabel = "x"
    panel.yLabel = "y"
    panel.title = "Title"
    return panel
}

@Suite struct TextChartTests {
    private let plain = ChartStyle(usesUnicode: false, usesColor: false)
    private let fine = ChartStyle(usesUnicode: true, usesColor: false)

    @Test func ascii() {
        let chart = textChart(Figure(line([0, 10], [0, 1])), width: 40, style: plain)
        #expect(chart.unicodeScalars.allSatisfy { $0.isASCII })
        let rows = chart.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
        #expect(rows.count == 21 && rows[20] == "")
        #expect(rows.allSatisfy { $0.unicodeScalars.count <= 40 })
        #expect(rows[0] == "y                  Title")
        #expect(rows[1...16].allSatisfy { $0.contains("|") || $0.contains("+") })
        #expect(rows[1...16].filter { $0.contains("*") }.count >= 15 && rows[16].hasPrefix("    |") == false)
        #expect(rows[17].contains("+-") && rows[18].contains("0 ") && rows[19].trimmingPrefix { $0 == " " } == "x")
    }

    @Test func braille() {
        let chart = textChart(Figure(line([0, 10], [0, 1])), width: 60, style: fine)
        #expect(chart.unicodeScalars.contains { (0x2801...0x28FF).contains($0.value) })
        #expect(chart.contains("└") && chart.contains("┤") && !chart.contains("\u{1B}"))
    }

    @Test func colours() {
        var panel = line([0, 1], [0, 1])
        panel.marks = [.line(x: [0, 1], y: [0, 1], Stroke(Color(0xFF0000)))]
        let chart = textChart(Figure(panel), width: 50, style: ChartStyle(usesUnicode: true, usesColor: true))
        #expect(chart.contains("\u{1B}[38;2;255;0;0m") && chart.contains("\u{1B}[0m"))
        for row in chart.split(separator: "\n") where row.contains("\u{1B}") { #expect(row.contains("\u{1B}[0m")) }
    }

    @Test func oddFiguresDoNoHarm() {
        var panels = [
            Panel(), line([], []), line([.nan], [.nan]), line([1], [1]), line([1e300, -1e300], [1e-300, 1e300]),
            line([0, .infinity], [0, -.infinity]),
        ]
        var log = line([0, -1, 10, 1000], [1, 2, 3, 4])
        log.x.scale = .log10
        panels.append(log)
        var odd = line([0, 1], [0, 1])
        odd.x.limits = Axis.Limits(1, 1)
        odd.y.limits = Axis.Limits(.nan, 1)
        odd.marks.append(.rectangles(x0: [0], y0: [0], x1: [1e9], y1: [.nan], fills: [], border: nil))
        odd.marks.append(.rectangles(x0: [-5], y0: [-5], x1: [1e9], y1: [7], fills: [Color.axis], border: nil))
        odd.marks.append(.text(x: [0.5], y: [0.5], [], TextStyle()))
        odd.marks.append(.slope(intercept: 0, slope: .infinity, Stroke()))
        panels.append(odd)
        for panel in panels {
            for width in [1, 20, 33, 200] {
                for style in [plain, fine] { #expect(!textChart(Figure(panel), width: width, style: style).isEmpty) }
            }
        }
        #expect(textChart(Figure(), width: 80, style: fine) == "")
    }

    @Test func onATerminalTheChartIsShown() throws {
        let session = try GraphicsSession(isTerminal: true)
        let said = session.run("plot(1:10, main = \"Ten\")")
        #expect(said.out == "")
        #expect(said.error.contains("Ten") && said.error.hasSuffix("plot saved as plot-001.png\n"))
        #expect(
            session.run("png(\"a.png\"); plot(1:3); invisible(dev.off())") == ("", ""), "not when a file is asked for")
    }
}
