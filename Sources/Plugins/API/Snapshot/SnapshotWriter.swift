import Diagnostics
import Tensors

/// Makes a ``Snapshot`` of R values. Runs no R code.
public final class SnapshotWriter {
    let context: Context
    private(set) var nodes: [JSON] = [.array([.string("null")])]
    private var known: [ObjectIdentifier: Int] = [:]
    /// Everything whose address is remembered, so that no other object gets it meanwhile.
    private var kept: [AnyObject] = []
    private var buffers: [UnsafeRawPointer: Int] = [:]
    private var keptValues: [Value] = []
    private var symbols: [Symbol: Int] = [:]
    private var environments: [JSON] = []
    private var environmentNumbers: [ObjectIdentifier: Int] = [:]
    private var pendingEnvironments: [(environment: Environment, number: Int, path: String)] = []
    private var named: [(path: String, environment: Environment, number: Int)] = []
    private var objectCount = 0
    private var pendingObjects: [(object: ForeignObject, number: Int, path: String)] = []
    private var states: [JSON] = []
    private var underway: Set<ObjectIdentifier> = []
    private var sources: [JSON] = []
    private var sourceNumbers: [ObjectIdentifier: Int] = [:]
    var tensors: SnapshotTensors
    private(set) var skipped: [(path: String, reason: String)] = []
    private var leftOut: Set<Int> = []
    private lazy var places = FunctionPlaces(context)
    private var depth = 0

    /// What a copy within the session has in common with what it is a copy of; nothing in a file.
    private let shares: (AnyObject) -> Bool
    private(set) var shared: [AnyObject] = []

    /// An empty snapshot. Of the global environment it only says that it is meant, not what is in it.
    public convenience init(_ context: Context) { self.init(context) { _ in false } }

    /// One of a copy within the session.
    init(_ context: Context, sharing shares: @escaping (AnyObject) -> Bool) {
        self.context = context
        self.shares = shares
        tensors = SnapshotTensors()
    }

    /// Adds a value and everything it refers to.
    /// - Returns: Its node.
    /// - Throws: what objects throw when asked for their state.
    public func add(_ value: Value, at path: String) throws -> Int {
        let number = try node(value, path)
        try fillPending()
        return number
    }

    /// The finished snapshot.
    /// - Parameter more: Further members of the description.
    public func finish(_ more: [(key: String, value: JSON)] = []) throws -> Snapshot {
        let (files, records) = try tensors.finish()
        return Snapshot(
            description: .object(
                more + [
                    ("plugins", plugins), ("nodes", .array(nodes)), ("environments", .array(environments)),
                    ("states", .array(states)),
                    ("tensors", .array(records)), ("sources", .array(sources)),
                ]), tensors: files, skipped: skipped + tensors.leftOut)
    }

    /// Environments of a class that have been added, with the paths at which they were met.
    public func environments(ofClass name: String) -> [(path: String, environment: Environment, number: Int)] {
        named.filter { Value.environment($0.environment).inherits(name) }
    }

    /// Whether the value of a node is left out as a whole.
    public func isLeftOut(_ node: Int) -> Bool { leftOut.contains(node) }

    /// Notes what is left out.
    func skip(_ path: String, _ reason: String) -> Int {
        skipped.append((path.utf8.count > 80 ? path.prefix(60) + "…" : path, reason))
        leftOut.insert(nodes.count)
        return append([.string("gone"), .string(reason)])
    }

    private func append(_ node: [JSON]) -> Int {
        nodes.append(.array(node))
        return nodes.count - 1
    }

    private func remember(_ object: AnyObject, _ number: Int) -> Int {
        kept.append(object)
        known[ObjectIdentifier(object)] = number
        return number
    }

    private func fillPending() throws {
        while true {
            if let next = pendingEnvironments.popLast() {
                environments[next.number] = try contents(next.environment, next.path)
            } else if let next = pendingObjects.popLast() {
                let state = try next.object.savedState(context)
                states[next.number] = .number(Double(try node(state, next.path)))
            } else {
                return
            }
        }
    }

    // MARK: Values

