import Diagnostics

/// A callback of a fit whose plug-in is not there, in its place among the others: it is saved as what it stands for, and a
/// fit that has it does not begin.
package final class AbsentCallback: Callback, AbsentThing, @unchecked Sendable {
    /// What it stands for.
    let thing: any AbsentThing

    init(_ thing: any AbsentThing) { self.thing = thing }

    package var absence: Absence { thing.absence }
    package var absentName: String { thing.absentName }
    package var saved: AbsentParts { thing.saved }

    package override var classNames: [String] { [absentName, "absent_object"] }

    package override func prepare(_ training: TrainingContext) throws { throw unusable("be called in a fit") }
    package override func listens(to event: TrainingEvent) -> Bool { false }

    package override func savedState(_ context: Context) throws -> Value { try thing.savedState(context) }

    package override func visitReferences(_ visit: (Value) -> Void) { visit(.object(thing)) }

    /// The callback that a saved thing is, or one that stands for it; nil for anything else.
    static func callback(_ value: Value) -> Callback? {
        guard case .object(let object) = value else { return nil }
        return object as? Callback ?? (object as? any AbsentThing).map { AbsentCallback($0) }
    }
}
