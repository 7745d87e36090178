import Diagnostics
import Tensors

/// Makes the values of a ``Snapshot`` again. Runs no R code: objects are made by makers and kinds of plug-ins, filled,
/// and handed their states.
public final class SnapshotReader {
    let context: Context
    private let description: JSON
    private let tensorOf: (String) throws -> Tensor
    private let shared: [AnyObject]
    private var values: [Value] = []
    /// How deep each value is nested, and the deepest that the node being made has referred to.
    private var depths: [Int] = []
    private var deepest = 0
    private var environments: [Environment] = []
    private var objects: [Int: ForeignObject] = [:]
    /// Those that plug-ins have made which are not in the box.
    private var foreign: Set<Int> = []
    private var tensors: [Tensor] = []
    private var sources: [SourceText] = []
    /// What could not be made again, and why.
    public var notes: [String] { absences.notes }
    /// Something of a plug-in is not there: what is made of it cannot be made.
    private var lacking: Absence?
    private let absences: Absences
    private var states: [JSON] = []
    private var nodes: [JSON] = []

    /// Reads the nodes of a description.
    ///
    /// - Parameter tensor: Finds a tensor of the file.
    /// - Throws: `.data` for a description that contradicts itself.
    public convenience init(
        _ description: JSON, _ context: Context, tensor: @escaping (String) throws -> Tensor
    ) throws {
        try self.init(description, context, shared: [], tensor: tensor)
    }

    /// - Parameter shared: What a copy within the session has in common with what it is a copy of.
    init(
        _ description: JSON, _ context: Context, shared: [AnyObject], tensor: @escaping (String) throws -> Tensor
    ) throws {
        self.description = description
        self.context = context
        self.shared = shared
        tensorOf = tensor
        absences = Absences(description["plugins"], context)
        tensors = try SnapshotTensors.read(Self.array(description["tensors"]), tensor: tensorOf)
        try makeSources()
        try makeEnvironments()
        states = try Self.array(description["states"])
        nodes = try Self.array(description["nodes"])
        for node in nodes {
            deepest = 0
            let made = try value(of: node)
            // Letting go of a value goes as deep as it is nested: no deeper than the writer allows.
            guard deepest < Snapshot.mostDepth else {
                throw WorkbenchError(.data, "the saved values are nested too deeply")
            }
            values.append(made)
            depths.append(deepest + 1)
        }
        try fillEnvironments()
        try restoreStates()
    }

    /// The value of a node.
    /// - Throws: `.data` for a number that is none.
    public func value(_ number: JSON?) throws -> Value {
        guard let place = Self.whole(number), values.indices.contains(place) else { throw Self.fault }
        deepest = max(deepest, depths[place])
        return values[place]
    }

    /// The environment of a number in the description.
    /// - Throws: `.data` for a number that is none.
    public func environment(number: Int) throws -> Environment {
        guard environments.indices.contains(number) else { throw Self.fault }
        return environments[number]
    }

    static var fault: WorkbenchError { WorkbenchError(.data, "the description of the saved values contradicts itself") }

    static func whole(_ json: JSON?) -> Int? {
        guard case .number(let number)? = json else { return nil }
        return Int(exactly: number)
    }

    static func array(_ json: JSON?) throws -> [JSON] {
        guard case .array(let elements)? = json else { throw Self.fault }
        return elements
    }

    static func text(_ json: JSON?) throws -> String {
        guard case .string(let text)? = json else { throw Self.fault }
        return text
    }

    // MARK: Sources

    private func makeSources() throws {
        for source in try Self.array(description["sources"]) {
            var file: String?
            if case .string(let name)? = source["file"] { file = name }
            sources.append(SourceText(try Self.text(source["text"]), file: file))
        }
    }

    private func span(_ json: JSON) throws -> SourceSpan? {
        guard case .array(let parts) = json else { return nil }
        guard parts.count == 3, let number = Self.whole(parts[0]), sources.indices.contains(number),
            let start = Self.whole(parts[1]), let end = Self.whole(parts[2]), start >= 0,
            start <= end
        else { throw Self.fault }
        return SourceSpan(sources[number], start..<end)
    }