    private func node(_ value: Value, _ path: String) throws -> Int {
        depth += 1
        defer { depth -= 1 }
        guard depth < Snapshot.mostDepth else { return skip(path, "what is nested more than \(depth) levels deep") }
        switch value {
        case .null: return 0
        case .missing: return append([.string("missing")])
        case .logical, .integer, .double, .complex, .character, .raw: return try atomic(value, path)
        case .list(let list): return try elements("list", value, list, path)
        case .expression(let list): return try elements("expr", value, list, path)
        case .symbol(let symbol):
            if let number = symbols[symbol] { return number }
            let number = append([.string("sym"), .string(symbol.name)])
            symbols[symbol] = number
            return number
        case .call(let call): return try code(call, path)
        case .closure(let closure): return try function(closure, path)
        case .builtin(let builtin): return try builtinNode(builtin, path)
        case .environment(let environment):
            return append([.string("env"), .number(Double(self.environment(environment, path)))])
        case .object(let object): return try objectNode(object, path)
        case .promise(let promise): return try promiseNode(promise, path)
        case .dots(let dots):
            if let number = known[ObjectIdentifier(dots)] { return number }
            let (values, names) = try arguments(dots.arguments, path)
            return remember(dots, append([.string("dots"), values, names]))
        case .activeBinding(let binding):
            if let number = known[ObjectIdentifier(binding)] { return number }
            let function = try node(binding.function, path)
            return remember(binding, append([.string("active"), .number(Double(function))]))
        }
    }

    private func attributes(_ attributes: Attributes?, _ path: String) throws -> JSON {
        guard let attributes else { return .null }
        return .array(
            try attributes.entries.map { entry in
                .array([
                    .string(entry.name.name), .number(Double(try node(entry.value, path + "@" + entry.name.name))),
                ])
            })
    }

    private func atomic(_ value: Value, _ path: String) throws -> Int {
        let attributes = try attributes(value.attributes, path)
        guard value.length > Snapshot.mostInline || SnapshotVector.hasLongTexts(value) else {
            return append([.string(SnapshotVector.tag(of: value)), SnapshotVector.inline(value), attributes])
        }
        let (address, vector) = SnapshotVector.buffer(of: value)
        let names: [JSON]
        if let address, let number = buffers[address], case .array(let node) = nodes[number] {
            names = Array(node.dropFirst().dropLast())
        } else {
            names =
                [.string(SnapshotVector.tag(of: value))]
                + (try SnapshotVector.tensors(of: vector)).map { .string(tensors.addVector($0, path)) }
        }
        let number = append([.string("big")] + names + [attributes])
        if let address, buffers[address] == nil {
            buffers[address] = number
            keptValues.append(value)
        }
        return number
    }

    private func elements(_ tag: String, _ value: Value, _ list: ListVector, _ path: String) throws -> Int {
        let names = value.names
        let elements = try list.elements.enumerated().map { place, element -> JSON in
            var name = String(place + 1)
            if let names, place < names.count, let given = names[place]?.string, !given.isEmpty { name = given }
            // What begins with a point is structure, not part of a tensor's name.
            let below = SnapshotWriter.path(path, name)
            return .number(Double(try node(element, below)))
        }
        return append([.string(tag), .array(elements), try attributes(list.attributes, path)])
    }

    private func arguments(_ arguments: [Argument], _ path: String) throws -> (JSON, JSON) {
        let values = try arguments.map { argument -> JSON in
            .number(Double(try node(argument.value, argument.name.map { path + "." + $0.name } ?? path)))
        }
        let names: JSON =
            arguments.contains { $0.name != nil }
            ? .array(arguments.map { $0.name.map { .string($0.name) } ?? .null }) : .null
        return (.array(values), names)
    }

    // MARK: Code

    private func code(_ call: Call, _ path: String) throws -> Int {
        if let number = known[ObjectIdentifier(call)] { return number }
        let function = try node(call.function, path)
        let (values, names) = try arguments(call.arguments, path)
        return remember(
            call,
            append([
                .string("call"), .number(Double(function)), values, names, try attributes(call.attributes, path),
                place(call.span),
            ]))
    }

    private func function(_ closure: Closure, _ path: String) throws -> Int {
        if let number = known[ObjectIdentifier(closure)] { return number }
        let defaults = try closure.formals.defaults.map { JSON.number(Double(try node($0, path))) }
        let body = try node(closure.body, path)
        let home = environment(closure.environment, path)
        return remember(
            closure,
            append([
                .string("closure"), .array(closure.formals.names.map { .string($0.name) }), .array(defaults),
                .number(Double(body)), .number(Double(home)), try attributes(closure.attributes, path),
                place(closure.source),
            ]))
    }

