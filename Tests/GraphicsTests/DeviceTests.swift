import Glibc
import Images
import PluginAPI
import Session
import Testing

@testable import GraphicDevices

@Suite struct DeviceTests {
    @Test func aPNGIsWrittenWhenTheDeviceCloses() throws {
        let session = try GraphicsSession()
        #expect(session.run("png(\"a.png\", 300, 200); dev.cur()").out == "png \n  2 \n")
        session.run("plot(1:10, main = \"Ten\")")
        #expect(session.files == [])
        #expect(session.run("dev.off()").out == "null device \n          1 \n")
        #expect(session.files == ["a.png"])
        let image = try session.image("a.png")
        #expect((image.width, image.height, image.channels) == (300, 200, 3))
        #expect(image.bytes.filter { $0 < 100 }.count > 500, "something dark is drawn")
        #expect(image[0, 0, 0] == 255)
    }

    @Test func pagesAreNumbered() throws {
        let session = try GraphicsSession()
        session.run("png(\"p%03d.png\", 100, 100); for (i in 1:3) plot(i); dev.off()")
        #expect(session.files == ["p001.png", "p002.png", "p003.png"])
        session.run("png(\"one.png\", 90, 90); plot(1); plot(2); invisible(dev.off())")
        #expect(session.files == ["one.png", "p001.png", "p002.png", "p003.png"])
        session.run("png(\"grid%d.png\", 200, 200); par(mfrow = c(1, 2)); for (i in 1:3) plot(i); dev.off()")
        #expect(session.files.filter { $0.hasPrefix("grid") } == ["grid1.png", "grid2.png"])
        #expect(numbered("a%%b%5d-%d", 7) == "a%b    7-7")
        #expect(numbered("50%", 7) == "50%")
    }

    @Test func otherFormats() throws {
        let session = try GraphicsSession()
        session.run("pdf(\"a.pdf\"); plot(1:3); plot(3:1); dev.off()")
        let pdf = String(decoding: try session.bytes("a.pdf"), as: Unicode.ASCII.self)
        #expect(pdf.hasPrefix("%PDF-") && pdf.contains("/Count 2"))
        session.run("svg(\"a.svg\", 4, 3); plot(1:3, main = \"x\"); dev.off()")
        let svg = String(decoding: try session.bytes("a.svg"), as: UTF8.self)
        #expect(svg.hasPrefix("<?xml") && svg.contains("width=\"288pt\"") && svg.contains("</svg>"))
        session.run("jpeg(\"a.jpeg\", 120, 80); plot(1:3); dev.off()")
        #expect(try session.bytes("a.jpeg").starts(with: [0xFF, 0xD8]))
        session.run("png(\"in.png\", 2, 1, units = \"in\", res = 100); plot(1); dev.off()")
        let image = try session.image("in.png")
        #expect((image.width, image.height) == (200, 100))
        session.run("png(\"clear.png\", 50, 50, bg = \"transparent\"); plot(1); dev.off()")
        #expect(try session.image("clear.png").channels == 4)
    }

    @Test func withoutADeviceANumberedFileIsWritten() throws {
        let session = try GraphicsSession()
        #expect(session.run("plot(1:10)") == ("", "plot saved as plot-001.png\n"))
        let before = try session.bytes("plot-001.png")
        #expect(session.run("lines(10:1)") == ("", ""))
        #expect(try session.bytes("plot-001.png") != before, "the same file with the line")
        #expect(session.run("{ plot(1); plot(2) }").error == "plot saved as plot-002.png\nplot saved as plot-003.png\n")
        #expect(session.files == ["plot-001.png", "plot-002.png", "plot-003.png"])
        let other = try GraphicsSession()
        try writeFile([1], to: other.folder + "/plot-001.png")
        #expect(other.run("plot(1)").error == "plot saved as plot-002.png\n")
        #expect(try other.bytes("plot-001.png") == [1], "never overwritten")
    }

    @Test func theEndClosesWhatIsOpen() throws {
        let session = try GraphicsSession()
        session.run("pdf(\"a.pdf\"); plot(1)")
        #expect(session.files == [])
        session.session.finish()
        #expect(session.files == ["a.pdf"])
    }

    @Test func severalDevices() throws {
        let session = try GraphicsSession()
        #expect(session.run("dev.list()").out == "NULL\n")
        session.run("png(\"a.png\"); pdf(\"b.pdf\")")
        #expect(session.run("dev.list()").out == "png pdf \n  2   3 \n")
        #expect(session.run("dev.set(2)").out == "png \n  2 \n")
        #expect(session.run("dev.next(); dev.prev()").out == "pdf \n  3 \npdf \n  3 \n")
        #expect(session.run("dev.off()").out == "pdf \n  3 \n")
        session.run("graphics.off()")
        #expect(session.run("dev.cur()").out == "null device \n          1 \n")
        #expect(session.files == [], "nothing was drawn")
    }

    @Test func mistakesHaveOneClearLine() throws {
        let session = try GraphicsSession()
        #expect(session.run("dev.off()").error.contains("cannot shut down device 1 (the null device)"))
        #expect(
            session.run("png(\"no/where/a.png\")").error.contains(
                "cannot open file 'no/where/a.png': No such file or directory"))
        #expect(session.run("png(\"a.png\", 0, 10)").error.contains("invalid plot size 0 x 10"))
        #expect(session.run("png(\"a.png\", 1e9, 1e9)").error.contains("invalid plot size"))
        #expect(session.run("png(\"a.png\", units = \"miles\")").error.contains("'miles' is no unit of length"))
        #expect(session.run("png(\"b.png\"); lines(1:3)").error.contains("plot.new has not been called yet"))
        #expect(session.run("plot(1:3, 1:4)").error.contains("'x' and 'y' lengths differ"))
        #expect(session.run("plot(c(NA, NaN))").error.contains("need finite 'ylim' values"))
        #expect(session.run("plot(1:3, xlim = c(1, Inf))").error.contains("need finite 'xlim' values"))
        #expect(session.run("plot(1:3, type = \"z\")").error.contains("invalid plot type 'z'"))
        #expect(session.run("plot(1:3, log = \"q\")").error.contains("invalid \"log=q\" specification"))
        #expect(session.run("plot(1:3, lty = \"doted\", type = \"l\")").error.contains("did you mean `dotted`"))
        #expect(session.run("plot(y ~ x)").error.contains("write plot(x, y)"))
        #expect(session.run("plot(1); legend(\"topp\", \"a\")").error.contains("did you mean `top`"))
    }
}
