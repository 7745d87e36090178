import PluginAPI
import Session
import TestSupport
import Testing

/// Built-ins that take long for long vectors end when Ctrl-C is pressed.
@Suite(.serialized) struct InterruptionTests {
    /// The key counts as pressed before the call, whose arguments are ready: only the built-in itself can notice.
    @Test(arguments: [
        "sort(x)", "order(x)", "order(x, x)", "sort(words)", "rank(x)", "unique(x)", "duplicated(words)", "match(x, x)",
        "x %in% x", "factor(i)", "union(x, x)", "as.character(x)", "as.character(i)", "paste(i)", "paste(words, words)",
        "strsplit(text, ' ')", "strsplit(text, ' ', fixed = TRUE)", "gsub('a', 'b', text)", "Reduce('+', i)",
        "combn(20, 3, FUN = sum)", "mapply('+', i, i)", "write.csv(frame, '/dev/null')", "saveRDS(x, '/dev/null')",
    ])
    func stops(_ code: String) {
        let output = CapturedOutput()
        let session = makeSession(capturing: output)
        var pressed: Int32 = 0
        withUnsafeMutablePointer(to: &pressed) { flag in
            session.context.interruptFlag = flag
            let outcome = session.onDeepStack {
                _ = session.run(
                    """
                    set.seed(1); x <- runif(1e5); i <- 1:100000; words <- as.character(i); frame <- data.frame(i, x)
                    text <- strrep("a ", 1e5)
                    """)
                flag.pointee = 1
                return session.run("y <- \(code)")
            }
            #expect(outcome == .interrupted, "\(output.take().error)")
            #expect(flag.pointee == 0)
            session.context.interruptFlag = nil
        }
    }
}
