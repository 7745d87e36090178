import Diagnostics
import Glibc
import PluginAPI
import Tensors

/// A plug-in that goes through doors that few others need; DOORS says what it does otherwise.
enum Doors: Plugin {
    static var how: String { getenv("DOORS").map { String(cString: $0) } ?? "" }

    static var name: String { how == "another name" ? "layers" : "doors" }

    static func register(in registry: Registry) {
        let doors = registry.namespace("doors")
        registry.namespace("torch").layer("nn_doors_square", [], help: "In the namespace of torch") { _, _ in
            { x, _, _ in try x.mul(x) }
        }
        doors.layer("nn_doors_words", [.value("n"), .value("size")], help: "Vectors of words") { layer, args in
            let size = try args.int("size")
            layer.setParameter(
                "weight", try args.context.tensors.generator.randn([try args.int("n"), size]).requiresGrad_())
            return { x, layer, _ in
                guard x.dtype == .int64, let weight = layer.parameter("weight") else {
                    throw WorkbenchError(.type, "nn_doors_words() takes whole numbers")
                }
                return try weight.indexSelect(0, x.reshape([x.count])).reshape(x.shape + [size])
            }
        }
        doors.metric("luz_metric_doors", [], help: "Overlap of masks [N, 1, H, W]") { _ in { _ in Overlap() } }
        doors.callback("luz_callback_doors", [], help: "Looks at the accuracy") { args in Best(args) }
        doors.dataset("doors_dataset", [], help: "Twenty items, the 14th is rotten") { _ in Rotten() }
        doors.function("read_pixels", [.value("path")], help: "Sizes of an image, and its first pixel") { args in
            let image = try args.context.image(ofFile: try args.string("path"))
            return .ints([image.height, image.width, image.channels] + image.bytes.prefix(3).map(Int.init))
        }
        // What comes from elsewhere throws errors of its own.
        doors.function("doors_fails", [.value("code")], help: "Fails") { args in throw Odd.bad(try args.int("code")) }
        doors.layer("nn_doors_fails", [], help: "Fails for batches of eight") { _, _ in
            { x, _, _ in
                if x.shape[0] == 8 { throw Odd.bad(8) }
                return x
            }
        }
        registry.addImageFormat(PPM.format)
        switch how {
        case "a bad name": doors.layer("nn bad name", [], help: "") { _, _ in { x, _, _ in x } }
        case "a trial of nothing": doors.trial("nn_doors_wrods", "nn_doors_words(10, 3)", input: [2, 4])
        case "no name": doors.function("", [], help: "") { _ in .null }
        case "a name twice": doors.function("read_pixels", [.value("path")], help: "") { _ in .null }
        default: break
        }
        guard how != "untried" else { return }
        doors.trial("nn_doors_words", "nn_doors_words(10, 3)", input: .whole([2, 4], in: 1...9))
        doors.trial(
            "luz_metric_doors", "luz_metric_doors()", input: .unit([2, 1, 4, 4]),
            target: .whole([2, 1, 4, 4], in: 0...1))
        doors.trial(
            "luz_callback_doors", "luz_callback_doors()", input: [4, 3, 8, 8], metrics: "luz_metric_accuracy()")
    }
}

enum Odd: Error { case bad(Int) }

final class Overlap: Metric, @unchecked Sendable {
    private var (both, all) = (0.0, 0.0)

    override var abbreviation: String { "Overlap" }

    override func update(_ predictions: Value, _ target: Value, _ context: Context) throws {
        guard let p = predictions.asTensor, let t = target.asTensor, p.dimensions == 4 else {
            throw WorkbenchError(.type, "luz_metric_doors() takes masks [N, 1, H, W]")
        }
        both += try p.mul(t).sum().item().doubleValue
        all += try p.add(t).sum().item().doubleValue
    }

    override func compute(_ context: Context) throws -> Value { .number(2 * both / all) }
}

final class Best: SettingsCallback, @unchecked Sendable {
    init(_ args: Arguments) { super.init(["doors_callback"], args) }

    override func listens(to event: TrainingEvent) -> Bool { event == .epochEnd }

    override func handle(_ event: TrainingEvent, _ training: TrainingContext) throws {
        let values = training.metricValues("train", epoch: training.epoch)?.namedItems ?? []
        guard values.contains(where: { $0.name == "acc" }) else {
            throw WorkbenchError(.value, "luz_callback_doors() needs luz_metric_accuracy() among the metrics")
        }
    }
}

final class Rotten: Dataset, @unchecked Sendable {
    override var count: Int? { 20 }

    override func item(_ index: Int, _ context: Context) throws -> Value {
        if index == 13 { throw WorkbenchError(.value, "item is rotten") }
        return .named([("x", .tensor(try Tensor.ones([3]))), ("y", .tensor(try Tensor.ones([1])))])
    }
}

/// Portable pixmaps, `P6`: a heading in ASCII, then three bytes a pixel.
enum PPM {
    static let format = ImageFormat("PPM", endings: ["ppm"], recognises: { $0.starts(with: Array("P6".utf8)) }) {
        bytes, file in
        let heading = bytes.split(maxSplits: 4, omittingEmptySubsequences: false) { $0 == 10 || $0 == 32 }
        let numbers = heading.dropFirst().prefix(3).compactMap { Int(String(decoding: $0, as: UTF8.self)) }
        guard heading.count == 5, numbers.count == 3, numbers[2] == 255,
            let image = PixelImage(height: numbers[1], width: numbers[0], channels: 3, bytes: Array(heading[4]))
        else {
            throw WorkbenchError(.data, "cannot decode '\(file)': its sizes and its bytes do not go together")
        }
        return image
    }
}

@c(workbench_plugin)
public func entry(_ host: UnsafeMutableRawPointer, _ abi: Int32) -> Int32 { load(Doors.self, into: host, abi: abi) }
