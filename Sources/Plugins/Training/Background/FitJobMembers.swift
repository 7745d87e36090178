import Diagnostics
import PluginAPI

/// `job$status()`, `job$wait()`, …, `print(job)`, `plot(job)`.
func registerJobMembers(_ luz: Namespace) {
    let methods = jobMethods()
    for access in ["$", "[["] {
        luz.method(access, for: "luz_fit_job", [.value("x"), .value("name")]) { args in
            _ = try job(args, "x")
            let member = try args.string("name")
            if let method = methods[member] { return .object(BoundMethod(.builtin(method), to: args[0])) }
            throw WorkbenchError(
                .name, "a fit in the background has no `\(member)`",
                hint: didYouMean(member, among: Array(methods.keys))
                    ?? methods.keys.inByteOrder().map { "job$\($0)()" }.joined(separator: ", "))
        }
        luz.method("\(access)<-", for: "luz_fit_job", [.value("x"), .value("name"), .value("value")]) { args in
            throw WorkbenchError(
                .value, "a fit in the background is as it was begun: nothing of it can be set",
                hint: "job$stop() ends it, fit_async() begins another one")
        }
    }
    luz.method("names", for: "luz_fit_job", [.value("x")]) { _ in .strings(methods.keys.inByteOrder()) }
    luz.members(of: "luz_fit_job") { value, _ in methods.map { .method($0.key, $0.value, of: value) } }
    luz.method("print", for: "luz_fit_job", [.value("x"), .dots], visible: false) { args in
        let job = try job(args, "x")
        if job.isOver { job.isAnnounced = true }
        args.context.console.write("<luz_fit_job> \(job.number): \(job.line)\n")
        let metrics = lastValues(job)
        if !metrics.isEmpty { args.context.console.write("  \(metrics)\n") }
        return args[0]
    }
    luz.method("plot", for: "luz_fit_job", [.value("x"), .dots], visible: false) { args in
        try plotRecords(try job(args, "x").records, args)
        return .null
    }
    luz.method("get_metrics", for: "luz_fit_job", [.value("object"), .dots]) { args in
        try frame(try job(args, "object"), args.context)
    }
}

private func job(_ args: Arguments, _ name: String) throws -> FitJob {
    if case .object(let object) = try args.required(name), let job = object as? FitJob { return job }
    throw WorkbenchError(
        .type, "`\(name)` must be a fit in the background, not \(args.describe(args[name]))",
        hint: "fit_async() returns one")
}

private func frame(_ job: FitJob, _ context: Context) throws -> Value {
    try metricsFrame(TrainingContext.element(job.records, "metrics") ?? .null, evaluation: false, context)
}

/// "train loss 4.1 · valid loss 4.3 acc 0.12" of the last epoch that has any.
private func lastValues(_ job: FitJob) -> String {
    guard let training = job.training else { return "" }
    return ["train", "valid"].compactMap { set -> String? in
        guard case .list(let list)? = training.metricValues(set), let names = training.metricValues(set)?.names else {
            return nil
        }
        let values = zip(names, list.elements).map { "\($0?.string ?? "") \(Metric.text($1))" }
        return values.isEmpty ? nil : "\(set) " + values.joined(separator: ", ")
    }.joined(separator: "; ")
}

private func jobMethods() -> [String: Builtin] {
    var methods: [String: Builtin] = [:]
    func add(
        _ name: String, _ parameters: [Parameter] = [], help: String, visible: Bool = true,
        _ implementation: @escaping (FitJob, Arguments) throws -> Value
    ) {
        methods[name] = Builtin(
            name, namespace: "luz", [.value("self")] + parameters, help: help, visible: visible
        ) { args in try implementation(try job(args, "self"), args) }
    }
    add("status", help: "State, epoch, batch, seconds so far and seconds left, as a list") { job, _ in
        let training = job.training
        func whole(_ number: Int?) -> Value { number.map { .int($0) } ?? .integer(Vector([nil])) }
        let left = job.isOver ? 0 : job.share.flatMap { $0 > 0 ? job.seconds * (1 - $0) / $0 : nil }
        return .named([
            ("state", .string(job.state.rawValue)), ("epoch", whole(training?.epoch)),
            ("epochs", whole(training?.maxEpochs)),
            ("phase", .string(training?.isTraining ?? true ? "train" : "valid")),
            ("batch", whole(training?.iteration)), ("batches", whole(training?.iterations)),
            ("seconds", .number(job.seconds)), ("seconds_left", .number(left ?? .na)),
        ])
    }
    add("records", help: "Metrics of the epochs so far, as a data frame") { job, args in
        try frame(job, args.context)
    }
    add("output", help: "What it has written so far") { job, _ in .string(job.output) }
    add("pause", help: "Holds it after the batch that is running", visible: false) { job, args in
        guard !job.isOver else { throw over(job) }
        try job.checkCaller(args.context, "pause")
        job.evaluation?.isPaused = true
        return args[0]
    }
    add("resume", help: "Lets it go on after a pause", visible: false) { job, args in
        guard !job.isOver else { throw over(job) }
        job.evaluation?.isPaused = false
        return args[0]
    }
    add(
        "stop",
        help: "Ends it after the batch that is running, as Ctrl-C ends fit(); job$wait() then returns what it has",
        visible: false
    ) { job, args in
        guard !job.isOver else { return args[0] }
        try job.checkCaller(args.context, "stop")
        job.stop()
        _ = try job.evaluation?.wait(args.context)
        job.isAnnounced = true
        return args[0]
    }
    add(
        "wait", [.value("seconds", nil, help: "wait at most so long; NULL: until it is over")],
        help: """
            Waits until it is over and returns the fitted model; NULL if it is not over in time. A job that is paused \
            goes on with job$resume() first, or is waited for so many seconds
            """
    ) { job, args in
        let seconds = args["seconds"].isNull ? nil : try args.real("seconds")
        if let seconds, !(seconds >= 0) {
            throw WorkbenchError(.value, "`seconds` must be 0 or more, not \(args.describe(args["seconds"]))")
        }
        if let seconds {
            guard try job.evaluation?.wait(args.context, seconds: seconds) ?? true else { return .null }
        } else {
            try waitToTheEnd(job, args.context)
        }
        return try job.outcome(args.context)
    }
    return methods
}

/// Waits for as long as it takes, unless it is paused: that would be for ever. What is paused meanwhile may be let go on
/// by another job; when none is left that runs, nobody can.
private func waitToTheEnd(_ job: FitJob, _ context: Context) throws {
    let paused = WorkbenchError(
        .value, "\(job.name) is paused: waiting for it would not end",
        hint: "job$resume() lets it go on, job$stop() ends it; job$wait(10) waits at most 10 seconds")
    if job.state == .paused { throw paused }
    while try !(job.evaluation?.wait(context, seconds: 0.2) ?? true) {
        let others = context.fitJobs.jobs.contains { $0 !== job && ($0.state == .running || $0.state == .stopping) }
        if job.state == .paused, context.background == nil, !others { throw paused }
    }
}

private func over(_ job: FitJob) -> WorkbenchError {
    WorkbenchError(.value, "\(job.name) is over: \(job.line)", hint: "job$wait() returns it")
}
