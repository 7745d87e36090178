import Glibc

private final class Job {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
}

/// Runs a body on a thread with a stack of a given size, and waits for it.
func runOnDeepStack<Result>(bytes: Int, _ body: @escaping () -> Result) -> Result {
    var result: Result?
    let job = Unmanaged.passRetained(Job { result = body() })
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setstacksize(&attributes, bytes)
    var thread = pthread_t()
    let status = pthread_create(
        &thread, &attributes,
        { argument in
            guard let argument else { return nil }
            Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().body()
            return nil
        }, job.toOpaque())
    pthread_attr_destroy(&attributes)
    if status == 0 {
        pthread_join(thread, nil)
    } else {
        // No such stack to be had (a tight memory limit): the present one has to do.
        job.takeRetainedValue().body()
    }
    guard let result else { fatalError("a body that returns has a result") }
    return result
}
