import Images
import PluginAPI
import Session
import Testing

@testable import GraphicDevices

@Suite struct PlotTests {
    private func panel(_ code: String) throws -> Panel {
        let session = try GraphicsSession()
        let said = session.run("png(\"a.png\"); \(code)")
        #expect(said.error == "", "\(code)")
        return try #require(session.figure?.panels.last)
    }

    @Test func limitsAreThoseOfR() throws {
        let plain = try panel("plot(1:10)").resolvedLimits
        #expect(abs(plain.x.from - 0.64) < 1e-12 && abs(plain.x.to - 10.36) < 1e-12)
        let log = try panel("plot(c(1, 10, 100), log = \"xy\")")
        #expect(log.x.scale == .log10 && log.y.scale == .log10)
        #expect(abs(log.resolvedLimits.y.from - 0.8317638) < 1e-6 && abs(log.resolvedLimits.y.to - 120.2264) < 1e-3)
        #expect(try panel("plot(1:3, ylim = c(5, 0), yaxs = \"i\")").y.limits == Axis.Limits(5, 0))
        let session = try GraphicsSession()
        #expect(session.run("png(\"a.png\"); plot(1:10); print(par(\"usr\"))").out == "[1]  0.64 10.36  0.64 10.36\n")
    }

    @Test func labelsAreTheCodeWritten() throws {
        let two = try panel("a <- 1:3; b <- a^2; plot(a, b)")
        #expect((two.xLabel, two.yLabel) == ("a", "b"))
        let one = try panel("v <- 1:3; plot(v * 2)")
        #expect(one.xLabel == "Index")
        // Labels of calls are the deparser's work; it may not be there yet.
        withKnownIssue(isIntermittent: true) { #expect(one.yLabel == "v * 2") }
        let given = try panel("plot(1:3, xlab = \"X\", ylab = \"\", main = \"M\", sub = \"S\")")
        #expect((given.xLabel, given.yLabel, given.title, given.subtitle) == ("X", "", "M", "S"))
        #expect(try panel("plot(1:3, ann = FALSE)").xLabel == nil)
        #expect(try panel("plot(data.frame(u = 1:3, w = 3:1))").yLabel == "w")
    }

    @Test(arguments: ["p", "l", "b", "o", "h", "s", "n"]) func types(_ type: String) throws {
        let marks = try panel("plot(1:4, type = \"\(type)\")").marks
        let kinds = marks.map { mark -> String in
            switch mark {
            case .points: return "points"
            case .line(let x, _, _, _): return "line\(x.count)"
            case .segments: return "segments"
            default: return "?"
            }
        }
        let expected: [String: [String]] = [
            "p": ["points"], "l": ["line4"], "b": ["line4", "points"], "o": ["line4", "points"], "h": ["segments"],
            "s": ["line7"], "n": [],
        ]
        #expect(kinds == expected[type])
    }

    @Test func styles() throws {
        guard
            case .points(_, _, let style, _)? = try panel(
                "plot(1:3, pch = c(16, 2), col = c(\"red\", \"blue\"), cex = 2)"
            ).marks.first
        else { throw Failure() }
        #expect(style.symbols == [16, 2] && style.colors == [Color(0xFF0000), Color(0x0000FF)] && style.sizes == [2])
        guard
            case .line(_, _, let stroke, _)? = try panel("plot(1:3, type = \"l\", lty = 3, lwd = 2, col = 2)").marks
                .first
        else { throw Failure() }
        #expect(stroke.dashes == [1, 3] && stroke.width == 2 && stroke.color == Color(0xDF536B))
    }

    private struct Failure: Error {}

    @Test func additions() throws {
        let made = try panel(
            """
            plot(1:3); lines(3:1); points(2, 2); abline(h = 1:2, v = 2); abline(0, 1); text(2, 2, "two")
            segments(1, 1, 2, 2); rect(1, 1, 2, 2); polygon(c(1, 2, 3), c(1, 2, 1)); title("T", xlab = "x")
            axis(4); mtext("m", side = 4); box(); grid(); legend("top", c("a", "b"), lty = 1:2, pch = c(NA, 1))
            """)
        #expect(made.marks.count == 13)
        #expect(made.title == "T" && made.xLabel == "x" && made.axes.count == 3 && made.marginTexts.count == 1)
        #expect(made.legends.first?.entries.map(\.label) == ["a", "b"])
        #expect(made.legends.first?.entries.map { $0.point == nil } == [true, false])
    }

    @Test func gridsOfPanels() throws {
        let session = try GraphicsSession()
        session.run("png(\"a.png\"); old <- par(mfrow = c(2, 3), mar = c(1, 1, 1, 1)); for (i in 1:6) plot(i)")
        let figure = try #require(session.figure)
        #expect(figure.panels.map { [$0.row, $0.column] } == [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]])
        #expect(figure.panels.allSatisfy { $0.margins == [1, 1, 1, 1] })
        #expect(session.run("print(old$mfrow); print(old$mar)").out == "[1] 1 1\n[1] 5.1 4.1 4.1 2.1\n")
        #expect(session.run("par(old); print(par(\"mfrow\"))").out == "[1] 1 1\n")
        session.run("layout(matrix(c(1, 1, 2, 3), 2, byrow = TRUE), widths = c(2, 1)); plot(1); plot(2); plot(3)")
        let laid = try #require(session.figure)
        #expect(laid.panels.map { [$0.row, $0.column, $0.columnSpan] } == [[0, 0, 2], [1, 0, 1], [1, 1, 1]])
        #expect(laid.widths == [2, 1])
        #expect(session.run("par(foo = 1)").error.contains("\"foo\" is not a graphical parameter"))
        #expect(
            session.run("par(mfrow = c(0, 1))").error.contains(
                "invalid value specified for graphical parameter \"mfrow\""))
    }