    // MARK: Environments

    private func makeEnvironments() throws {
        for record in try Self.array(description["environments"]) {
            if let number = record["shared"] {
                guard let known = Self.whole(number), shared.indices.contains(known),
                    let environment = shared[known] as? Environment
                else { throw Self.fault }
                environments.append(environment)
                continue
            }
            guard let special = record["special"] else {
                environments.append(Environment(parent: nil))
                continue
            }
            let name = try Self.text(special)
            // A list that was attached is no plug-in.
            let missing = name.hasPrefix("list:") ? nil : try absences.absence(of: name.part(after: ":"))
            if missing == nil, let found = try FunctionPlaces.environment(name, context) {
                environments.append(found)
            } else {
                // What was attached with attach() is named when the session is saved: nobody can attach it again here.
                environments.append(
                    name.hasPrefix("list:")
                        ? Environment(parent: context.globalEnvironment)
                        : Environment(inPlaceOf: name, parent: context.globalEnvironment))
            }
        }
    }

    private func environment(_ json: JSON?) throws -> Environment {
        guard let place = Self.whole(json), environments.indices.contains(place) else { throw Self.fault }
        return environments[place]
    }

    private func fillEnvironments() throws {
        for (place, record) in try Self.array(description["environments"]).enumerated() {
            guard record["special"] == nil, record["shared"] == nil else { continue }
            let environment = environments[place]
            let contents = try zip(Self.array(record["names"]), Self.array(record["values"])).map {
                (try Self.text($0), try value($1))
            }
            if let parent = record["parent"] { environment.parent = try self.environment(parent) }
            for (name, value) in contents { environment.define(Symbol.named(name), value) }
            if let attributes = record["attributes"] { environment.attributes = try self.attributes(attributes) }
            if let bindings = record["bindings"] {
                for name in try Self.array(bindings) {
                    environment.setLock(true, on: Symbol.named(try Self.text(name)))
                }
            }
            if case .bool(true)? = record["locked"] { environment.lock() }
            if case .bool(true)? = record["tracked"] { context.collector.track(environment) }
        }
        try checkParents()
    }

    /// A chain of environments that comes back to itself would make every lookup endless.
    private func checkParents() throws {
        // Each is gone through once: what has been found to end need not be followed again.
        var ends: Set<ObjectIdentifier> = []
        for environment in environments {
            var path: Set<ObjectIdentifier> = []
            var next: Environment? = environment
            while let here = next, !ends.contains(ObjectIdentifier(here)) {
                guard path.insert(ObjectIdentifier(here)).inserted else { throw Self.fault }
                next = here.parent
            }
            ends.formUnion(path)
        }
    }

    // MARK: States

    private func restoreStates() throws {
        for number in objects.keys.ordered(by: <) {
            guard let object = objects[number], states.indices.contains(number) else { throw Self.fault }
            let state = try value(states[number])
            guard !state.isNull else { continue }
            do {
                try object.restoreState(state, context)
            } catch let error as WorkbenchError
                where !(object is any AbsentThing) && error.kind != .fault
                && (error.kind != .data || lacking != nil || foreign.contains(number))
            {
                // It holds something of a plug-in that is not there where only the thing itself will do, or the plug-in
                // that made it does not take its state. Of the box, what contradicts itself is damage.
                let name = object.classes.first?.string ?? object.typeName
                absences.notes.append("<\(name)> is not as it was saved: \(error.message)")
            }
        }
    }

    // MARK: Nodes

