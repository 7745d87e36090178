import CKernels
import Diagnostics

// ReLU and 2×2 max-pooling (stride 2) in one pass. Beside each pooled number stands its place (uint8): 0…3 = row·2 +
// column in its window, 4 where it is not positive and no gradient passes.
extension Tensor {
    /// Walks the rows of windows of channels-last images, several threads side by side.
    static func eachWindowRow(
        _ shape: [Int], _ body: (_ images: KernelImages, _ first: Int, _ count: Int) -> Void
    ) {
        let images = KernelImages(H: shape[2], W: shape[3], C: shape[1])
        let numbers = 2 * shape[3] * shape[1]
        parallelRanges(shape[0] * (shape[2] / 2), grain: Swift.max(1, 32768 / Swift.max(1, numbers))) { range, _ in
            body(images, range.lowerBound, range.count)
        }
    }

    /// `maxpool(relu(x·scale + offset))` of single-precision images; scale and offset have a number for each channel.
    ///
    /// - Returns: y `[N, C, H/2, W/2]` and the places; not recorded.
    func reluPooledElements(scale: [Float]? = nil, offset: [Float]? = nil) throws -> (y: Tensor, place: Tensor) {
        let out = [shape[0], shape[1], shape[2] / 2, shape[3] / 2]
        let x = try channelsLast()
        let y = try Tensor.empty(out, .float32, strides: channelsLastStrides(out))
        let place = try Tensor.empty(out, .uint8, strides: channelsLastStrides(out))
        Tensor.eachWindowRow(shape) { images, first, count in
            kernel_pool_forward(
                y.typed(Float.self), place.typed(UInt8.self), x.typed(Float.self), scale, offset, images, first, count)
        }
        withExtendedLifetime(x) {}
        return (y, place)
    }

    /// `maxpool(relu(x))` with 2×2 windows.
    ///
    /// - Gradient: to any order, because places are constants.
    func reluPooled() throws -> Tensor {
        let (H, W) = (shape[2], shape[3])
        let (y, place) = try reluPooledElements()
        return Tensor(op: "MaxPool2DWithIndicesBackward0", y, from: [self]) { dy in
            [try dy.unpooled(place, height: H, width: W)]
        }
    }

    /// The gradient of ReLU's input from that of the pooled output: this at the places, 0 elsewhere.
    ///
    /// - Returns: `[N, C, height, width]`.
    /// - Gradient: its numbers at the places.
    func unpooled(_ place: Tensor, height: Int, width: Int) throws -> Tensor {
        let wide = [shape[0], shape[1], height, width]
        let dy = try channelsLast()
        let dx = try Tensor.empty(wide, dtype, strides: channelsLastStrides(wide))
        Tensor.eachWindowRow(wide) { images, first, count in
            kernel_pool_spread(
                dx.typed(Float.self), dy.typed(Float.self), place.typed(UInt8.self), images, first, count)
        }
        withExtendedLifetime(dy) {}
        return Tensor(op: "MaxUnpool2DBackward0", dx, from: [self]) { d in [try d.atPlaces(place)] }
    }

    /// The numbers of full-size images at the places, 0 where no gradient passes: the transpose of ``unpooled(_:height:width:)``.
    private func atPlaces(_ place: Tensor) throws -> Tensor {
        let (H, W) = (shape[2], shape[3])
        let x = try channelsLast()
        let y = try Tensor.empty(place.shape, dtype, strides: channelsLastStrides(place.shape))
        Tensor.eachWindowRow(shape) { images, first, count in
            kernel_pool_gather(y.typed(Float.self), x.typed(Float.self), place.typed(UInt8.self), images, first, count)
        }
        withExtendedLifetime(x) {}
        return Tensor(op: "MaxPool2DWithIndicesBackward0", y, from: [self]) { d in
            [try d.unpooled(place, height: H, width: W)]
        }
    }
}
