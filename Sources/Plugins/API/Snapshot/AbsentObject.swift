import Diagnostics

/// Something of a saved session whose plug-in is not there: it keeps what was saved of it, so that nothing is lost when
/// it is saved again, says what it is when it is printed, and cannot be used.
///
/// Its R class is `absent_object` beside its own.
package protocol AbsentThing: UnusableObject {
    /// What is missing.
    var absence: Absence { get }
    /// What it is called: `nn_sup`.
    var absentName: String { get }
    /// How the file describes it.
    var saved: AbsentParts { get }
}

extension AbsentThing {
    /// `<nn_sup> of plug-in sup 0.1.0, which is not installed`.
    package var absentText: String {
        absence.isRefusal
            ? "<\(absentName)>, which \(absence.reason)"
            : "<\(absentName)> of \(absence.title), which \(absence.reason)"
    }

    /// The error of whoever wants to use it.
    package func unusable(_ what: String) -> WorkbenchError {
        WorkbenchError(
            .plugin, "<\(absentName)> cannot \(what): \(absence.title) \(absence.reason)", hint: absence.hint)
    }
}

/// A plug-in that a saved session needs and that is not there, and why.
package struct Absence {
    /// Name; empty where the namespace is there and a name in it is not.
    let plugin: String
    /// Version, where the file knows it.
    let version: String?
    /// `is not installed`, `is blocked`, `cannot be loaded (…)`.
    package let reason: String
    /// What to do about it.
    package let hint: String
    /// What makes it is there, and refuses to.
    let isRefusal: Bool

    init(_ plugin: String, version: String?, reason: String, hint: String) {
        (self.plugin, self.version, self.reason, self.hint) = (plugin, version, reason, hint)
        isRefusal = false
    }

    /// Of what is in the box and cannot be made as it was.
    init(refusal message: String, hint: String?) {
        (plugin, version) = ("", nil)
        reason = "cannot be made again (\(message))"
        self.hint = hint ?? "make it anew; everything else that was saved is usable"
        isRefusal = true
    }

    /// `plug-in sup 0.1.0`.
    package var title: String {
        if isRefusal { return "it" }
        return plugin.isEmpty ? "a plug-in" : "plug-in \(plugin)" + (version.map { " " + $0 } ?? "")
    }

    /// The line about it among the notes.
    package var note: String { "\(title) \(reason): what it made is kept as it was saved, and cannot be used" }
}

/// How a saved session describes an object that cannot be made.
package enum AbsentParts {
    /// A variable of a namespace: a class that a plug-in defines.
    case registered(namespace: String, name: String)
    /// What a maker made, with its arguments.
    case made(maker: String, values: [Value], dots: [Argument])
    /// What no maker made.
    case kind(String, parts: Value)

    /// What to call it: the maker's name, that of its class, or that of its kind.
    var name: String {
        switch self {
        case .registered(_, let name): return name
        case .made(let maker, _, _):
            let name = maker.part(after: "::")
            return name.isEmpty ? maker : name
        case .kind(let kind, let parts):
            if case .character(let names) = parts.saved("names"), let first = names.elements.first ?? nil {
                return first.string
            }
            if case .object(let object) = parts.saved("class"), let written = object as? ScriptedClass,
                let name = written.classNames.first
            {
                return name
            }
            return parts.namedItems.lazy.compactMap { $0.value.absentThing?.absentName }.first ?? kind
        }
    }

    /// What is missing of the thing among those it was made of that is not there: that is why it cannot be made.
    var heldAbsence: Absence? {
        var found: Absence?
        func look(_ value: Value, _ depth: Int) {
            guard found == nil, depth < 100 else { return }
            found = value.absentThing?.absence
            for item in value.namedItems { look(item.value, depth + 1) }
        }
        visitReferences { look($0, 0) }
        return found
    }

    func visitReferences(_ visit: (Value) -> Void) {
        switch self {
        case .registered: break
        case .made(_, let values, let dots):
            for value in values { visit(value) }
            for argument in dots { visit(argument.value) }
        case .kind(_, let parts): visit(parts)
        }
    }
}

/// A class, metric, optimizer or the like of a plug-in that is not there.
final class AbsentObject: ForeignObject, AbsentThing, @unchecked Sendable {
    let absence: Absence
    let absentName: String
    private(set) var saved: AbsentParts
    private var state = Value.null

    init(_ name: String, _ absence: Absence, _ saved: AbsentParts) {
        (absentName, self.absence, self.saved) = (name, absence, saved)
    }

    override var classes: [Text] { [Text(absentName), "absent_object"] }
    override var typeName: String { "closure" }
    override var isCallable: Bool { true }

