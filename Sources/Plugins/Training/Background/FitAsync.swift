import Diagnostics
import PluginAPI

/// `fit_async()`, `fit_jobs()`, and what the session says and asks about jobs.
func registerBackgroundFits(_ luz: Namespace, _ registry: Registry) {
    luz.function(
        "fit_async", fitParameters(verbose: "keep progress for job$output()"),
        help: """
            fit() in the background: the prompt lives on while it trains. Returns a job: job$status(), job$records(), \
            plot(job), job$pause(), job$resume(), job$stop(), job$wait(). Same numbers as fit() with the same seed
            """
    ) { args in
        guard args.dots.isEmpty else { throw unexpectedDots(args) }
        guard args.context.background == nil else {
            throw WorkbenchError(.value, "a fit in the background cannot begin another one")
        }
        let jobs = args.context.fitJobs
        let job = jobs.add()
        do { try job.start(args) } catch {
            jobs.remove(job)
            throw error
        }
        return .object(job)
    }
    luz.function("fit_jobs", [], help: "The fits in the background: running ones, and those nobody has asked about") {
        args in
        .items(args.context.fitJobs.jobs.map { .object($0) })
    }
    registerJobMembers(luz)
    registry.sessionHooks.afterTopLevelCall.append(announce)
    registry.sessionHooks.beforeQuit.append(askAboutJobs)
    registry.sessionHooks.atEnd.append(leaveJobs)
}

/// Says once of each job that it is over.
private func announce(_ context: Context) {
    for job in context.fitJobs.jobs where job.isOver && !job.isAnnounced {
        job.isAnnounced = true
        context.console.writeError("\(job.name) in the background: \(job.line); job$wait() returns it\n")
    }
}

/// `q()` while fits run: asks.
private func askAboutJobs(_ context: Context) throws -> Bool {
    let running = context.fitJobs.jobs.filter { !$0.isOver }
    guard !running.isEmpty, let read = context.console.readLine else { return true }
    let list = running.map { "\($0.name) is \($0.line)" }.joined(separator: "; ")
    let answer = try read("\(list). Leave anyway? [y/n]: ") ?? "y"
    return answer.lowercased().first == "y"
}

/// The session ends: fits that run save what must not be lost, and end.
private func leaveJobs(_ context: Context) throws {
    let running = context.fitJobs.jobs.filter { !$0.isOver }
    for job in running {
        context.console.writeError(
            "\(job.name) in the background was \(job.line): ended with the session (job$wait() waits for it)\n")
        job.evaluation?.leave()
    }
    let end = monotonicSeconds() + 10
    for job in running { _ = try? job.evaluation?.wait(context, seconds: max(0, end - monotonicSeconds())) }
}