    private func value(of node: JSON) throws -> Value {
        guard case .array(let parts) = node, case .string(let tag)? = parts.first else { throw Self.fault }
        func part(_ place: Int) throws -> JSON {
            guard parts.indices.contains(place) else { throw Self.fault }
            return parts[place]
        }
        switch tag {
        case "null": return .null
        case "missing": return .missing
        case "lgl", "int", "dbl", "cplx", "chr", "raw":
            return try with(try attributes(try part(2)), SnapshotVector.value(tag, inline: try Self.array(try part(1))))
        case "big":
            let names = try parts[1...].dropFirst().dropLast().map { try tensorOf(try Self.text($0)) }
            return try with(
                try attributes(parts[parts.count - 1]),
                try SnapshotVector.value(try Self.text(try part(1)), Array(names)))
        case "list", "expr":
            let list = ListVector(try Self.array(try part(1)).map { try value($0) })
            return try with(try attributes(try part(2)), tag == "list" ? .list(list) : .expression(list))
        case "sym": return .symbol(Symbol.named(try Self.text(try part(1))))
        case "call":
            return .call(
                Call(
                    try value(try part(1)), try arguments(try part(2), try part(3)), span: try span(try part(5)),
                    attributes: try attributes(try part(4))))
        case "closure":
            let names = try Self.array(try part(1)).map { Symbol.named(try Self.text($0)) }
            let defaults = try Self.array(try part(2)).map { try value($0) }
            guard names.count == defaults.count else { throw Self.fault }
            return .closure(
                Closure(
                    Formals(names, defaults), try value(try part(3)), try environment(try part(4)),
                    source: try span(try part(6)), attributes: try attributes(try part(5))))
        case "env": return .environment(try environment(try part(1)))
        case "promise":
            let expression = try value(try part(1))
            let isDefault: Bool
            if case .bool(true) = try part(4) { isDefault = true } else { isDefault = false }
            if Self.whole(try part(3)) != -1 {
                return .promise(Promise(expression, value: try value(try part(3))))
            }
            return .promise(Promise(expression, in: try environment(try part(2)), isDefault: isDefault))
        case "dots": return .dots(Dots(try arguments(try part(1), try part(2))))
        case "active": return .activeBinding(ActiveBinding(try value(try part(1))))
        case "fun": return try function(Array(parts.dropFirst()))
        case "tensor": return try tensor(try part(1), try Self.text(try part(2)), try attributes(try part(3)))
        case "ns":
            let (namespace, name) = (try Self.text(try part(1)), try Self.text(try part(2)))
            var missing = try absences.absence(of: namespace)
            if missing == nil {
                if let found = try FunctionPlaces.value(namespace, name, context) { return found }
                missing = absences.absence(ofName: "\(namespace)::\(name)")
            }
            guard let missing else { throw Self.fault }
            lacking = missing
            return .object(AbsentObject(name, missing, .registered(namespace: namespace, name: name)))
        case "made", "kind": return try made(parts, tag)
        case "bound":
            let target = try value(try part(2))
            if Self.whole(try part(1)) != -1 {
                return .object(BoundMethod(try value(try part(1)), to: target))
            }
            return .object(BoundMethod(.builtin(LateMethod.function(try Self.text(try part(3)))), to: target))
        case "shared":
            guard let number = Self.whole(try part(1)), shared.indices.contains(number),
                let object = shared[number] as? ForeignObject
            else { throw Self.fault }
            return .object(object)
        case "gone": return .null
        default: throw Self.fault
        }
    }

    private func with(_ attributes: Attributes?, _ value: Value) throws -> Value {
        guard let attributes else { return value }
        var copy = value
        copy.attributes = attributes
        guard copy.attributesFit else { throw Self.fault }
        return copy
    }

    private func attributes(_ json: JSON) throws -> Attributes? {
        guard case .array(let entries) = json else { return nil }
        return Attributes.of(
            try entries.map { entry in
                let parts = try Self.array(entry)
                guard parts.count == 2 else { throw Self.fault }
                return (Symbol.named(try Self.text(parts[0])), try value(parts[1]))
            })
    }

    private func arguments(_ values: JSON, _ names: JSON) throws -> [Argument] {
        let values = try Self.array(values)
        guard case .array(let names) = names else { return try values.map { Argument(try value($0)) } }
        guard names.count == values.count else { throw Self.fault }
        return try zip(values, names).map { pair in
            if case .string(let name) = pair.1 { return Argument(try value(pair.0), name: name) }
            return Argument(try value(pair.0))
        }
    }