    override func call(
        _ arguments: [Argument], call: Call, environment: Environment, context: Context
    ) throws -> Value {
        throw unusable("be called")
    }

    override func savedState(_ context: Context) throws -> Value { state }
    override func restoreState(_ state: Value, _ context: Context) throws { self.state = state }

    override func visitReferences(_ visit: (Value) -> Void) {
        saved.visitReferences(visit)
        visit(state)
    }

    override func dropReferences() {
        saved = .kind("", parts: .null)
        state = .null
    }
}

/// A layer or net of a plug-in that is not there: it has the parameters, buffers, children and fields that were saved.
final class AbsentModule: Module, AbsentThing, @unchecked Sendable {
    let absence: Absence
    let absentName: String
    private(set) var saved: AbsentParts
    private var state = Value.null

    init(_ name: String, _ absence: Absence, _ saved: AbsentParts) {
        (absentName, self.absence, self.saved) = (name, absence, saved)
    }

    override var classNames: [String] { [absentName, "absent_object"] }

    override func forward(
        _ arguments: [Argument], call: Call, environment: Environment, context: Context
    ) throws -> Value {
        throw unusable("compute")
    }

    /// Settings of a layer, members of a net.
    override func field(_ name: String, context: Context) throws -> Value? {
        if let own = try super.field(name, context: context) { return own }
        if let setting = state.saved(".settings").namedItems.first(where: { $0.name == name }) { return setting.value }
        guard case .environment(let members) = state.saved(".members"), let value = members.local(Symbol.named(name))
        else { return nil }
        return try context.forced(value)
    }

    override func copy(context: Context) throws -> Module {
        let copy = AbsentModule(absentName, absence, saved)
        copy.state = state
        return copy
    }

    /// What was saved, with the tensors, children and mode of now.
    override func savedState(_ context: Context) throws -> Value {
        var result = state
        for item in try super.savedState(context).namedItems {
            result = TrainingContext.setting(result, item.name, item.value)
        }
        return result
    }

    override func restoreState(_ state: Value, _ context: Context) throws {
        try super.restoreState(state, context)
        self.state = state
    }

    override func visitReferences(_ visit: (Value) -> Void) {
        super.visitReferences(visit)
        saved.visitReferences(visit)
        visit(state)
    }

    override func dropReferences() {
        super.dropReferences()
        saved = .kind("", parts: .null)
        state = .null
    }
}

/// Plug-ins that a restored session had attached and that are not there: saved again, it names them once more.
package final class AbsentAttachments {
    /// In the order in which they were attached.
    package var plugins: [(name: String, version: String)] = []

    package static func of(_ context: Context) -> AbsentAttachments {
        context.storage(AbsentAttachments.self) { AbsentAttachments() }
    }
}

/// Functions of plug-ins that are not there, and where they would be found: saving again writes the same place.
final class AbsentFunctions {
    private var places: [ObjectIdentifier: (function: Builtin, place: [JSON], absence: Absence?)] = [:]

    static func of(_ context: Context) -> AbsentFunctions {
        context.storage(AbsentFunctions.self) { AbsentFunctions() }
    }

    /// A function that says when it is called that it is not there.
    func function(_ name: String, at place: [JSON], _ absence: Absence?) -> Builtin {
        let function = Builtin(name, namespace: "base", [.dots]) { _ in
            guard let absence else {
                throw WorkbenchError(.plugin, "`\(name)` could not be restored with the session that used it")
            }
            throw WorkbenchError(
                .plugin, "\(name)() cannot be called: \(absence.title) \(absence.reason)", hint: absence.hint)
        }
        places[ObjectIdentifier(function)] = (function, place, absence)
        return function
    }

    func place(of function: Builtin) -> (place: [JSON], absence: Absence?)? {
        places[ObjectIdentifier(function)].map { ($0.place, $0.absence) }
    }
}

extension Environment {
    private static let absentMark = "absent:"

    /// An empty one in the place of a namespace that is not there.
    convenience init(inPlaceOf special: String, parent: Environment) {
        self.init(parent: parent, name: Environment.absentMark + special)
    }

    /// The namespace whose place it takes.
    var absentPlace: String? {
        guard let name, name.hasPrefix(Environment.absentMark) else { return nil }
        return String(name.dropFirst(Environment.absentMark.count))
    }
}

extension Value {
    /// What stands for an object of a plug-in that is not there.
    package var absentThing: (any AbsentThing)? {
        guard case .object(let object) = self else { return nil }
        return object as? any AbsentThing
    }
}
