import Diagnostics
import Tensors

/// A data set as a loader reads it: items by number, counted from 0.
///
/// A data set written in Swift derives from this class and is an R object of class `dataset`: `ds[i]`, `length(ds)` and
/// `dataloader(ds)` work on it. Data sets written in R with `dataset()` reach the loader through one as well.
/// What can be read on other threads is offered by ``stream(_:threads:_:)``; everything else runs in order, holding
/// the evaluator lock.
///
/// For those who write one:
/// - Override ``count`` and ``item(_:_:)``, or ``items(_:_:)`` with ``makesBatches``, or ``iterator(_:)``; register it with
///   `Namespace.dataset`. An item is a tensor, a number or a list of them by name (`x`, `y`); classes count from 1.
/// - Files that were opened are checked: name the file, what was found and what was expected in a `WorkbenchError(.data, …)`.
///   Paths go through `context.resolvedPath(_:)`.
/// - ``source(_:)`` names the files, so that a saved session can say whether they are still the same.
open class Dataset: ForeignObject, @unchecked Sendable {
    /// R class names, most special first, without `dataset`.
    open var classNames: [String] { [] }
    /// ``classNames``, `dataset`, and `dataset_object`, which data sets written in R do not have.
    public final override var classes: [Text] { classNames.map { Text($0) } + ["dataset", "dataset_object"] }
    /// Number of items; nil for one that only goes on to its end.
    open var count: Int? { nil }
    /// R's `length`.
    public final override var length: Int { count ?? 1 }

    /// One item: a tensor, a number, or a list of them.
    /// - Throws: for a number that is not there, and what reading throws.
    open func item(_ index: Int, _ context: Context) throws -> Value {
        throw WorkbenchError(.unsupported, "\(classNames.first ?? "the data set") has no items by number")
    }

    /// Whether ``items(_:_:)`` makes whole batches, as `.getbatch` does in R.
    open var makesBatches: Bool { false }

    /// A whole batch; only asked for if ``makesBatches``.
    open func items(_ indices: [Int], _ context: Context) throws -> Value {
        throw WorkbenchError(.unsupported, "\(classNames.first ?? "the data set") makes no batches")
    }

    /// For data sets without numbers: the items one after another, nil at the end.
    open func iterator(_ context: Context) throws -> (() throws -> Value?)? { nil }

    /// Reads items ahead on other threads in a given order; nil if this data set cannot.
    open func stream(_ order: [Int], threads: Int, _ context: Context) throws -> ItemStream? { nil }

    /// The files it reads, or nil if it reads none.
    open func source(_ context: Context) throws -> DataSource? { nil }

    /// A field that R reads as `ds$name`, or nil.
    open func field(_ name: String, context: Context) throws -> Value? { nil }
    /// Names of fields, for completion and printing.
    open var fieldNames: [String] { [] }
}

extension Dataset {
    /// ``item(_:_:)``; an error on its way out names the plug-in, if that is not in the box, and the item.
    public final func namedItem(_ index: Int, _ context: Context) throws -> Value {
        try naming("item \(index.addingReportingOverflow(1).partialValue)", context) { try item(index, context) }
    }

    /// ``items(_:_:)``; an error on its way out names plug-in and items.
    public final func namedItems(_ indices: [Int], _ context: Context) throws -> Value {
        func shown() -> String {
            indices.prefix(3).map { String($0.addingReportingOverflow(1).partialValue) }.joined(separator: ", ")
                + (indices.count > 3 ? ", …" : "")
        }
        return try naming("items \(shown())", context) { try items(indices, context) }
    }

    /// Runs what the data set does; an error on its way out names its plug-in, if that is not in the box.
    func naming<Result>(_ what: @autoclosure () -> String, _ context: Context, _ body: () throws -> Result) throws
        -> Result
    {
        guard let entry = context.registry.loadedPlugins.plugin(plugin) else { return try body() }
        do {
            return try body()
        } catch {
            guard let error = WorkbenchError(of: error) else { throw error }
            let function = construction?.maker.function.name.name ?? ""
            throw error.passing("\(entry.title), \(function)(), \(what())")
        }
    }
}

extension Namespace {
    /// Adds a data set: a function `cifar10_dataset(root, …)` that makes ``Dataset`` objects.
    public func dataset(
        _ name: String, _ parameters: [Parameter], help: String = "",
        _ make: @escaping (inout Arguments) throws -> Dataset
    ) {
        define(maker(name, parameters, help: help) { args in try make(&args) }, .dataset)
    }
}

/// Items of a data set in an order fixed beforehand, read ahead on threads of its own.
///
/// The part that draws random numbers or runs R is left for ``items(_:_:collated:_:)``, which is called in order.
open class ItemStream {
    /// For subclasses.
    public init() {}

    /// The next items.
    ///
    /// - Parameters:
    ///   - count: How many; at most those left.
    ///   - streams: What to draw from.
    ///   - collated: As one batch by the default rules of collation; else as a list of items.
    open func items(_ count: Int, _ streams: RandomStreams, collated: Bool, _ context: Context) throws -> Value {
        throw WorkbenchError(.fault, "a stream of items without items")
    }

    /// Seconds spent waiting for items so far.
    open var waitedSeconds: Double { 0 }

    /// Ends threads.
    open func cancel() {}
}

