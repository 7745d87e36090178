import GraphicDevices
import PluginAPI

/// R's base graphics on PNG, JPEG, SVG and PDF files and, as text, on terminals; draws the figures of other plug-ins.
public enum Graphics: Plugin {
    /// `graphics`
    public static let name = "graphics"

    /// Adds the namespace `grDevices`, the parameters of graphics and the renderer of figures.
    public static func register(in registry: Registry) {
        let graphics = registry.namespace("graphics")
        let devices = registry.namespace("grDevices")
        graphics.isAttachedAtStart = true
        devices.isAttachedAtStart = true
        registerColorMakers(devices)
        registerPalettes(devices)
        registerColorQueries(devices)
        registerDevices(devices)
        registerDeviceControl(devices)
        registerParameters(graphics)
        registry.figureRenderers.renderer = SessionRenderer()
        registry.sessionHooks.afterTopLevelCall.append { try $0.devices.flush($0) }
        registry.sessionHooks.atEnd.append { context in
            for number in context.devices.numbers { try context.devices.close(number, context) }
        }
    }
}

/// Hands figures to the devices of the session that shows them.
private final class SessionRenderer: FigureRenderer {
    func show(_ figure: Figure, _ context: Context) throws { try context.devices.show(figure, context) }
}
