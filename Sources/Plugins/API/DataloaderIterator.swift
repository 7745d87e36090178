import Diagnostics
import Glibc
import Tensors

/// One pass of a loader: batches one after another.
///
/// Reading runs ahead on threads where the data set can; what draws random numbers runs when the batch is asked for, in
/// the order of the items.
public final class BatchIterator: ForeignObject, @unchecked Sendable {
    /// The loader.
    public let loader: Dataloader
    /// Batches handed out so far.
    public private(set) var yielded = 0
    /// Seconds spent on waiting for batches and on making them, reading ahead not counted.
    public private(set) var spentSeconds = 0.0

    private let dataset: Dataset
    private var stream: ItemStream?
    private var nextIndices: () throws -> [Int]?
    private var nextItem: (() throws -> Value?)?
    private var workers: [RandomStreams] = []

    /// Begins a pass.
    ///
    /// - Parameter skipped: Batches taken as handed out already: they are passed over without being read, where the data
    ///   set has items by number.
    init(_ loader: Dataloader, skipping skipped: Int = 0, _ context: Context) throws {
        self.loader = loader
        dataset = try context.dataset(loader.source)
        nextIndices = { nil }
        super.init()
        let settings = loader.settings
        for worker in 0..<settings.workers {
            let seed = context.random.sample(1_000_000, 1, replace: false)[0] + 1
            workers.append(
                RandomStreams(
                    torch: Generator(seed: UInt64(seed)), base: RRandom(seed: Int32(truncatingIfNeeded: seed))))
            if settings.workerInit.isFunction {
                try withStreams(of: worker, context) {
                    _ = try context.call(settings.workerInit, [Argument(.int(worker + 1))])
                }
            }
        }
        if loader.source.inherits("iterable_dataset") || loader.sampler == nil && loader.batchSampler == nil {
            nextItem = try dataset.naming("iterator", context) { try dataset.iterator(context) }.map { [dataset] next in
                { try dataset.naming("the next item", context) { try next() } }
            }
            if nextItem == nil {
                throw WorkbenchError(.value, "the iterable dataset has no .iter method")
            }
            let (items, _) = skipped.multipliedReportingOverflow(by: settings.batchSize ?? 1)
            var passed = 0
            while passed < items, try nextItem?() != nil { passed += 1 }
            yielded = skipped
            return
        }
        yielded = skipped
        if let batches = loader.batchSampler {
            nextIndices = try batches.batches(context)
            try pass(skipped)
            return
        }
        guard let sampler = loader.sampler else { return }
        let size = settings.batchSize ?? 1
        let (passed, isTooMany) = skipped.multipliedReportingOverflow(by: size)
        if var order = try sampler.order(context) {
            if settings.dropsLast, settings.batchSize != nil { order.removeLast(order.count % size) }
            order.removeFirst(isTooMany ? order.count : min(passed, order.count))
            if !dataset.makesBatches {
                stream = try dataset.stream(order, threads: settings.workers, context)
            }
            var place = 0
            nextIndices = {
                guard place < order.count else { return nil }
                let end = min(place + size, order.count)
                defer { place = end }
                return Array(order[place..<end])
            }
        } else {
            let next = try sampler.iterator(context)
            nextIndices = {
                var indices: [Int] = []
                while indices.count < size, let index = try next() { indices.append(index) }
                if indices.isEmpty || settings.dropsLast && indices.count < size && settings.batchSize != nil {
                    return nil
                }
                return indices
            }
            try pass(skipped)
        }
    }

    /// Passes over batches, at most to the end.
    private func pass(_ count: Int) throws {
        var passed = 0
        while passed < count, try nextIndices() != nil { passed += 1 }
    }

    deinit { stream?.cancel() }

    /// The random streams of the workers, empty without workers: for checkpoints.
    public func workerStates() throws -> [Value] {
        try workers.map { .named([("torch", .tensor(try $0.torch.stateTensor())), ("base", $0.base.state)]) }
    }

    /// Lets the workers go on from ``workerStates()``.
    /// - Throws: when there are more or fewer of them, or these are no states.
    public func restoreWorkers(_ states: [Value]) throws {
        guard states.count == workers.count else {
            throw WorkbenchError(
                .value,
                "the checkpoint was written with num_workers = \(states.count), the loader has \(workers.count)",
                hint: "their random numbers are their own; go on with as many")
        }
        for (worker, state) in zip(workers, states) {
            guard let torch = TrainingContext.element(state, "torch")?.asTensor,
                let base = TrainingContext.element(state, "base")
            else { throw WorkbenchError(.data, "the checkpoint's random streams of the workers are broken") }
            try worker.torch.restore(torch)
            try worker.base.restore(base)
        }
    }