    private func tensor(_ number: JSON, _ role: String, _ attributes: Attributes?) throws -> Value {
        guard let place = Self.whole(number), place == -1 || tensors.indices.contains(place) else {
            throw Self.fault
        }
        let kind: TensorObject.Role
        switch role {
        case "parameter": kind = .parameter
        case "buffer": kind = .buffer(persistent: true)
        case "scratch": kind = .buffer(persistent: false)
        default: kind = .plain
        }
        let object = TensorObject(place == -1 ? nil : tensors[place], role: kind)
        object.attributes = attributes
        return .object(object)
    }

    private func function(_ place: [JSON]) throws -> Value {
        var missing: Absence?
        if case .string("method")? = place.first {
            if place.count == 3, let number = Self.whole(place[1]), case .string(let name) = place[2],
                let object = objects[number]
            {
                if let function = object.ownMethod(name) { return .builtin(function) }
                if let absent = object as? any AbsentThing {
                    let error = absent.unusable("be called")
                    let function = Builtin(name, namespace: "base", [.dots]) { _ in throw error }
                    function.origin = .method(of: { [weak object] in object }, name)
                    return .builtin(function)
                }
            }
        } else if case .string("result")? = place.first, place.count == 4 {
            if case .builtin(let maker) = try value(place[1]), maker.makesFunctions {
                return try context.call(.builtin(maker), try arguments(place[2], place[3]))
            }
        } else {
            if place.count > 1, case .string(let name) = place[1] {
                // What lives in a namespace without being a variable of it has a name that begins with it.
                let inside = name.part(before: " ")
                let space = place.count > 2 ? name : absences.asked(inside) ? inside : ""
                missing = try absences.absence(of: space)
            }
            if missing == nil, let function = try FunctionPlaces.function(place, context) { return .builtin(function) }
        }
        let name = place.last.flatMap { if case .string(let text) = $0 { text } else { nil } } ?? "function"
        if missing == nil { absences.notes.append("the function \(name) is not there") }
        return .builtin(AbsentFunctions.of(context).function(name, at: place, missing))
    }

    private func made(_ parts: [JSON], _ tag: String) throws -> Value {
        guard parts.count == (tag == "made" ? 7 : 5), let number = Self.whole(parts[1]),
            objects[number] == nil
        else { throw Self.fault }
        let name = try Self.text(parts[2])
        let values = tag == "made" ? try Self.array(parts[3]).map { try value($0) } : [try value(parts[3])]
        let dots = tag == "made" ? try arguments(parts[4], parts[5]) : []
        let object: ForeignObject
        if tag == "made" {
            var missing = try absences.absence(of: name.part(before: "::"))
            if missing == nil, context.registry.makers[name] == nil { missing = absences.absence(ofName: name) }
            let saved = AbsentParts.made(maker: name, values: values, dots: dots)
            object = try unlessAbsent(missing, saved, number) {
                guard let maker = context.registry.makers[name] else { throw Self.fault }
                return try withGroups(of: number, values + dots.map { $0.value }) {
                    try maker.remake(values, dots: dots, context)
                }
            }
        } else {
            let missing = context.registry.savedKinds[name] == nil ? absences.absence(ofName: name) : nil
            object = try unlessAbsent(missing, .kind(name, parts: values[0]), number) {
                guard let make = context.registry.savedKinds[name] else { throw Self.fault }
                return try make(values[0], context)
            }
        }
        object.attributes = try attributes(parts[parts.count - 1])
        objects[number] = object
        if tag == "made", isForeign(.made(maker: name, values: [], dots: [])) { foreign.insert(number) }
        return .object(object)
    }

    /// Makes a scheduler, which looks at the groups of its optimizer: those that were there when it was made first. The
    /// optimizer has those it began with, and takes back the added ones with its state, at the end.
    private func withGroups(
        of number: Int, _ values: [Value], _ make: () throws -> ForeignObject
    ) throws -> ForeignObject {
        guard let rates = stateElement("base_lrs", of: number), rates.count == 3, case .array(let bases) = rates[1]
        else { return try make() }
        let optimizers = values.compactMap { value -> Optimizer? in
            if case .object(let object) = value { object as? Optimizer } else { nil }
        }
        guard let optimizer = optimizers.first, !bases.isEmpty else { return try make() }
        return try optimizer.withGroups(count: bases.count, make)
    }

