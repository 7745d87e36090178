import Diagnostics
import PluginAPI

/// `dl$name`, and how loaders and passes print: as R torch's, whose loaders are R6 objects.
func registerLoaderMethods(_ registry: Registry) {
    let torch = registry.namespace("torch")
    for name in ["$", "[["] {
        torch.method(name, for: "dataloader", [.value("x"), .value("name")]) { args in
            let loader = try loader(args, "x")
            let name = try args.string("name")
            if let member = try members(loader, args.context).first(where: { $0.name == name }) { return member.value }
            throw WorkbenchError(
                .name, "a dataloader has no field `\(name)`",
                hint: didYouMean(name, among: try members(loader, args.context).map { $0.name }))
        }
        torch.method(name, for: "BaseDataLoaderIter", [.value("x"), .value("name")]) { args in
            let iterator = try pass(args)
            let name = try args.string("name")
            if let member = members(iterator).first(where: { $0.name == name }) { return member.value }
            throw WorkbenchError(.name, "a pass of a dataloader has no field `\(name)`")
        }
    }
    torch.method("names", for: "dataloader", [.value("x")]) { args in
        .strings(try members(try loader(args, "x"), args.context).map { $0.name })
    }
    torch.members(of: "dataloader") { value, context in
        guard case .object(let object) = value, let loader = object as? Dataloader else { return [] }
        return ((try? members(loader, context)) ?? []).map { $0.completion }
    }
    torch.members(of: "BaseDataLoaderIter") { value, _ in
        guard case .object(let object) = value, let iterator = object as? BatchIterator else { return [] }
        return members(iterator).map { $0.completion }
    }
    torch.method("as.list", for: "dataloader", [.value("x"), .dots]) { _ in
        throw WorkbenchError(
            .type, "a dataloader is no vector or list: it hands out one batch after another",
            hint: "coro::loop(for (batch in dl) …), or coro::collect(dl) for a list of all batches")
    }
    torch.method("$<-", for: "dataloader", [.value("x"), .value("name"), .value("value")]) { args in
        let loader = try loader(args, "x")
        switch try args.string("name") {
        case "batch_size", "drop_last", "shuffle", "dataset", "sampler":
            throw WorkbenchError(
                .value, "`\(try args.string("name"))` of a dataloader cannot be changed",
                hint: "make another with dataloader()")
        case "collate_fn": loader.settings.collate = args["value"]
        case "worker_init_fn": loader.settings.workerInit = args["value"]
        case let name:
            loader.settings.others.removeAll { $0.name == name }
            loader.settings.others.append((name, args["value"]))
        }
        return args[0]
    }
    torch.method("print", for: "dataloader", [.value("x"), .dots], visible: false) { args in
        let loader = try loader(args, "x")
        let lines = try members(loader, args.context).ordered { $0.name < $1.name }.map {
            "    \($0.name): \($0.text)\n"
        }
        args.context.console.write("<dataloader>\n  Public:\n" + lines.joined())
        return args[0]
    }
    torch.method("print", for: "BaseDataLoaderIter", [.value("x"), .dots], visible: false) { args in
        let iterator = try pass(args)
        let lines = members(iterator).ordered { $0.name.lowercased() < $1.name.lowercased() }.map {
            "    \($0.name): \($0.text)\n"
        }
        args.context.console.write(
            "<SingleProcessDataLoaderIter>\n  Inherits from: <BaseDataLoaderIter>\n  Public:\n" + lines.joined())
        return args[0]
    }
    for kind in ["utils_sampler_random", "utils_sampler_sequential", "utils_sampler_batch"] {
        torch.method("print", for: kind, [.value("x"), .dots], visible: false) { args in
            let length = (args[0].classes, args[0].length)
            args.context.console.write("<\(length.0.first ?? "")>\n  Inherits from: <utils_sampler>\n")
            return args[0]
        }
    }
}

private func pass(_ args: Arguments) throws -> BatchIterator {
    guard case .object(let object) = args[0], let iterator = object as? BatchIterator else {
        throw WorkbenchError(.type, "not a pass of a dataloader")
    }
    return iterator
}

private struct Member {
    let name: String
    let value: Value
    /// What the listing shows.
    let text: String

    /// As the prompt offers it.
    var completion: Completion {
        let value = value
        return Completion(name) { value }
    }
}

private func classText(_ value: Value) -> String { value.classes.map { $0.string }.joined(separator: ", ") }

private func shown(_ value: Value) -> String {
    if value.isNull { return "NULL" }
    if value.isFunction { return "function" }
    if value.isAtomic, let text = try? value.asCharacters().elements {
        return text.prefix(20).map { $0?.string ?? "NA" }.joined(separator: " ")
    }
    return classText(value)
}

private func head(_ value: Value, _ context: Context, _ otherwise: String) -> String {
    guard value.isFunction else { return otherwise }
    let empty = Closure(value.formals ?? .none, .null, context.globalEnvironment)
    return context.deparse(.closure(empty)).first ?? otherwise
}

