import Diagnostics
import Tensors

extension Checks {
    /// Checks a transform: an R function of one image.
    ///
    /// It must take a tensor [3, 16, 16] of numbers from 0 to 1, or an array of 16 × 16 × 3; leave it as it is; give
    /// finite numbers; draw only from `torch_manual_seed()` and `set.seed()`, so that the same seeds give the same
    /// result; and, where loaders can run it without the interpreter, do the same there.
    /// - Parameters:
    ///   - function: `function(img) …`, `transform_random_erasing`, a chain.
    ///   - image: What it is tried on, if neither of the two will do.
    /// - Throws: an error of kind `.plugin` for the first thing that is wrong.
    @discardableResult
    public func transform(_ function: Value, image: Value? = nil, as subject: String) throws -> Report {
        try running(subject) {
            guard function.isFunction else { throw fail(subject, "a transform is a function of an image") }
            note("\(subject): apply")
            let (image, before, first) = try firstResult(of: function, on: image, subject)
            guard let result = try elements(of: first) else {
                throw fail(subject, "the result is a value of type '\(first.typeName)', not an image")
            }
            guard first.isTensor ? !result.shape.isEmpty : first.dim != nil else {
                let length = result.numbers.count
                throw fail(
                    subject,
                    "the result is \(first.isTensor ? "a tensor without sizes" : "\(length) number\(length == 1 ? "" : "s") without dim"), not an image",
                    hint: "a tensor [C, H, W], or an array [H, W, C]")
            }
            guard try elements(of: image)?.numbers == before?.numbers else {
                throw fail(
                    subject, "it changes the image that it is given",
                    hint: "img$clone() first, or operations that return a new tensor")
            }
            if result.numbers.contains(where: { !$0.isFinite }) {
                throw fail(subject, "the result has elements that are not finite for an image of numbers from 0 to 1")
            }
            let again = try elements(of: try apply(function, image))
            guard again?.numbers == result.numbers, again?.shape == result.shape else {
                throw fail(
                    subject, "two results with the same seeds differ",
                    hint: "draw with torch_rand() or runif() (RandomStreams in Swift), not from the clock or the system"
                )
            }
            try checkStreams(function, image, subject)
            var facts = [
                "image \(text(before?.shape ?? [])), result \(text(result.shape))", "the same with the same seeds",
            ]
            if let chain = TransformChain(function, context) {
                seed()
                note("\(subject): apply in a loader")
                let other = try elements(of: try chain.apply(image, context.randomStreams, context))
                guard other?.numbers == result.numbers else {
                    throw fail(subject, "in a loader it does something else than called as a function")
                }
                facts.append("loaders run it without the interpreter, with the same result")
            }
            return Report(subject: subject, facts: facts)
        }
    }

    /// Another seed before must be another state behind: what seeds for itself gives every image the same, and whatever
    /// draws after it as well.
    private func checkStreams(_ function: Value, _ image: Value, _ subject: String) throws {
        var torch: [[UInt8]] = []
        var base: [Value] = []
        for offset in [0, 1] as [UInt64] {
            seed(offset)
            _ = try context.call(function, [Argument(image)])
            torch.append(context.tensors.generator.stateBytes)
            base.append(context.random.state)
        }
        for (isSame, name) in [
            (torch[0] == torch[1], "torch_manual_seed()"),
            (try base[0].asDoubles().elements == base[1].asDoubles().elements, "set.seed()"),
        ] where isSame {
            throw fail(
                subject, "it sets the seed of \(name): every image would get the same numbers",
                hint: "leave seeds to the session, and draw only")
        }
    }

    private func seed(_ offset: UInt64 = 0) {
        context.tensors.generator.seed(Checks.seed + offset)
        context.random.seed(Int32(Checks.seed + offset))
    }

    private func apply(_ function: Value, _ image: Value) throws -> Value {
        seed()
        return try context.call(function, [Argument(image)])
    }

    private typealias Elements = (shape: [Int], numbers: [Double])

    /// The first image that the function takes, its elements before, and what the function makes of it.
    private func firstResult(
        of function: Value, on given: Value?, _ subject: String
    ) throws -> (image: Value, before: Elements?, result: Value) {
        func applied(_ image: Value) throws -> (image: Value, before: Elements?, result: Value) {
            let before = try elements(of: image)
            return (image, before, try apply(function, image))
        }
        if let given { return try applied(given) }
        seed()
        let generator = context.tensors.generator
        let tensor = Value.tensor(try generator.rand([3, 16, 16]))
        let array = Value.numbers(try generator.rand([16 * 16 * 3]).doubles).setting(
            Symbol.dim, .ints([16, 16, 3]))
        let first = try attempt(subject) { try applied(tensor) }
        if case .failure = first, case .success(let result) = try attempt(subject, { try applied(array) }) {
            return result
        }
        return try first.get()
    }

    private func elements(of value: Value) throws -> Elements? {
        if let tensor = value.asTensor { return (tensor.shape, tensor.doubles) }
        guard value.isAtomic, value.typeName != "character", let numbers = try? value.asDoubles().elements else {
            return nil
        }
        return (value.dim ?? [numbers.count], numbers)
    }
}
