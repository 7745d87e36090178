import Glibc
import TestSupport
import Testing

/// The plug-ins under docs/plugins: each is built where it has something to build, tried, and its session scripts replayed.
@Suite(.serialized) struct ExamplePluginTests {
    static let names = entries(of: packageRoot + "/docs/plugins")

    @Test func `there are eleven`() { #expect(Self.names.count == 11, "\(Self.names)") }

    @Test(arguments: names)
    func `an example passes its tests`(_ name: String) throws {
        let bench = PluginBench()
        let path = try bench.copy("docs/plugins/" + name)
        let test = bench.run(["plugin", "test", path])
        #expect(test.status == 0, "\(test.output)\(test.errors)")
        #expect(test.errors == "")
        #expect(test.output.contains("/tests/\(name).R: "), "\(test.output)")
        // The descriptor in the repository is the author's part: what is built writes the rest.
        let json = try #require(textOfFile(packageRoot + "/docs/plugins/\(name)/plugin.json"))
        #expect(json.split(separator: "\n").count <= 7)
    }
}