    private func place(_ span: SourceSpan?) -> JSON {
        guard let span else { return .null }
        let key = ObjectIdentifier(span.source)
        let number: Int
        if let found = sourceNumbers[key] {
            number = found
        } else {
            number = sources.count
            sourceNumbers[key] = number
            kept.append(span.source)
            sources.append(
                .object([
                    ("file", span.source.file.map { .string($0) } ?? .null),
                    ("text", .string(String(decoding: span.source.bytes, as: UTF8.self))),
                ]))
        }
        return .array([.number(Double(number)), .number(Double(span.start)), .number(Double(span.end))])
    }

    private func promiseNode(_ promise: Promise, _ path: String) throws -> Int {
        if let number = known[ObjectIdentifier(promise)] { return number }
        let expression = try node(promise.expression, path)
        let home = promise.environment.map { environment($0, path) } ?? -1
        let value = try promise.value.map { try node($0, path) } ?? -1
        return remember(
            promise,
            append([
                .string("promise"), .number(Double(expression)), .number(Double(home)), .number(Double(value)),
                .bool(promise.isDefault),
            ]))
    }

    private func builtinNode(_ builtin: Builtin, _ path: String) throws -> Int {
        if let number = known[ObjectIdentifier(builtin)] { return number }
        if let place = places.place(of: builtin) {
            return remember(builtin, append([.string("fun")] + place))
        }
        if let (place, absence) = AbsentFunctions.of(context).place(of: builtin) {
            if let absence { note(absence) }
            return remember(builtin, append([.string("fun")] + place))
        }
        switch builtin.origin {
        case .method(let owner, let name)?:
            if let object = owner() {
                if objectNumbers[ObjectIdentifier(object)] == nil { _ = try objectNode(object, path) }
                guard let number = objectNumbers[ObjectIdentifier(object)] else { break }
                return remember(
                    builtin, append([.string("fun"), .string("method"), .number(Double(number)), .string(name)]))
            }
        case .result(let function, let given)?:
            let maker = try node(.builtin(function), path)
            let (values, names) = try arguments(given, path)
            return remember(
                builtin, append([.string("fun"), .string("result"), .number(Double(maker)), values, names]))
        case nil: break
        }
        return remember(builtin, skip(path, "the function `\(builtin.name.name)` lives in the running session only"))
    }

    // MARK: Environments

    /// What is in something is called after it; long chains are not told apart any more.
    private static func path(_ path: String, _ name: String) -> String {
        name.hasPrefix(".") || path.utf8.count > 400 ? path : path.isEmpty ? name : path + "." + name
    }

    private func environment(_ environment: Environment, _ path: String) -> Int {
        if let number = environmentNumbers[ObjectIdentifier(environment)] { return number }
        let number = environments.count
        environmentNumbers[ObjectIdentifier(environment)] = number
        kept.append(environment)
        if let special = places.specialEnvironment(environment) ?? environment.absentPlace {
            environments.append(.object([("special", .string(special))]))
        } else if shares(environment) {
            environments.append(.object([("shared", .number(Double(shared.count)))]))
            shared.append(environment)
        } else {
            environments.append(.null)
            pendingEnvironments.append((environment, number, path))
            named.append((path, environment, number))
        }
        return number
    }

    private func contents(_ environment: Environment, _ path: String) throws -> JSON {
        var names: [JSON] = []
        var values: [JSON] = []
        var locked: [JSON] = []
        for symbol in environment.names() {
            guard let value = environment.local(symbol) else { continue }
            names.append(.string(symbol.name))
            let below = SnapshotWriter.path(path, symbol.name)
            values.append(.number(Double(try node(value, below))))
            if environment.isLocked(symbol) { locked.append(.string(symbol.name)) }
        }
        var members: [(key: String, value: JSON)] = []
        if let parent = environment.parent {
            members.append(("parent", .number(Double(self.environment(parent, path)))))
        }
        members += [("names", .array(names)), ("values", .array(values))]
        if environment.isLocked { members.append(("locked", .bool(true))) }
        if !locked.isEmpty { members.append(("bindings", .array(locked))) }
        if environment.isTracked { members.append(("tracked", .bool(true))) }
        if let attributes = environment.attributes {
            members.append(("attributes", try self.attributes(attributes, path)))
        }
        return .object(members)
    }

    // MARK: Objects

    private var objectNumbers: [ObjectIdentifier: Int] = [:]
    /// The first object that a computation in the background works with, and that is left out for that.
    private(set) var guarded: ForeignObject?

