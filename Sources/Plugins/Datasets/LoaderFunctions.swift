import Diagnostics
import PluginAPI

/// `dataloader()` and what goes through one.
func registerDataloader(_ registry: Registry) {
    let torch = registry.namespace("torch")
    torch.function(
        "dataloader",
        [
            .value("dataset", help: "what is read"),
            .value("batch_size", 1, help: "items a batch; NULL for single items"),
            .value("shuffle", false, help: "a new order for each pass"),
            .value("sampler", nil, help: "order of items, of sampler(…)()"),
            .value("batch_sampler", nil, help: "order of batches: a sampler that gives vectors"),
            .value("num_workers", 0, help: "threads with random streams of their own"),
            .value("collate_fn", nil, help: "function from a list of items to a batch"),
            .value("pin_memory", false, help: "no effect"),
            .value("drop_last", false, help: "leaves out a last batch that is not full"),
            .value("timeout", -1, help: "no effect"), .value("worker_init_fn", nil, help: "function(worker)"),
            .value("worker_globals", nil, help: "no effect: workers see everything"),
            .value("worker_packages", nil, help: "no effect"),
        ], help: "Goes through a data set in batches: coro::loop(for (batch in dl) …)"
    ) { args in
        var settings = Dataloader.Settings()
        if case .double(let size) = args["batch_size"], size.count == 1, size[0] != size[0].rounded() {
            throw WorkbenchError(.value, "`batch_size` must be a whole number, not \(numberText(size[0]))")
        }
        settings.batchSize = args["batch_size"].isNull ? nil : try args.int("batch_size")
        settings.shuffles = try args.flag("shuffle")
        settings.dropsLast = try args.flag("drop_last")
        settings.workers = try args.int("num_workers")
        for name in ["collate_fn", "worker_init_fn"] where !args[name].isNull && !args[name].isFunction {
            throw WorkbenchError(.type, "`\(name)` must be a function, not \(args.describe(args[name]))")
        }
        settings.collate = args["collate_fn"]
        settings.workerInit = args["worker_init_fn"]
        settings.sampler = args["sampler"]
        settings.batchSampler = args["batch_sampler"]
        settings.others = ["pin_memory", "timeout", "worker_globals", "worker_packages"].map { ($0, args[$0]) }
        return .object(try Dataloader(try args.required("dataset"), settings, args.context))
    }
    torch.function("dataloader_make_iter", [.value("dataset", help: "a dataloader")], help: "Begins a pass") { args in
        .object(try loader(args, "dataset").makeIterator(args.context))
    }
    torch.function(
        "dataloader_next", [.value("iter"), .value("completed", nil, help: "what comes after the last batch")],
        help: "The next batch of a pass"
    ) { args in
        guard case .object(let object) = args[0], let iterator = object as? BatchIterator else {
            throw WorkbenchError(
                .type, "`iter` must be what dataloader_make_iter() returns, not \(args.describe(args[0]))")
        }
        return try iterator.next(args.context) ?? args["completed"]
    }
    torch.function("is_dataloader", [.value("x")], help: "Whether a value is a dataloader") { args in
        guard case .object(let object) = args[0] else { return false }
        return .flag(object is Dataloader)
    }
    torch.method("as_iterator", for: "dataloader", [.value("x")]) { args in
        let iterator = try loader(args, "x").makeIterator(args.context)
        return .builtin(
            Builtin("iterator", namespace: "torch", [], help: "The next batch") { inner in
                try iterator.next(inner.context) ?? .symbol(Symbol.named(".__exhausted__."))
            })
    }
    torch.method("length", for: "dataloader", [.value("x")]) { args in
        try loader(args, "x").count.map { .int($0) } ?? .integer(Vector([nil]))
    }
}

/// The loader in an argument.
func loader(_ args: Arguments, _ name: String) throws -> Dataloader {
    guard case .object(let object) = try args.required(name), let loader = object as? Dataloader else {
        throw WorkbenchError(
            .type, "`\(name)` must be a dataloader, not \(args.describe(args[name]))",
            hint: "dataloader(ds, batch_size = 32) makes one")
    }
    return loader
}