/// How data sets that are no ``Dataset`` objects are read: recognisers, the latest registered first.
public final class DatasetReaders: @unchecked Sendable {
    /// Makes a reader of a value, or nil if it is of another kind.
    public typealias Reader = (Value, Context) throws -> Dataset?
    private var readers: [Reader] = []

    /// Adds a recogniser.
    public func add(_ reader: @escaping Reader) { readers.append(reader) }

    /// The data set behind a value, or nil if no recogniser knows it.
    public func find(_ value: Value, _ context: Context) throws -> Dataset? { try dataset(value, context) }

    func dataset(_ value: Value, _ context: Context) throws -> Dataset? {
        for reader in readers.reversed() {
            if let dataset = try reader(value, context) { return dataset }
        }
        return nil
    }
}

extension Registry {
    /// Recognisers of data sets.
    public var datasetReaders: DatasetReaders { shelf(DatasetReaders.self) { DatasetReaders() } }
}

extension Context {
    /// The data set behind an R value.
    /// - Throws: R torch's `Unknown dataset type` for anything else.
    public func dataset(_ value: Value) throws -> Dataset {
        if case .object(let object) = value, let dataset = object as? Dataset { return dataset }
        if let dataset = try registry.datasetReaders.dataset(value, self) { return dataset }
        if case .environment(let members) = value, value.inherits("dataset") || value.inherits("iterable_dataset") {
            return ScriptedDataset(members)
        }
        throw WorkbenchError(
            .type, "Unknown dataset type with class <\(value.classes.first?.string ?? "unknown")>",
            hint: "a data set comes from dataset(…)(), tensor_dataset(…), image_folder_dataset(…) and the like")
    }
}

/// A data set whose methods are R functions.
public final class ScriptedDataset: Dataset, @unchecked Sendable {
    private let members: Environment

    /// Reads an object made by a class of `dataset()` or `iterable_dataset()`.
    public init(_ members: Environment) {
        self.members = members
        size = nil
        super.init()
    }

    private var size: Int?
    private var isSized = false

    /// A method, or nil.
    private func method(_ name: String) -> Value? {
        guard let value = members.local(Symbol.named(name)), value.isFunction else { return nil }
        return value
    }

    /// The first class of the object.
    public override var classNames: [String] {
        (Value.environment(members).classAttribute ?? []).map { $0.string }.filter { $0 != "R6" && $0 != "dataset" }
    }

    /// Asks `.length()` once.
    /// - Throws: when there is none, or it is no number.
    public func askCount(_ context: Context) throws -> Int? {
        if isSized { return size }
        guard let method = method(".length") else {
            if self.method(".iter") != nil { return nil }
            throw WorkbenchError(
                .value, "the data set has no .length method", hint: "dataset(…, .length = function() …)")
        }
        let value = try context.call(method, [], call: Call(".length", []))
        guard value.isAtomic, value.length == 1, value.typeName != "character",
            let number = try value.asDoubles().elements.first, number >= 0 || number.isNaN
        else {
            throw WorkbenchError(.type, ".length() must return one number, not \(context.deparse(value).first ?? "")")
        }
        size = Int(exactly: number.rounded(.towardZero))
        isSized = true
        return size
    }

    /// What ``askCount(_:)`` found.
    public override var count: Int? { size }

    /// Calls `.getitem`.
    public override func item(_ index: Int, _ context: Context) throws -> Value {
        if let method = method(".getitem") {
            return try context.call(
                method, [Argument(.int(index + 1))], call: Call(".getitem", [.int(index + 1)]))
        }
        if makesBatches { return try items([index], context) }
        throw WorkbenchError(
            .value, "the data set has neither .getitem nor .getbatch",
            hint: "dataset(…, .getitem = function(i) …, .length = function() …)")
    }

    /// There is a `.getbatch`.
    public override var makesBatches: Bool { method(".getbatch") != nil }

    /// Calls `.getbatch`.
    public override func items(_ indices: [Int], _ context: Context) throws -> Value {
        guard let method = method(".getbatch") else { return try super.items(indices, context) }
        let index = Value.ints(indices.map { $0 + 1 })
        return try context.call(method, [Argument(index)], call: Call(".getbatch", [index]))
    }

    /// Calls `.iter` and goes through what it returns.
    public override func iterator(_ context: Context) throws -> (() throws -> Value?)? {
        guard Value.environment(members).inherits("iterable_dataset"), let method = method(".iter") else { return nil }
        let source = try context.call(method, [], call: Call(".iter", []))
        return ValueIterator(source, context).next
    }

    /// Its members.
    public override func visitReferences(_ visit: (Value) -> Void) { visit(.environment(members)) }
}

/// Goes through an R iterator (a function that returns the symbol `.__exhausted__.` at the end) or a vector.
struct ValueIterator {
    /// The next value, nil at the end.
    let next: () throws -> Value?

    init(_ source: Value, _ context: Context) {
        if source.isFunction {
            next = {
                let value = try context.call(source, [], call: Call("iterator", []))
                if case .symbol(let symbol) = value, symbol.name == ".__exhausted__." { return Optional<Value>.none }
                return value
            }
            return
        }
        var place = 0
        next = {
            guard place < source.length else { return Optional<Value>.none }
            place += 1
            return try context.call("[[", [Argument(source), Argument(.int(place))])
        }
    }
}