    @Test func histogramsCountAsR() throws {
        let session = try GraphicsSession()
        let said = session.run(
            """
            png("a.png"); h <- hist(c(1, 2, 2, 3, 5, 8, 9.5)); cat(h$breaks, "|", h$counts, "|", h$mids, "\\n")
            g <- hist(0:100 / 100, breaks = 4, plot = FALSE); cat(g$breaks, "|", g$counts)
            """)
        #expect(said.out == "0 2 4 6 8 10 | 3 1 1 1 1 | 1 3 5 7 9 \n0 0.2 0.4 0.6 0.8 1 | 21 20 20 20 20")
        withKnownIssue(isIntermittent: true) {
            #expect(session.figure?.panels.last?.title == "Histogram of c(1, 2, 2, 3, 5, 8, 9.5)")
        }
    }

    @Test func barsAndBoxes() throws {
        let session = try GraphicsSession()
        #expect(session.run("png(\"a.png\"); print(barplot(c(a = 1, b = 3, c = 2)))").out == "[1] 0.7 1.9 3.1\n")
        #expect(session.run("print(barplot(matrix(1:4, 2)))").out == "[1] 0.7 1.9\n")
        #expect(
            session.run("print(barplot(matrix(1:4, 2), beside = TRUE))").out
                == "     [,1] [,2]\n[1,]  1.5  4.5\n[2,]  2.5  5.5\n")
        #expect(
            session.run("b <- boxplot(c(1:10, 50)); print(as.numeric(b$stats))").out == "[1]  1.0  3.5  6.0  8.5 10.0\n"
        )
        #expect(session.run("plot(factor(c(\"u\", \"v\", \"u\")))").error == "")
    }

    @Test func rasters() throws {
        let session = try GraphicsSession()
        #expect(
            session.run("r <- as.raster(matrix(c(0, 1, 0.5, 0), 2)); cat(unclass(r)[1:4])").out
                == "#000000 #808080 #FFFFFF #000000")
        session.run(
            "png(\"r.png\", 100, 100, bg = \"white\"); par(mar = c(0, 0, 0, 0)); plot(r, interpolate = FALSE); dev.off()"
        )
        let image = try session.image("r.png")
        #expect([image[25, 25, 0], image[25, 75, 0], image[75, 25, 0], image[75, 75, 0]] == [0, 0x80, 255, 0])
        #expect(session.run("as.raster(matrix(1:4, 2) * 1.0)").error.contains("color intensity 2, not in [0,1]"))
        session.run(
            "png(\"i.png\", 100, 100); par(mar = c(0, 0, 0, 0)); image(matrix(0:3, 2), col = gray(0:3 / 3), axes = FALSE); dev.off()"
        )
        let cells = try session.image("i.png")
        #expect([cells[75, 25, 0], cells[75, 75, 0], cells[25, 25, 0], cells[25, 75, 0]] == [0, 0x55, 0xAA, 255])
        #expect(RasterImage(width: 2, height: 1, channels: 3, bytes: [1, 2, 3, 4, 5, 6])?.pixels[1] == Color(4, 5, 6))
        #expect(RasterImage(width: 2, height: 1, channels: 3, bytes: [1]) == nil)
    }

    @Test func figuresOfOtherPlugins() throws {
        let session = try GraphicsSession()
        let figure = Figure.facets(
            rows: ["acc", "loss"], columns: ["train", "valid"], xLabel: "epoch", yLabel: "value"
        ) { row, column in
            var panel = Panel()
            panel.marks = [.line(x: [1, 2, 3], y: [1, 2, 3].map { Double(row * 10 + column) + $0 }, Stroke())]
            return panel
        }
        #expect(
            figure.panels[0].y.limits == figure.panels[1].y.limits
                && figure.panels[0].y.limits != figure.panels[2].y.limits)
        #expect(figure.panels.map { $0.axes.count } == [1, 0, 2, 1])
        try session.session.context.show(figure)
        session.run("1")
        #expect(session.files == ["plot-001.png"])
        session.run("png(\"a.png\", 300, 200)")
        try session.session.context.show(figure)
        session.run("dev.off()")
        #expect(session.files == ["a.png", "plot-001.png"])
    }
}
