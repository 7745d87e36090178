import Diagnostics
import Tensors

/// An image as a decoder delivers it: 8 bits a channel, rows from the top, channels interleaved.
public struct PixelImage: Sendable {
    /// Rows.
    public let height: Int
    /// Columns.
    public let width: Int
    /// 1 gray, 3 colour, 4 with alpha.
    public let channels: Int
    /// `height · width · channels` bytes.
    public let bytes: [UInt8]

    /// Keeps pixels; nil if sizes and bytes do not go together.
    public init?(height: Int, width: Int, channels: Int, bytes: [UInt8]) {
        let (area, first) = height.multipliedReportingOverflow(by: width)
        let (count, second) = area.multipliedReportingOverflow(by: channels)
        guard height > 0, width > 0, channels > 0, !first, !second, count == bytes.count else { return nil }
        self.height = height
        self.width = width
        self.channels = channels
        self.bytes = bytes
    }

    /// An R array [height, width, channels] of numbers from 0 to 1, as jpeg and png readers of R give it.
    public var array: Value {
        let area = height * width
        var values = [Double](repeating: 0, count: bytes.count)
        for c in 0..<channels {
            for column in 0..<width {
                let target = c * area + column * height
                for row in 0..<height {
                    values[target + row] = Double(bytes[(row * width + column) * channels + c]) / 255
                }
            }
        }
        return Value.numbers(values).setting(Symbol.dim, .ints([height, width, channels]))
    }

    /// A tensor [channels, height, width], float32 from 0 to 1.
    public func tensor() throws -> Tensor {
        let tensor = try Tensor.empty([channels, height, width])
        let table = PixelImage.unitTable
        let target = tensor.storage.bytes.assumingMemoryBound(to: Float.self) + tensor.offset
        let area = height * width
        for c in 0..<channels {
            for i in 0..<area { target[c * area + i] = table[Int(bytes[i * channels + c])] }
        }
        return tensor
    }

    /// byte / 255 in double precision, rounded to single.
    public static let unitTable: [Float] = (0..<256).map { Float(Double($0) / 255) }
}

/// Where each output pixel of a map without interpolation comes from.
public struct PixelMap: Sendable {
    /// Rows of the output.
    public let height: Int
    /// Columns of the output.
    public let width: Int
    /// `row · width + column` in the input, −1 outside of it (0 is filled in).
    public let source: [Int32]

    /// Keeps a map.
    public init(height: Int, width: Int, source: [Int32]) {
        self.height = height
        self.width = width
        self.source = source
    }

    /// First this map, then another.
    public func followed(by next: PixelMap) -> PixelMap {
        PixelMap(
            height: next.height, width: next.width,
            source: next.source.map { $0 < 0 || Int($0) >= source.count ? -1 : source[Int($0)] })
    }
}

/// What a transform is to 8-bit pixels.
public enum PixelOperation {
    /// Bytes to numbers from 0 to 1, channels first (`transform_to_tensor`).
    case scaled
    /// Moves pixels: given height, width and the streams to draw from; nil leaves them where they are.
    case moved((Int, Int, RandomStreams) throws -> PixelMap?)
    /// `(x − mean) / deviation` a channel, in single precision.
    case normalized(mean: [Float], deviation: [Float])
}

/// A chain of transforms as one pass over 8-bit pixels: first moves, then a table a channel.
public struct PixelPlan {
    private let moves: [(Int, Int, RandomStreams) throws -> PixelMap?]
    private let scales: [(mean: [Float], deviation: [Float])]

    /// The plan of a chain, or nil if it is not: `transform_to_tensor`, moves, normalisations.
    public init?(_ steps: [TransformStep]) {
        guard let first = steps.first, case .scaled? = first.pixels else { return nil }
        var moves: [(Int, Int, RandomStreams) throws -> PixelMap?] = []
        var scales: [(mean: [Float], deviation: [Float])] = []
        for step in steps.dropFirst() {
            switch step.pixels {
            case .moved(let move)?:
                // What is filled in after a normalisation is 0, not the normalised 0.
                guard scales.isEmpty else { return nil }
                moves.append(move)
            case .normalized(let mean, let deviation)?: scales.append((mean, deviation))
            default: return nil
            }
        }
        self.moves = moves
        self.scales = scales
    }

    /// Draws what the moves of one image need; nil if nothing moves.
    public func map(height: Int, width: Int, _ streams: RandomStreams) throws -> PixelMap? {
        var result: PixelMap?
        var (h, w) = (height, width)
        for move in moves {
            guard let next = try move(h, w, streams) else { continue }
            result = result?.followed(by: next) ?? next
            (h, w) = (next.height, next.width)
        }
        return result
    }

    /// For each channel 257 numbers: what each byte becomes, and last what is filled in.
    /// - Throws: what the normalisation of another number of channels throws.
    public func table(channels: Int) throws -> [Float] {
        var table: [Float] = []
        for c in 0..<channels {
            var values = PixelImage.unitTable + [0]
            for scale in scales {
                guard scale.mean.count == channels || scale.mean.count == 1 else {
                    throw PixelPlan.channelMismatch(channels, scale.mean.count)
                }
                let place = scale.mean.count == 1 ? 0 : c
                let (mean, deviation) = (scale.mean[place], scale.deviation[place])
                for i in values.indices { values[i] = (values[i] - mean) / deviation }
            }
            table += values
        }
        return table
    }

    /// The error of a normalisation whose means fit another number of channels.
    public static func channelMismatch(_ channels: Int, _ means: Int) -> WorkbenchError {
        WorkbenchError(
            .shape,
            "The size of tensor a (\(channels)) must match the size of tensor b (\(means)) at non-singleton dimension 1",
            hint: "the image has \(channels) channels, mean and std have \(means) numbers")
    }
}
