import Testing

@testable import Shell

@Suite struct InputBlockTests {
    /// What a block consists of: entry and action of each step, in short.
    private func steps(_ text: String, shown: Int? = nil) -> [String] {
        var block = InputBlock(text)
        if let shown { block.shownLines = shown }
        var found: [String] = []
        while let step = block.next() {
            let lines = zip(step.lines, step.continues).map { ($1 ? "+" : ">") + $0 }.joined(separator: "/")
            let action: String
            switch step.action {
            case .nothing: action = "idle"
            case .run(let expressions): action = "run \(expressions.count)"
            case .report: action = "report"
            case .wait(let rest): action = "wait \(rest)"
            }
            found.append([action, step.entry ?? "", lines].joined(separator: "|"))
        }
        return found
    }

    @Test func `one line`() {
        #expect(steps("1 + 1") == ["run 1|1 + 1|"])
        #expect(steps("a; b") == ["run 2|a; b|"])
        #expect(steps("# note") == ["idle|# note|"])
        #expect(steps("") == [])
        #expect(steps("   ") == [])
    }

    @Test func `each top-level expression of a pasted block is a step of its own`() {
        let text = "a <- 1\n\n# note\nf <- function() {\n\ta\n}\nf(); a\n\n"
        #expect(
            steps(text, shown: 0) == [
                "run 1|a <- 1|>a <- 1", "idle||>", "idle||># note",
                "run 1|f <- function() {\n\ta\n}|>f <- function() {/+\ta/+}", "run 2|f(); a|>f(); a",
            ])
    }

    @Test func `what is not complete waits`() {
        #expect(steps("f <- function(") == ["wait f <- function(||"])
        #expect(steps("a; f(", shown: 0) == ["run 1|a; f(|>a; f(", "wait f(||"])
        #expect(steps("a\nf(\n1,", shown: 0) == ["run 1|a|>a", "wait f(\n1,||>f(/+1,"])
        #expect(steps("x <- 'a\n") == ["wait x <- 'a\n||"])
    }

    @Test func `a syntax error costs its line, the rest is read anew`() {
        #expect(
            steps("a\nb c\nd", shown: 0) == ["run 1|a|>a", "report|b c|>b c", "run 1|d|>d"])
        #expect(steps(")") == ["report|)|"])
        #expect(steps("if (a) b\nelse d\ne", shown: 0).last == "run 1|e|>e")
    }
}