private func members(_ loader: Dataloader, _ context: Context) throws -> [Member] {
    let settings = loader.settings
    let dataset = try context.dataset(loader.source)
    let isIterable = loader.source.inherits("iterable_dataset")
    func method(_ name: String, _ body: @escaping Builtin.Implementation) -> Value {
        .builtin(Builtin(name, namespace: "torch", [], body))
    }
    let sampler: Value = loader.sampler.map { .object($0) } ?? .null
    let batches: Value =
        loader.batchSampler.map { .object($0) } ?? (settings.batchSize == nil ? .null : .object(BatchSampler(loader)))
    func plain(_ name: String, _ value: Value) -> Member { Member(name: name, value: value, text: shown(value)) }
    var list = [
        Member(
            name: ".auto_collation", value: .flag(!dataset.makesBatches && settings.batchSize != nil),
            text: "active binding"),
        plain(".dataset_kind", isIterable ? "iterable" : "map"), plain(".has_getbatch", .flag(dataset.makesBatches)),
        Member(name: ".index_sampler", value: settings.batchSize == nil ? sampler : batches, text: "active binding"),
        Member(
            name: ".iter", value: method(".iter") { .object(try loader.makeIterator($0.context)) },
            text: "function () "),
        Member(
            name: ".length", value: method(".length") { _ in loader.count.map { .int($0) } ?? .integer(Vector([nil])) },
            text: "function () "),
        Member(name: "batch_sampler", value: batches, text: shown(batches)),
        plain("batch_size", settings.batchSize.map { .number(Double($0)) } ?? .null),
        Member(name: "clone", value: method("clone") { _ in .object(loader) }, text: "function (deep = FALSE) "),
        Member(
            name: "collate_fn", value: settings.collate, text: head(settings.collate, context, "function (data) ")),
        Member(name: "dataset", value: loader.source, text: classText(loader.source)),
        plain("drop_last", .flag(settings.dropsLast)), plain("generator", .null),
        Member(
            name: "initialize", value: .null,
            text: "function (dataset, batch_size = 1, shuffle = FALSE, sampler = NULL, "),
        plain("multiprocessing_context", .null), plain("num_workers", .number(Double(settings.workers))),
        Member(name: "sampler", value: sampler, text: shown(sampler)),
        Member(
            name: "worker_init_fn", value: settings.workerInit, text: head(settings.workerInit, context, "NULL")),
    ]
    list += settings.others.map { plain($0.name, $0.value) }
    return list
}

private func members(_ iterator: BatchIterator) -> [Member] {
    let loader = iterator.loader
    let settings = loader.settings
    func plain(_ name: String, _ value: Value) -> Member { Member(name: name, value: value, text: shown(value)) }
    func method(_ name: String, _ text: String = "function () ", _ body: @escaping Builtin.Implementation) -> Member {
        Member(name: name, value: .builtin(Builtin(name, namespace: "torch", [], body)), text: text)
    }
    let batches: Value = .object(BatchSampler(loader))
    return [
        plain(".auto_collation", .flag(false)),
        Member(name: ".collate_fn", value: settings.collate, text: "function (data) "),
        Member(name: ".dataset", value: loader.source, text: classText(loader.source)),
        Member(name: ".dataset_fetcher", value: .null, text: "MapDatasetFetcher, BaseDatasetFetcher, R6"),
        plain(".dataset_kind", "map"), plain(".drop_last", .flag(settings.dropsLast)),
        Member(name: ".index_sampler", value: batches, text: classText(batches)),
        method(".iter") { _ in .object(iterator) }, plain(".IterableDataset_len_called", .null),
        method(".length") { _ in loader.count.map { .int($0) } ?? .integer(Vector([nil])) },
        method(".next") { try iterator.next($0.context) ?? .symbol(Symbol.named(".__exhausted__.")) },
        method(".next_data") { try iterator.next($0.context) ?? .symbol(Symbol.named(".__exhausted__.")) },
        method(".next_index") { _ in .null }, plain(".num_workers", .number(Double(settings.workers))),
        plain(".num_yielded", .number(Double(iterator.yielded))), plain(".pin_memory", false),
        method(".sampler_iter") { _ in .null }, plain(".timeout", -1), plain(".worker_globals", .null),
        Member(name: ".worker_init_fn", value: settings.workerInit, text: shown(settings.workerInit)),
        plain(".worker_packages", .null), method("clone", "function (deep = FALSE) ") { _ in .object(iterator) },
        Member(name: "initialize", value: .null, text: "function (loader) "),
    ]
}

/// The batches of a loader as an object: class `utils_sampler_batch`.
private final class BatchSampler: Sampler, @unchecked Sendable {
    private let loader: Dataloader
    init(_ loader: Dataloader) { self.loader = loader }
    override var classNames: [String] { ["utils_sampler_batch"] }
    override var count: Int? { loader.count }
    override func visitReferences(_ visit: (Value) -> Void) { visit(.object(loader)) }
}
