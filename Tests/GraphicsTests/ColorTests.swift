import PluginAPI
import Testing

@testable import GraphicDevices

/// R code and what R 4.2.2 prints for `cat` of it.
private let recorded: [(code: String, result: String)] = [
    ("rgb(0.5, 0.2, 1, 0.5)", "#8033FF80"), ("rgb(1, 0, 0)", "#FF0000"),
    ("rgb(255, 128, 0, maxColorValue = 255)", "#FF8000"),
    ("rgb(1, 1, 1, 1)", "#FFFFFFFF"), ("rgb(matrix(c(0, 1, 0.5, 0, 1, 0), 2))", "#0080FF #FF0000"),
    ("gray(0:3 / 3)", "#000000 #555555 #AAAAAA #FFFFFF"), ("hsv(0.5, 1, 1)", "#00FFFF"),
    ("hcl(120, 35, 85)", "#BBDEB1"),
    ("rainbow(6)", "#FF0000 #FFFF00 #00FF00 #00FFFF #0000FF #FF00FF"),
    ("heat.colors(5)", "#FF0000 #FF5500 #FFAA00 #FFFF00 #FFFF80"),
    ("terrain.colors(5)", "#00A600 #E6E600 #EAB64E #EEB99F #F2F2F2"),
    ("topo.colors(5)", "#4C00FF #004CFF #00E5FF #00FF4D #FFFF00"),
    ("hcl.colors(9)", "#4B0055 #403173 #00588B #007B97 #009B95 #00B785 #53CC67 #B2DC3C #FDE333"),
    ("hcl.colors(5, \"Blues\")", "#273871 #3573B9 #7FABD3 #C1DBEC #F4FAFE"),
    ("palette()", "black #DF536B #61D04F #2297E6 #28E2E5 #CD0BBC #F5C710 gray62"),
    ("col2rgb(\"steelblue\")", "70 130 180"), ("col2rgb(\"#12345678\", alpha = TRUE)", "18 52 86 120"),
    ("col2rgb(2)", "223 83 107"), ("colorRampPalette(c(\"red\", \"blue\"))(3)", "#FF0000 #7F007F #0000FF"),
    ("gray.colors(3)", "#4D4D4D #AEAEAE #E6E6E6"), ("adjustcolor(\"red\", 0.5)", "#FF000080"),
]

@Suite struct ColorTests {
    @Test func asRecordedFromR() throws {
        let session = try GraphicsSession()
        for (code, result) in recorded { #expect(session.run("cat(\(code))") == (result, ""), "\(code)") }
    }

    @Test func namesAndDigits() {
        #expect(parseColor("red") == Color(0xFF0000))
        #expect(parseColor("gray50") == Color(0x7F7F7F))
        #expect(parseColor("grey100") == Color(0xFFFFFF))
        #expect(parseColor("#abc") == Color(0xAABBCC))
        #expect(parseColor("#11223344") == Color(0x11, 0x22, 0x33, 0x44))
        #expect(parseColor("transparent")?.alpha == 0)
        for bad in ["", "#", "#12", "#1234567", "gray101", "gray-1", "grayx", "no color", "#gggggg", "#+12345"] {
            #expect(parseColor(bad) == nil, "\(bad)")
        }
    }

    @Test func errorsNameTheColour() throws {
        let session = try GraphicsSession()
        let near = session.run("plot(1:3, col = \"steelbleu\")").error
        #expect(near.contains("invalid color name 'steelbleu'") && near.contains("did you mean `steelblue`"))
        #expect(session.run("col2rgb(-1)").error.contains("numerical color values must be >= 0, found -1"))
        #expect(session.run("rgb(2, 0, 0)").error.contains("color intensity 2, not in [0,1]"))
        #expect(session.run("gray(1.5)").error.contains("invalid gray level, must be in [0,1]."))
    }
}
