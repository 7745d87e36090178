import PluginAPI

/// A callback written in R, whose fields a fit may change.
package protocol ScriptedFields: AnyObject {
    /// Its class and those it inherits from.
    var classNames: [String] { get }
    /// Where its fields are.
    var fields: ClassInstance? { get }
    /// Its fields before its first fit that was saved.
    var firstFields: FirstFields? { get set }
    /// Whether a checkpoint keeps the fields it changes; one with `state_dict()` says itself what is kept.
    var keepsFields: Bool { get }
}

/// A callback that steps a scheduler.
package protocol SchedulesRates: AnyObject {
    /// The scheduler of the present fit.
    var scheduler: Scheduler? { get }
}

/// A callback that puts a loss of its own in the place of the user's for a while.
package protocol ReplacesLoss: AnyObject {
    /// The user's loss from the beginning of a fit to its end, else `NULL`.
    var original: Value { get }
}
