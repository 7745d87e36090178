import CImages
import Diagnostics
import Images
import PluginAPI
import Tensors

/// Where images come from: a number gives pixels, on any thread, and a name for messages.
struct ImageSource: Sendable {
    /// Pixels of an item.
    let load: @Sendable (Int) throws -> PixelImage
    /// What messages call an item.
    let name: @Sendable (Int) -> String
    /// The item as R has it before any transform.
    let array: @Sendable (PixelImage) -> Value
}

/// Images read ahead on threads, transformed in order: a chain of registered transforms without the interpreter and,
/// where it can be, in one pass over the pixels straight into the batch.
final class ImageStream: ItemStream {
    private let source: ImageSource
    private let order: [Int]
    private let labels: [Int32]
    private let classes: [Text?]
    private let transform: Value
    private let targetTransform: Value
    private let chain: TransformChain?
    private let reading: ReadAhead<PixelImage>
    private var place = 0
    private var tables: [Int: [Float]] = [:]

    init(
        _ source: ImageSource, order: [Int], labels: [Int32], classes: [Text?] = [], transform: Value,
        targetTransform: Value, threads: Int,
        _ context: Context
    ) {
        self.source = source
        self.order = order
        self.labels = labels
        self.classes = classes
        self.transform = transform
        self.targetTransform = targetTransform
        chain = transform.isFunction ? TransformChain(transform, context) : nil
        // Memory for at most 64 MB of pixels; the first image stands for all.
        let sample = order.first.flatMap { try? source.load($0).bytes.count } ?? 1
        let ahead = min(max((64 << 20) / max(sample, 1), 8), 512)
        reading = ReadAhead(count: order.count, threads: threads > 0 ? threads : 2, ahead: ahead) { [order] in
            try source.load(order[$0])
        }
    }

    override var waitedSeconds: Double { reading.waitedSeconds }
    override func cancel() { reading.cancel() }

    override func items(_ count: Int, _ streams: RandomStreams, collated: Bool, _ context: Context) throws -> Value {
        let numbers = Array(order[place..<min(place + count, order.count)])
        place += numbers.count
        if collated, !targetTransform.isFunction, let plan = chain?.plan {
            return try fused(plan, numbers, streams, context)
        }
        var images: [Value] = []
        var targets: [Value] = []
        for number in numbers {
            let image = try next(context)
            images.append(try transformed(image, streams, context))
            let label = classLabel(labels[number], classes)
            targets.append(
                targetTransform.isFunction
                    ? try context.call(targetTransform, [Argument(label)], call: .targetTransform) : label)
        }
        if collated {
            try checkSizes(images, numbers)
            return Value.named([
                ("x", try Collation.batch(images, context)), ("y", try Collation.batch(targets, context)),
            ])
        }
        return .items(zip(images, targets).map { Value.named([("x", $0), ("y", $1)]) })
    }

    private func next(_ context: Context) throws -> PixelImage {
        guard let image = try reading.next(whileWaiting: { try context.pollInterrupt() }) else {
            throw WorkbenchError(.fault, "the images read ahead ended too early")
        }
        return image
    }

    private func transformed(_ image: PixelImage, _ streams: RandomStreams, _ context: Context) throws -> Value {
        guard transform.isFunction else { return source.array(image) }
        guard let chain else { return try context.call(transform, [Argument(source.array(image))], call: .transform) }
        return try ImageStream.run(chain, image, source.array, streams, context)
    }

    /// Runs a chain on pixels; the first step of most makes a tensor of them.
    static func run(
        _ chain: TransformChain, _ image: PixelImage, _ array: (PixelImage) -> Value, _ streams: RandomStreams,
        _ context: Context
    ) throws -> Value {
        guard case .scaled? = chain.steps[0].pixels else { return try chain.apply(array(image), streams, context) }
        var value = Value.tensor(try image.tensor())
        for step in chain.steps.dropFirst() { value = try step.apply(value, streams, context) }
        return value
    }

    private func fused(_ plan: PixelPlan, _ numbers: [Int], _ streams: RandomStreams, _ context: Context) throws
        -> Value
    {
        var batch: Tensor?
        var first = (height: 0, width: 0, channels: 0)
        var floats = 0
        for (slot, number) in numbers.enumerated() {
            let image = try next(context)
            let map = try plan.map(height: image.height, width: image.width, streams)
            let size = (
                height: map?.height ?? image.height, width: map?.width ?? image.width, channels: image.channels
            )
            if batch == nil {
                first = size
                floats = size.height * size.width * size.channels
                batch = try Tensor.empty([numbers.count, size.channels, size.height, size.width])
            }
            guard size == first else { throw unequal(numbers[0], first, number, size) }
            let table = try tables[size.channels] ?? plan.table(channels: size.channels)
            tables[size.channels] = table
            guard let batch else { continue }
            let target = batch.storage.bytes.assumingMemoryBound(to: Float.self) + batch.offset + slot * floats
            if let map {
                image_table_planes(image.bytes, Int32(size.channels), map.source, map.source.count, table, target)
            } else {
                image_table_planes(image.bytes, Int32(size.channels), nil, size.height * size.width, table, target)
            }
        }
        let targets = try Tensor(numbers.map { Int64(labels[$0]) })
        return Value.named([("x", .tensor(try batch ?? Tensor.empty([0]))), ("y", .tensor(targets))])
    }

    private func checkSizes(_ images: [Value], _ numbers: [Int]) throws {
        func shape(_ value: Value) -> [Int]? { value.asTensor?.shape ?? value.dim }
        guard let first = images.first.flatMap(shape) else { return }
        for (image, number) in zip(images, numbers) {
            guard let other = shape(image), other != first else { continue }
            throw unequal(numbers[0], first, number, other)
        }
    }

    private func unequal(
        _ first: Int, _ size: (height: Int, width: Int, channels: Int), _ other: Int,
        _ found: (height: Int, width: Int, channels: Int)
    ) -> WorkbenchError {
        unequal(
            first, [size.channels, size.height, size.width], other, [found.channels, found.height, found.width])
    }

    private func unequal(_ first: Int, _ size: [Int], _ other: Int, _ found: [Int]) -> WorkbenchError {
        func text(_ shape: [Int]) -> String { "[" + shape.map { String($0) }.joined(separator: ", ") + "]" }
        return WorkbenchError(
            .shape,
            "images of one batch differ in size: \(source.name(first)) is \(text(size)), \(source.name(other)) is \(text(found))",
            hint: "transform_resize(c(h, w)) after transform_to_tensor() makes them equal")
    }
}
