import Diagnostics
import PluginAPI
import Tensors

/// `vision_make_grid()`: images of a batch in one picture.
func registerGrids(_ registry: Registry) {
    let vision = registry.namespace("torchvision")
    vision.function(
        "vision_make_grid",
        [
            .value("tensor", help: "[N, C, H, W]"), .value("scale", true, help: "maps the numbers to 0 … 1, in place"),
            .value("num_rows", 8, help: "images in a row"), .value("padding", 2), .value("pad_value", 0),
        ], help: "Puts the images of a batch into one picture"
    ) { args in
        let x = try args.tensor("tensor")
        guard x.dimensions == 4, x.shape[0] > 0 else {
            throw WorkbenchError(.shape, "vision_make_grid() takes a batch [N, C, H, W], not \(listed(x.shape))")
        }
        let columns = min(try args.int("num_rows"), x.shape[0])
        let padding = try args.int("padding")
        guard columns > 0, padding >= 0, padding < 1 << 16 else {
            throw WorkbenchError(.value, "num_rows must be at least 1, padding at least 0")
        }
        if try args.flag("scale") {
            let low = try x.amin().item().doubleValue, high = try x.amax().item().doubleValue
            try withoutGradients {
                _ = try x.sub_(Tensor(scalar: .double(low)))
                _ = try x.div_(Tensor(scalar: .double(high - low + 1e-5)))
            }
        }
        let (count, channels, h, w) = (x.shape[0], x.shape[1], x.shape[2] + padding, x.shape[3] + padding)
        let rows = (count + columns - 1) / columns
        let grid = try Tensor.full(
            [channels, h * rows + padding, w * columns + padding], .double(try args.real("pad_value")), x.dtype)
        for place in 0..<count {
            let (row, column) = (place / columns, place % columns)
            _ = try grid.narrow(1, from: row * h + padding, length: h - padding)
                .narrow(2, from: column * w + padding, length: w - padding).copy_(x.select(0, place))
        }
        return .tensor(grid)
    }
}
