import PluginAPI

/// Runs a body on a thread with a stack of a given size, and waits for it.
func runOnDeepStack<Result>(bytes: Int, _ body: @escaping () -> Result) -> Result {
    var result: Result?
    switch EvaluatorThread.start(stackBytes: bytes, detached: false, { result = body() }) {
    case .success(let thread): thread.join()
    // No such stack to be had (a tight memory limit): the present one has to do.
    case .failure: result = body()
    }
    guard let result else { fatalError("a body that returns has a result") }
    return result
}
