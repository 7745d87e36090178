import Diagnostics
import Tensors

/// Goes through a data set in batches: class `dataloader`.
public final class Dataloader: ForeignObject, @unchecked Sendable {
    /// How a loader works; the arguments of R's `dataloader()`.
    public struct Settings {
        /// Items a batch; nil hands out single items.
        public var batchSize: Int? = 1
        /// A new order for each pass.
        public var shuffles = false
        /// Leaves out a last batch that is not full.
        public var dropsLast = false
        /// Workers: threads that read, each with random streams of its own; 0 draws from the session's.
        public var workers = 0
        /// R function from a list of items to a batch, or `NULL` for the default rules.
        public var collate = Value.null
        /// R function called with the number of each worker at the start of a pass, or `NULL`.
        public var workerInit = Value.null
        /// The argument `sampler` as given, or `NULL`.
        public var sampler = Value.null
        /// The argument `batch_sampler` as given, or `NULL`.
        public var batchSampler = Value.null
        /// Arguments that are kept to be shown and have no effect.
        public var others: [(name: String, value: Value)] = []

        /// R's defaults.
        public init() {}
    }

    /// The data set as R has it.
    public let source: Value
    /// How it works.
    public var settings: Settings
    /// The order of items; nil for a data set without numbers or with a batch sampler.
    public private(set) var sampler: Sampler?
    /// The batches, if given.
    public private(set) var batchSampler: ScriptedSampler?
    /// Number of items of the data set when the loader was made.
    private let itemCount: Int?

    /// Checks a data set and settings.
    /// - Throws: for what is no data set, no sampler, or a batch size below 1.
    public init(_ source: Value, _ settings: Settings, _ context: Context) throws {
        let dataset = try context.dataset(source)
        self.source = source
        self.settings = settings
        if let scripted = dataset as? ScriptedDataset {
            itemCount = try scripted.askCount(context)
        } else {
            itemCount = dataset.count
            if let count = itemCount, count < 0 {
                let name = dataset.classes.first?.string ?? "dataset"
                throw WorkbenchError(
                    .value, "`count` of the data set <\(name)> is \(count): it must be 0 or more",
                    hint: "nil is for data that have no count")
            }
        }
        if let size = settings.batchSize, size < 1 {
            throw WorkbenchError(.value, "batch_size must be at least 1, not \(size)")
        }
        if settings.workers < 0 {
            throw WorkbenchError(.value, "num_workers must be 0 or more, not \(settings.workers)")
        }
        if settings.workers > Dataloader.mostWorkers {
            throw WorkbenchError(
                .value, "num_workers must be \(Dataloader.mostWorkers) at most, not \(settings.workers)",
                hint: "more workers than the processor has cores read no faster")
        }
        super.init()
        let isIterable = try isIterable(dataset)
        if isIterable, settings.workers > 0 {
            throw WorkbenchError(
                .unsupported, "an iterable dataset cannot be shared by workers", hint: "num_workers = 0")
        }
        if case .environment = settings.batchSampler {
            batchSampler = try ScriptedSampler(settings.batchSampler, context)
        } else if !isIterable {
            switch settings.sampler {
            case .object(let object) where object is Sampler: sampler = object as? Sampler
            case .environment: sampler = try ScriptedSampler(settings.sampler, context)
            default:
                let count = itemCount ?? 0
                // As in R torch, shuffling goes before a sampler that is none.
                guard settings.sampler.isNull || settings.shuffles else {
                    _ = try ScriptedSampler(settings.sampler, context)
                    break
                }
                sampler = settings.shuffles ? RandomSampler(count) : SequentialSampler(count)
            }
        }
    }

    // MARK: Saved sessions

    /// A loader is made from its data set and settings.
    public override var savedKind: String? { "dataloader" }

    /// Data set, settings, order of the items.
    public override func savedParts(_ context: Context) throws -> Value {
        .named([
            (".source", source), ("batch_size", settings.batchSize.map { .int($0) } ?? .null),
            ("shuffle", .flag(settings.shuffles)), ("drop_last", .flag(settings.dropsLast)),
            ("workers", .int(settings.workers)), ("collate", settings.collate), ("init", settings.workerInit),
            ("sampler", settings.sampler), ("batch_sampler", settings.batchSampler),
            ("others", .named(settings.others)), ("count", itemCount.map { .int($0) } ?? .null),
            ("order", sampler.map { .object($0) } ?? .null),
            ("batches", batchSampler.map { .object($0) } ?? .null), ("marks", .int(marks)),
        ])
    }

    /// A loader from what ``savedParts(_:)`` gave; asks the data set nothing.
    public init(saved parts: Value) throws {
        source = parts.saved(".source")
        settings = Settings()
        settings.batchSize = try parts.savedCount("batch_size")
        settings.shuffles = parts.savedFlag("shuffle")
        settings.dropsLast = parts.savedFlag("drop_last")
        settings.workers = try parts.savedCount("workers") ?? 0
        settings.collate = parts.saved("collate")
        settings.workerInit = parts.saved("init")
        settings.sampler = parts.saved("sampler")
        settings.batchSampler = parts.saved("batch_sampler")
        settings.others = parts.saved("others").namedItems
        itemCount = try parts.savedCount("count")
        guard settings.batchSize ?? 1 >= 1, 0...Dataloader.mostWorkers ~= settings.workers else {
            throw WorkbenchError(.data, "the saved loader has impossible settings")
        }
        if !parts.saved("order").isNull { sampler = try parts.saved("order", as: Sampler.self) }
        if !parts.saved("batches").isNull { batchSampler = try parts.saved("batches", as: ScriptedSampler.self) }
        super.init()
        marks = try parts.savedCount("marks") ?? 0
    }

    /// Each worker has two random generators, seeded anew for each pass: a million of them take longer than the data.
    private static let mostWorkers = 1024

    private func isIterable(_ dataset: Dataset) throws -> Bool {
        if source.inherits("iterable_dataset") { return true }
        return dataset.count == nil && !(dataset is ScriptedDataset)
    }

    /// Fits that have marked it as theirs: luz changes the loader it is given, one more class each time. Here only under
    /// `options(workbench.as_published = TRUE)`.
    public var marks = 0

    /// `dataloader`, `R6`
    public override var classes: [Text] { Array(repeating: "device_dataloader", count: marks) + ["dataloader", "R6"] }

    /// Number of batches of a pass; nil if unknown.
    public var count: Int? {
        if let batchSampler { return batchSampler.count }
        guard let items = sampler?.count ?? (source.inherits("iterable_dataset") ? itemCount : nil) else { return nil }
        guard let size = settings.batchSize else { return items }
        return settings.dropsLast ? items / size : items / size + (items % size == 0 ? 0 : 1)
    }

    /// R's `length`.
    public override var length: Int { count ?? 1 }

    /// Begins a pass; the order of a shuffled one is drawn now.
    ///
    /// - Parameter skipped: Batches to pass over, without reading them where the data set has items by number. What they
    ///   would have drawn is not drawn.
    public func makeIterator(skipping skipped: Int = 0, _ context: Context) throws -> BatchIterator {
        try BatchIterator(self, skipping: skipped, context)
    }

    /// The data set and the R functions it calls.
    public override func visitReferences(_ visit: (Value) -> Void) {
        visit(source)
        visit(settings.collate)
        visit(settings.workerInit)
        visit(settings.sampler)
        visit(settings.batchSampler)
        if let sampler { visit(.object(sampler)) }
        if let batchSampler { visit(.object(batchSampler)) }
        for other in settings.others { visit(other.value) }
    }
}