    private func objectNode(_ object: ForeignObject, _ path: String) throws -> Int {
        if let wrapper = object as? TensorObject { return try tensorNode(wrapper, path) }
        if let callback = object as? AbsentCallback { return try objectNode(callback.thing, path) }
        let key = ObjectIdentifier(object)
        if let number = known[key] { return number }
        if shares(object) {
            shared.append(object)
            return remember(object, append([.string("shared"), .number(Double(shared.count - 1))]))
        }
        if let owner = object.owner, owner !== context.background {
            if guarded == nil { guarded = object }
            return remember(object, skip(path, "\(owner.name) works with it in the background; job$wait() returns it"))
        }
        if let (namespace, name) = places.registered(object) {
            return remember(object, append([.string("ns"), .string(namespace), .string(name)]))
        }
        let absent = object as? any AbsentThing
        if let absence = absent?.absence { note(absence) }
        if case .registered(let namespace, let name)? = absent?.saved {
            return remember(object, append([.string("ns"), .string(namespace), .string(name)]))
        }
        if let bound = object as? BoundMethod {
            // A method that the class has is found again by its name; any other function is saved itself.
            var function = -1
            var name = ""
            if case .builtin(let method) = bound.function, !places.isInner(method) {
                name = method.name.name
            } else {
                function = try node(bound.function, path)
            }
            let target = try node(bound.object, path)
            return remember(
                object,
                append([.string("bound"), .number(Double(function)), .number(Double(target)), .string(name)]))
        }
        guard object.construction != nil || object.savedKind != nil || absent != nil else {
            return remember(object, skip(path, object.reasonNotSaved))
        }
        guard underway.insert(key).inserted else {
            return skip(path, "it is made from itself")
        }
        defer { underway.remove(key) }
        kept.append(object)
        let number = objectCount
        objectCount += 1
        objectNumbers[key] = number
        states.append(.null)
        let made: Int
        switch absent?.saved {
        case .made(let maker, let values, let dots)?:
            made = try self.made(object, number, by: maker, values, dots, path)
        case .kind(let kind, let parts)?: made = try self.kind(object, number, kind, parts, path)
        default:
            if object.savedKind == nil, let construction = object.construction {
                made = try self.made(
                    object, number, by: construction.maker.name, construction.values, construction.dots, path)
            } else {
                made = try kind(object, number, object.savedKind ?? "", try object.savedParts(context), path)
            }
        }
        pendingObjects.append((object, number, path))
        return remember(object, made)
    }

    private func made(
        _ object: ForeignObject, _ number: Int, by maker: String, _ values: [Value], _ dots: [Argument], _ path: String
    ) throws -> Int {
        let values = try values.map { JSON.number(Double(try node($0, path))) }
        let (dots, names) = try arguments(dots, path)
        return append([
            .string("made"), .number(Double(number)), .string(maker), .array(values), dots, names,
            try attributes(object.attributes, path),
        ])
    }

    private func kind(
        _ object: ForeignObject, _ number: Int, _ kind: String, _ parts: Value, _ path: String
    ) throws -> Int {
        let parts = try node(parts, path)
        return append([
            .string("kind"), .number(Double(number)), .string(kind), .number(Double(parts)),
            try attributes(object.attributes, path),
        ])
    }

    /// Plug-ins that are not there, and of which something is saved again.
    private var absent: [(name: String, version: String)] = []

    private func note(_ absence: Absence) {
        guard let version = absence.version, !absent.contains(where: { $0.name == absence.plugin }) else { return }
        absent.append((absence.plugin, version))
    }

    /// Plug-ins that are not in the box, with their versions.
    private var plugins: JSON {
        let loaded = context.registry.loadedPlugins.plugins.map { (name: $0.name, version: $0.version) }
        let known = Set((loaded + absent).map { $0.name })
        let attached = AbsentAttachments.of(context).plugins.filter { !known.contains($0.name) }
        return .array(
            (loaded + absent + attached).map {
                .object([("name", .string($0.name)), ("version", .string($0.version))])
            })
    }

    private func tensorNode(_ object: TensorObject, _ path: String) throws -> Int {
        let number = try object.tensor.map { try tensors.add($0, path) } ?? -1
        let role: String
        switch object.role {
        case .plain: role = "plain"
        case .parameter: role = "parameter"
        case .buffer(let persistent): role = persistent ? "buffer" : "scratch"
        }
        return append([
            .string("tensor"), .number(Double(number)), .string(role), try attributes(object.attributes, path),
        ])
    }
}
