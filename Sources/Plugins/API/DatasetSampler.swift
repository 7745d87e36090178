import Diagnostics
import Tensors

/// The order in which a loader takes items: class `utils_sampler`.
open class Sampler: ForeignObject, @unchecked Sendable {
    /// R class names without `utils_sampler`.
    open var classNames: [String] { [] }
    /// ``classNames``, `utils_sampler`, `R6`.
    public final override var classes: [Text] { classNames.map { Text($0) } + ["utils_sampler", "R6"] }
    /// Number of items of one pass; nil if unknown.
    open var count: Int? { nil }

    /// The whole order of the next pass, counted from 0; draws what it needs. Nil if it only comes one by one.
    open func order(_ context: Context) throws -> [Int]? { nil }

    /// The numbers of the next pass one by one, nil at the end.
    open func iterator(_ context: Context) throws -> () throws -> Int? {
        let order = try order(context) ?? []
        var place = 0
        return {
            guard place < order.count else { return nil }
            place += 1
            return order[place - 1]
        }
    }
}

/// One after the other: class `utils_sampler_sequential`.
public final class SequentialSampler: Sampler, @unchecked Sendable {
    private let size: Int
    /// Of so many items.
    public init(_ size: Int) { self.size = size }
    /// Made from its size.
    public override var savedKind: String? { "sequential sampler" }
    /// Its size.
    public override func savedParts(_ context: Context) throws -> Value { .named([("size", .int(size))]) }
    /// `utils_sampler_sequential`
    public override var classNames: [String] { ["utils_sampler_sequential"] }
    /// All items.
    public override var count: Int? { size }
    /// 0, 1, 2, …
    public override func order(_ context: Context) throws -> [Int]? {
        try MemoryDoor.check(count: size, elementBytes: MemoryLayout<Int>.stride)
        return Array(0..<max(0, size))
    }
}

/// In the order of `torch_randperm`, new for each pass: class `utils_sampler_random`.
public final class RandomSampler: Sampler, @unchecked Sendable {
    private let size: Int
    /// Of so many items.
    public init(_ size: Int) { self.size = size }
    /// Made from its size.
    public override var savedKind: String? { "random sampler" }
    /// Its size.
    public override func savedParts(_ context: Context) throws -> Value { .named([("size", .int(size))]) }
    /// `utils_sampler_random`
    public override var classNames: [String] { ["utils_sampler_random"] }
    /// All items.
    public override var count: Int? { size }
    /// Draws a permutation.
    public override func order(_ context: Context) throws -> [Int]? {
        try context.tensors.generator.randperm(size).toArray(of: Int.self)
    }
}

/// A sampler written in R with `sampler()`: `.iter()` returns an iterator, `.length()` a number.
public final class ScriptedSampler: Sampler, @unchecked Sendable {
    let object: Value
    private let size: Int?

    /// Reads an object with `.iter` and `.length`.
    /// - Throws: when it has no `.iter`.
    public init(_ object: Value, _ context: Context) throws {
        self.object = object
        guard ScriptedSampler.method(".iter", of: object) != nil else {
            throw WorkbenchError(
                .type, "`sampler` must be a sampler, not an object of class <\(object.classes.first?.string ?? "")>",
                hint: "sampler(\"name\", .iter = function() …, .length = function() …)()")
        }
        if let length = ScriptedSampler.method(".length", of: object) {
            let number = try context.call(length, [], call: Call(".length", [])).asDoubles().elements.first
            size = number.flatMap { Int(exactly: $0.rounded(.towardZero)) }
        } else {
            size = nil
        }
    }

    static func method(_ name: String, of object: Value) -> Value? {
        guard case .environment(let members) = object, let method = members.local(Symbol.named(name)),
            method.isFunction
        else { return nil }
        return method
    }

    /// A sampler from its object and size; asks it nothing.
    init(saved parts: Value) throws {
        object = parts.saved("object")
        size = try parts.savedCount("size")
    }

    /// Made from its object.
    public override var savedKind: String? { "sampler" }
    /// Object and size.
    public override func savedParts(_ context: Context) throws -> Value {
        .named([("object", object), ("size", size.map { .int($0) } ?? .null)])
    }

    /// The names of its R class.
    public override var classNames: [String] {
        (object.classAttribute ?? []).map { $0.string }.filter { $0 != "R6" && $0 != "utils_sampler" }
    }
    /// What `.length()` said.
    public override var count: Int? { size }

    /// Numbers one by one from `.iter()`.
    public override func iterator(_ context: Context) throws -> () throws -> Int? {
        let next = try batches(context)
        return {
            guard let numbers = try next() else { return nil }
            guard numbers.count == 1 else {
                throw WorkbenchError(.value, "a sampler must give one number at a time, not \(numbers.count)")
            }
            return numbers[0]
        }
    }

    /// What `.iter()` gives, each as a list of numbers from 0: for batch samplers.
    func batches(_ context: Context) throws -> () throws -> [Int]? {
        guard let method = ScriptedSampler.method(".iter", of: object) else { return { nil } }
        let next = ValueIterator(try context.call(method, [], call: Call(".iter", [])), context).next
        return {
            guard let value = try next() else { return nil }
            let plain = value.asTensor == nil ? value : try arrayFromTensor(value.asTensor ?? Tensor.empty([0]))
            return try plain.asDoubles().elements.map { number in
                guard let whole = Int(exactly: number.rounded(.towardZero)), whole != 0 else {
                    throw WorkbenchError(
                        .value, "a sampler gave \(numberText(number)); items are counted from 1")
                }
                return whole - 1
            }
        }
    }

    /// Its R object.
    public override func visitReferences(_ visit: (Value) -> Void) { visit(object) }
}

extension Registry {
    /// Lets saved sessions make loaders and their samplers again.
    public func addSavedLoaders() {
        func size(_ parts: Value) throws -> Int {
            guard let size = try parts.savedCount("size"), size >= 0 else {
                throw WorkbenchError(.data, "the saved sampler has no size")
            }
            return size
        }
        savedKinds.add("sequential sampler") { parts, _ in SequentialSampler(try size(parts)) }
        savedKinds.add("random sampler") { parts, _ in RandomSampler(try size(parts)) }
        savedKinds.add("sampler") { parts, _ in try ScriptedSampler(saved: parts) }
        savedKinds.add("dataloader") { parts, _ in try Dataloader(saved: parts) }
        savedKinds.add("dataset generator") { parts, _ in try DatasetGenerator(saved: parts) }
    }
}
