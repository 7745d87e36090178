import Diagnostics
import PluginAPI
import Tensors

/// `tensor_image_display()` and `tensor_image_browse()`: one image as a picture.
func registerDisplay(_ registry: Registry) {
    let vision = registry.namespace("torchvision")
    let image = Parameter.value("image", help: "[C, H, W] or [H, W], 1 or 3 channels; 0 … 1, or Byte 0 … 255")
    vision.function(
        "tensor_image_display", [image, .value("animate", true, help: "no effect")],
        help: "Draws an image on the open graphics device, else into a numbered PNG", visible: false
    ) { args in try display(args) }
    vision.function(
        "tensor_image_browse", [image, .value("browser", nil, help: "no effect")],
        help: "Draws an image as tensor_image_display() does", visible: false
    ) { args in try display(args) }
}

private func display(_ args: Arguments) throws -> Value {
    let x = try imageTensor(try args.required("image"), dimensions: 2...4)
    let picture = try raster(x.dimensions == 4 && x.shape[0] == 1 ? x.select(0, 0) : x)
    var panel = Panel()
    let (w, h) = (Double(picture.width), Double(picture.height))
    panel.marks = [.raster(picture, x0: 0, y0: 0, x1: w, y1: h, smooth: false)]
    panel.x.limits = Axis.Limits(0, w)
    panel.y.limits = Axis.Limits(0, h)
    panel.axes = []
    panel.frame = .none
    panel.aspect = 1
    try args.context.show(Figure(panel))
    return args[0]
}

/// The pixels of an image tensor; numbers beyond the range are moved to its ends.
func raster(_ x: Tensor) throws -> RasterImage {
    let planes = x.dimensions == 2 ? try x.unsqueeze(0) : x
    guard planes.dimensions == 3, planes.shape[0] == 1 || planes.shape[0] == 3 else {
        throw WorkbenchError(
            .shape, "one image of 1 or 3 channels [C, H, W] can be shown, not \(listed(x.shape))",
            hint: "x[1, , , ] takes the first of a batch; vision_make_grid() puts several into one")
    }
    let scaled = x.dtype.isFloating ? try planes.mul(Tensor(scalar: .double(255))) : try planes.to(.float32)
    let values = try scaled.clamp(min: 0, max: 255).permute([1, 2, 0]).contiguous().to(.float32).toArray(of: Float.self)
    let bytes = values.map { $0.isNaN ? 0 : UInt8($0) }
    guard
        let picture = RasterImage(
            width: planes.shape[2], height: planes.shape[1], channels: planes.shape[0], bytes: bytes)
    else { throw WorkbenchError(.shape, "an image without pixels cannot be shown") }
    return picture
}
