import Diagnostics
import Testing

/// "did you mean": only what somebody may have meant.
@Suite struct NearestNamesTests {
    @Test(arguments: [
        ("x", ["!", "$", "&", "y", "xs", "X"], ["X"]), ("i", ["!", "j", "if"], []),
        ("in", ["%%", "%in%", "on"], ["on"]),
        ("sqeeze", ["squeeze", "sum"], ["squeeze"]), ("lenght", ["length", "$"], ["length"]),
        ("==", ["=", "a="], ["=", "a="]),
    ])
    func near(_ name: String, _ candidates: [String], _ expected: [String]) {
        #expect(nearestNames(to: name, among: candidates) == expected)
    }
}
