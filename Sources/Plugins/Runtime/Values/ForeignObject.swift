import Diagnostics

/// A reference object that a plug-in gives to R: tensor, module, loader, optimizer, connection, …
///
/// S3 methods registered for one of its ``classes`` (`print`, `$`, `[`, `+`, `length`, …) give it its behaviour at the
/// prompt; the evaluator knows nothing else about it. Guarded by the evaluator lock, like every R value.
open class ForeignObject: @unchecked Sendable {
    /// R attributes set by the user, or nil.
    public final var attributes: Attributes?

    /// The computation in the background that works with it: as long as there is one, calls and methods on other threads
    /// are refused.
    public final var owner: BackgroundEvaluation?

    /// For subclasses.
    public init() {}

    /// The classes that method dispatch tries, most special first.
    open var classes: [Text] { [] }

    /// What messages about an argument call it.
    open var messageName: String { classes.first.map { "<\($0)>" } ?? "an object" }

    /// R's `typeof`.
    open var typeName: String { "environment" }

    /// R's `length` when no method is registered.
    open var length: Int { 1 }

    /// `is.function()` and whether it can stand in call position.
    open var isCallable: Bool { false }

    /// Calls it, with arguments already evaluated; only reached if ``isCallable``.
    open func call(_ arguments: [Argument], call: Call, environment: Environment, context: Context) throws -> Value {
        throw WorkbenchError(.type, "attempt to apply non-function")
    }

    /// R's `formals()` and `args()` of a callable object, or nil.
    open var formals: Formals? { nil }

    /// What it is as an object of a namespace, where nobody says so (``Namespace/object(_:_:_:)``).
    open var registrationKind: Registration.Kind { .object }

    /// What the prompt offers after `object$`. Must neither run R code nor compute for long. Members that a class gets
    /// from a `$` method stand in ``MemberLists`` instead.
    open var completions: [Completion] { [] }

    /// Hands every R value this object holds to the cycle collector, each exactly once per reference it holds.
    ///
    /// Leaving one out leaks a cycle through it; handing out one that is not held would free what is in use.
    open func visitReferences(_ visit: (Value) -> Void) {}

    /// Lets go of every R value it holds; called on garbage only.
    open func dropReferences() {}

    // MARK: Saved sessions

    /// How it was made, if a maker made it (``Namespace/maker(_:_:help:visible:finish:_:)``).
    public final var construction: Construction?

    /// The name under which ``Registry/savedKinds`` knows how to make one, for objects that no maker made; nil for
    /// objects that cannot be saved.
    open var savedKind: String? { nil }

    /// What an object that no maker made must have at hand when it is made anew: a named list. Other objects in it exist
    /// by then, but have not got their state, and environments are not filled.
    open func savedParts(_ context: Context) throws -> Value { .null }

    /// What a saved session keeps of it beside its construction: a named list; other objects, tensors, environments and
    /// functions in it are saved with it, each once however often it is met.
    open func savedState(_ context: Context) throws -> Value { .null }

    /// Takes back what ``savedState(_:)`` gave. Called when every object of the session exists and environments are
    /// filled. Must not run R code.
    /// - Throws: `.data` for a state it cannot have.
    open func restoreState(_ state: Value, _ context: Context) throws {}

    /// A function that the object made for itself, by name (``Builtin/Origin/method(of:_:)``).
    open func ownMethod(_ name: String) -> Builtin? { nil }

    /// Why it cannot be saved, where it has neither construction nor kind.
    open var reasonNotSaved: String { "it belongs to the running session" }
}