    // MARK: What is not there

    /// Makes an object, or what stands for it where its plug-in is not there, or where it is made of something that is
    /// not there: of a class that a plug-in defines, say.
    private func unlessAbsent(
        _ absence: Absence?, _ saved: AbsentParts, _ number: Int, _ make: () throws -> ForeignObject
    ) throws -> ForeignObject {
        var missing = absence
        if missing == nil {
            do {
                return try make()
            } catch let error as WorkbenchError {
                if lacking != nil, error.kind != .fault, let held = saved.heldAbsence {
                    missing = held
                } else if error.kind == .plugin || error.kind != .fault && isForeign(saved) {
                    absences.notes.append(error.message)
                    missing = Absence(
                        "", version: nil, reason: "cannot make it (\(inOneLine(error.message)))",
                        hint: error.hint ?? "mend it, and restore what was saved once more: nothing of it is lost")
                } else if case .made = saved, error.kind != .fault {
                    // What a file says of one object does not make sense: all others are whole.
                    let refusal = Absence(refusal: inOneLine(error.message), hint: error.hint)
                    absences.notes.append(
                        "<\(saved.name)> \(refusal.reason): it is kept as it was saved, and cannot be used")
                    missing = refusal
                } else {
                    throw error
                }
            }
        }
        guard let missing else { throw Self.fault }
        lacking = missing
        let name = saved.name
        // Modules say what they have; everything else is asked for by what it does.
        return stateNames(number).contains(".parameters")
            ? AbsentModule(name, missing, saved) : AbsentObject(name, missing, saved)
    }

    /// Whether a plug-in that is not in the box makes it: what its making throws is the plug-in's business, and the rest of
    /// the session is whole.
    private func isForeign(_ saved: AbsentParts) -> Bool {
        guard case .made(let maker, _, _) = saved else { return false }
        let (namespace, name) = (maker.part(before: "::"), maker.part(after: "::"))
        let owner = context.registry.registrations.last { $0.symbol.name == name && $0.namespace == namespace }?.plugin
        return context.registry.loadedPlugins.plugins.contains { $0.name == owner || $0.name == namespace }
    }

    private func parts(of node: JSON) -> [JSON] {
        guard let place = Self.whole(node), nodes.indices.contains(place), case .array(let parts) = nodes[place]
        else { return [] }
        return parts
    }

    /// The names in the state of an object, read before the state can be made.
    private func stateNames(_ number: Int) -> [String] {
        guard states.indices.contains(number) else { return [] }
        let list = parts(of: states[number])
        guard list.count == 3, case .string("list") = list[0], case .array(let attributes) = list[2] else { return [] }
        for case .array(let attribute) in attributes where attribute.count == 2 {
            guard case .string("names") = attribute[0] else { continue }
            let names = parts(of: attribute[1])
            guard names.count == 3, case .array(let texts) = names[1] else { return [] }
            return texts.map { if case .string(let text) = $0 { text } else { "" } }
        }
        return []
    }

    /// The node of an element in the state of an object, read before the state can be made.
    private func stateElement(_ name: String, of number: Int) -> [JSON]? {
        guard let place = stateNames(number).firstIndex(of: name),
            case .array(let elements) = parts(of: states[number])[1],
            elements.indices.contains(place)
        else { return nil }
        return parts(of: elements[place])
    }
}

/// Functions that stand in for methods until they are called.
enum LateMethod {
    /// A method of its first argument, found by name when it is called.
    static func function(_ name: String) -> Builtin {
        Builtin(name, namespace: "base", [.value("self"), .dots]) { args in
            let method = try args.context.call("$", [Argument(args[0]), Argument(.string(name))])
            return try args.context.call(method, args.dots, call: args.call, environment: args.environment)
        }
    }
}
