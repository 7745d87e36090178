import RRuntime

/// Counts the steps of a long loop and looks for Ctrl-C at every 65,536th.
package struct LongLoop {
    private let context: Context
    private var steps = 0

    package init(_ context: Context) { self.context = context }

    /// - Throws: what `pollInterrupt()` throws when Ctrl-C was pressed.
    @inline(__always)
    package mutating func step() throws {
        steps &+= 1
        if steps & 0xFFFF == 0 { try context.pollInterrupt() }
    }
}
