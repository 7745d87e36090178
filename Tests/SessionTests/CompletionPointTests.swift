import Testing

@testable import Shell

@Suite struct CompletionPointTests {
    @Test(arguments: [
        ("pri", CompletionPoint.Kind.name, "pri"),
        ("x <- pri", .name, "pri"),
        ("", .name, ""),
        ("torch::nn_", .export(of: "torch"), "nn_"),
        ("base:::p", .export(of: "base"), "p"),
        ("model$fe", .member(of: [.variable("model")]), "fe"),
        ("model$features$", .member(of: [.variable("model"), .member("features")]), ""),
        ("model$`0`$w", .member(of: [.variable("model"), .member("0")]), "w"),
        ("model[[2]]$w", .member(of: [.variable("model"), .element(2)]), "w"),
        ("model[[\"a\"]]$w", .member(of: [.variable("model"), .member("a")]), "w"),
        ("f(x)$w", .nothing, "w"),
        ("x[i]$w", .nothing, "w"),
        ("1:12", .nothing, "12"),
        ("# pri", .nothing, ""),
        ("read.csv(\"dat", .file(quote: UInt8(ascii: "\"")), "dat"),
        ("read.csv('a/b", .file(quote: UInt8(ascii: "'")), "a/b"),
        ("paste(\"a\\\"\", pr", .name, "pr"),
        ("\"# no comment\"; pr", .name, "pr"),
        ("größe", .name, "größe"),
    ]) func `what is completed`(_ text: String, _ kind: CompletionPoint.Kind, _ prefix: String) {
        let point = CompletionPoint(text)
        #expect(point.kind == kind)
        #expect(point.prefix == prefix)
    }

    @Test func `the call around the cursor`() {
        #expect(CompletionPoint("f(").call == .init(function: [.variable("f")], isAtFirst: true))
        #expect(CompletionPoint("f(a = 1, b == 2, ").call == .init(function: [.variable("f")], given: ["a"]))
        #expect(CompletionPoint("f(g(1), ").call == .init(function: [.variable("f")]))
        #expect(CompletionPoint("f(g(").call == .init(function: [.variable("g")], isAtFirst: true))
        #expect(
            CompletionPoint("x %>% torch::fit(ep").call
                == .init(function: [.qualified(namespace: "torch", name: "fit")], isAtFirst: true))
        #expect(
            CompletionPoint("opt$step( ").call == .init(function: [.variable("opt"), .member("step")], isAtFirst: true))
        #expect(CompletionPoint("(a + ").call == nil)
        #expect(CompletionPoint("f(x[").call == nil)
        #expect(CompletionPoint("f(1) + ").call == nil)
        #expect(CompletionPoint("f(\n  a = \")\",\n  ").call == .init(function: [.variable("f")], given: ["a"]))
    }
}