    /// R torch's classes of an iterator.
    public override var classes: [Text] { ["SingleProcessDataLoaderIter", "BaseDataLoaderIter", "R6"] }

    /// Seconds of ``spentSeconds`` in which reading was not ready.
    public var waitedSeconds: Double { stream?.waitedSeconds ?? 0 }

    /// The next batch, or nil after the last.
    /// - Throws: what reading, transforms or collation throw; with workers, `Error when getting dataset item.`
    public func next(_ context: Context) throws -> Value? {
        let begin = monotonicSeconds()
        defer { spentSeconds += monotonicSeconds() - begin }
        let batch: Value?
        if workers.isEmpty {
            batch = try make(context.randomStreams, context)
        } else {
            let worker = yielded % workers.count
            batch = try context.wrappingItemErrors(worker: worker) {
                try withStreams(of: worker, context) { try make(context.randomStreams, context) }
            }
        }
        if batch != nil { yielded += 1 } else { finish() }
        return batch
    }

    /// Ends reading ahead; nothing comes after it.
    public func finish() {
        stream?.cancel()
        stream = nil
        nextIndices = { nil }
        nextItem = { nil }
    }

    private func make(_ streams: RandomStreams, _ context: Context) throws -> Value? {
        let settings = loader.settings
        if nextItem != nil, loader.sampler == nil, loader.batchSampler == nil { return try makeFromIterator(context) }
        guard let indices = try nextIndices() else { return nil }
        let isSingle = settings.batchSize == nil && loader.batchSampler == nil
        let collate = settings.collate
        if !isSingle, dataset.makesBatches {
            let batch = try dataset.namedItems(indices, context)
            return collate.isNull ? try Collation.converted(batch, context) : try called(collate, batch, context)
        }
        if !isSingle, let reading = try stream ?? dataset.stream(indices, threads: settings.workers, context) {
            let batch = try dataset.naming("a batch", context) {
                try reading.items(indices.count, streams, collated: collate.isNull, context)
            }
            return collate.isNull ? batch : try called(collate, batch, context)
        }
        if isSingle {
            let item: Value
            if let stream, case .list(let list) = try stream.items(1, streams, collated: false, context) {
                item = list.elements.first ?? .null
            } else {
                item = try dataset.namedItem(indices[0], context)
            }
            return collate.isNull ? try Collation.converted(item, context) : try called(collate, item, context)
        }
        var items: [Value] = []
        items.reserveCapacity(indices.count)
        for index in indices {
            try context.pollInterrupt()
            items.append(try dataset.namedItem(index, context))
        }
        return collate.isNull ? try Collation.batch(items, context) : try called(collate, .items(items), context)
    }

    private func makeFromIterator(_ context: Context) throws -> Value? {
        let settings = loader.settings
        let collate = settings.collate
        guard let next = nextItem else { return nil }
        guard let size = settings.batchSize else {
            guard let item = try next() else { return nil }
            return collate.isNull ? try Collation.converted(item, context) : try called(collate, item, context)
        }
        var items: [Value] = []
        while items.count < size, let item = try next() {
            try context.pollInterrupt()
            items.append(item)
        }
        if items.isEmpty || settings.dropsLast && items.count < size { return nil }
        return collate.isNull ? try Collation.batch(items, context) : try called(collate, .items(items), context)
    }

    private func called(_ function: Value, _ argument: Value, _ context: Context) throws -> Value {
        try context.call(function, [Argument(argument)], call: Call("collate_fn", [.symbol(Symbol.named("data"))]))
    }

    /// Runs a body, R code included, with a worker's streams in the place of the session's.
    private func withStreams<Result>(of worker: Int, _ context: Context, _ body: () throws -> Result) throws -> Result {
        let own = context.randomStreams
        let (torch, base) = (own.torch.stateBytes, own.base.state)
        let streams = workers[worker]
        try own.torch.restore(streams.torch.stateBytes)
        try own.base.restore(streams.base.state)
        defer {
            try? streams.torch.restore(own.torch.stateBytes)
            try? streams.base.restore(own.base.state)
            try? own.torch.restore(torch)
            try? own.base.restore(base)
        }
        return try body()
    }

    /// The loader.
    public override func visitReferences(_ visit: (Value) -> Void) { visit(.object(loader)) }
}
