import Diagnostics

/// Draws figures: on the open graphics device, or wherever plots go when none is open.
public protocol FigureRenderer: AnyObject {
    /// Shows a figure as a new page.
    func show(_ figure: Figure, _ context: Context) throws
}

/// Where the plug-in that draws figures puts its renderer.
public final class FigureRenderers {
    /// The renderer, or nil if no plug-in draws.
    public var renderer: (any FigureRenderer)?

    /// An empty place.
    public init() {}
}

/// What plug-ins do at certain moments of a session; each gets the session's context.
public final class SessionHooks {
    /// After each top-level call, also one that failed.
    public var afterTopLevelCall: [(Context) throws -> Void] = []
    /// Before the first prompt of a session at a terminal.
    public var beforeFirstPrompt: [(Context) throws -> Void] = []
    /// Before `q()` ends a session at the prompt; false keeps it.
    public var beforeQuit: [(Context) throws -> Bool] = []
    /// When the session ends in an orderly way.
    public var atEnd: [(Context) throws -> Void] = []

    /// No hooks.
    public init() {}
}

extension Registry {
    /// Where the plug-in that draws figures registers.
    public var figureRenderers: FigureRenderers { shelf(FigureRenderers.self) { FigureRenderers() } }

    /// Where plug-ins say what they do at certain moments of a session.
    public var sessionHooks: SessionHooks { shelf(SessionHooks.self) { SessionHooks() } }
}

extension Context {
    /// Shows a figure as a new page of the open graphics device, or where plots go when none is open.
    /// - Throws: when no plug-in draws, or the file cannot be written.
    public func show(_ figure: Figure) throws {
        guard let renderer = registry.figureRenderers.renderer else {
            throw WorkbenchError(.plugin, "nothing here can draw a plot", hint: "library(graphics) is not built in")
        }
        try renderer.show(figure, self)
    }
}
