import Diagnostics
import Tensors

/// Makes the values of a ``Snapshot`` again. Runs no R code: objects are made by makers and kinds of plug-ins, filled,
/// and handed their states.
public final class SnapshotReader {
    let context: Context
    private let description: JSON
    private let tensorOf: (String) throws -> Tensor
    private var values: [Value] = []
    /// How deep each value is nested, and the deepest that the node being made has referred to.
    private var depths: [Int] = []
    private var deepest = 0
    private var environments: [Environment] = []
    private var objects: [Int: ForeignObject] = [:]
    private var tensors: [Tensor] = []
    private var sources: [SourceText] = []
    /// What could not be made again, and why.
    public private(set) var notes: [String] = []
    /// A registered object is not there: what is made of it cannot be made.
    private var isLacking = false

    /// Reads the nodes of a description.
    ///
    /// - Parameter tensor: Finds a tensor of the file.
    /// - Throws: `.data` for a description that contradicts itself.
    public init(_ description: JSON, _ context: Context, tensor: @escaping (String) throws -> Tensor) throws {
        self.description = description
        self.context = context
        tensorOf = tensor
        try makeTensors()
        try makeSources()
        try makeEnvironments()
        for node in try array(description["nodes"]) {
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
        guard let place = SnapshotReader.whole(number), values.indices.contains(place) else { throw fault }
        deepest = max(deepest, depths[place])
        return values[place]
    }

    /// The environment of a number in the description.
    /// - Throws: `.data` for a number that is none.
    public func environment(number: Int) throws -> Environment {
        guard environments.indices.contains(number) else { throw fault }
        return environments[number]
    }

    var fault: WorkbenchError { WorkbenchError(.data, "the description of the saved values contradicts itself") }

    static func whole(_ json: JSON?) -> Int? {
        guard case .number(let number)? = json else { return nil }
        return Int(exactly: number)
    }

    private func array(_ json: JSON?) throws -> [JSON] {
        guard case .array(let elements)? = json else { throw fault }
        return elements
    }

    private func text(_ json: JSON?) throws -> String {
        guard case .string(let text)? = json else { throw fault }
        return text
    }

    // MARK: Tensors and sources

    private func makeTensors() throws {
        let records = try array(description["tensors"])
        func numbers(_ json: JSON?) throws -> [Int] {
            try array(json).map { element in
                guard let number = SnapshotReader.whole(element) else { throw fault }
                return number
            }
        }
        var made = [Tensor?](repeating: nil, count: records.count)
        for (place, record) in records.enumerated() where record["base"] == nil {
            let name = try text(record["name"])
            var tensor = try tensorOf(name)
            guard tensor.shape == (try numbers(record["shape"])), tensor.dtype.torchName == (try text(record["type"]))
            else { throw WorkbenchError(.data, "the tensor \"\(name)\" is not the one that was saved") }
            if let strides = record["strides"] { tensor = try tensor.laidOut(strides: try numbers(strides)) }
            made[place] = tensor
        }
        for (place, record) in records.enumerated() {
            guard let base = record["base"] else { continue }
            guard let number = SnapshotReader.whole(base), made.indices.contains(number), let root = made[number],
                let offset = SnapshotReader.whole(record["offset"])
            else { throw fault }
            made[place] = try root.region(
                shape: try numbers(record["shape"]), strides: try numbers(record["strides"]), offset: offset)
        }
        tensors = made.compactMap { $0 }
        guard tensors.count == records.count else { throw fault }
        for (place, record) in records.enumerated() {
            if case .bool(true)? = record["requires_grad"] { _ = try tensors[place].requiresGrad_() }
            guard let gradient = record["grad"] else { continue }
            guard let number = SnapshotReader.whole(gradient), tensors.indices.contains(number),
                tensors[number].shape == tensors[place].shape
            else { throw fault }
            tensors[place].grad = tensors[number]
        }
    }

    private func makeSources() throws {
        for source in try array(description["sources"]) {
            var file: String?
            if case .string(let name)? = source["file"] { file = name }
            sources.append(SourceText(try text(source["text"]), file: file))
        }
    }

    private func span(_ json: JSON) throws -> SourceSpan? {
        guard case .array(let parts) = json else { return nil }
        guard parts.count == 3, let number = SnapshotReader.whole(parts[0]), sources.indices.contains(number),
            let start = SnapshotReader.whole(parts[1]), let end = SnapshotReader.whole(parts[2]), start >= 0,
            start <= end
        else { throw fault }
        return SourceSpan(sources[number], start..<end)
    }

    // MARK: Environments

    private func makeEnvironments() throws {
        for record in try array(description["environments"]) {
            guard let special = record["special"] else {
                environments.append(Environment(parent: nil))
                continue
            }
            let name = try text(special)
            if let found = try FunctionPlaces.environment(name, context) {
                environments.append(found)
            } else {
                // What was attached with attach() is named when the session is saved: nobody can attach it again here.
                if !name.hasPrefix("list:") { notes.append("the namespace of \(name) is not there") }
                environments.append(Environment(parent: context.globalEnvironment))
            }
        }
    }

    private func environment(_ json: JSON?) throws -> Environment {
        guard let place = SnapshotReader.whole(json), environments.indices.contains(place) else { throw fault }
        return environments[place]
    }

    private func fillEnvironments() throws {
        for (place, record) in try array(description["environments"]).enumerated() {
            guard record["special"] == nil else { continue }
            let environment = environments[place]
            let contents = try zip(array(record["names"]), array(record["values"])).map {
                (try text($0), try value($1))
            }
            if let parent = record["parent"] { environment.parent = try self.environment(parent) }
            for (name, value) in contents { environment.define(Symbol.named(name), value) }
            if let attributes = record["attributes"] { environment.attributes = try self.attributes(attributes) }
            if let bindings = record["bindings"] {
                for name in try array(bindings) { environment.setLock(true, on: Symbol.named(try text(name))) }
            }
            if case .bool(true)? = record["locked"] { environment.lock() }
            if case .bool(true)? = record["tracked"] { context.collector.track(environment) }
        }
        try checkParents()
    }

    /// A chain of environments that comes back to itself would make every lookup endless.
    private func checkParents() throws {
        for environment in environments {
            var slow: Environment? = environment
            var fast = environment.parent?.parent
            while let ahead = fast {
                guard ahead !== slow else { throw fault }
                slow = slow?.parent
                fast = ahead.parent?.parent
            }
        }
    }

    // MARK: States

    private func restoreStates() throws {
        let states = try array(description["states"])
        for number in objects.keys.sorted() {
            guard let object = objects[number], states.indices.contains(number) else { throw fault }
            let state = try value(states[number])
            guard !state.isNull else { continue }
            try object.restoreState(state, context)
        }
    }

    // MARK: Nodes

    private func value(of node: JSON) throws -> Value {
        guard case .array(let parts) = node, case .string(let tag)? = parts.first else { throw fault }
        func part(_ place: Int) throws -> JSON {
            guard parts.indices.contains(place) else { throw fault }
            return parts[place]
        }
        switch tag {
        case "null": return .null
        case "missing": return .missing
        case "lgl", "int", "dbl", "cplx", "chr", "raw":
            return try with(try attributes(try part(2)), SnapshotVector.value(tag, inline: try array(try part(1))))
        case "big":
            let names = try parts[1...].dropFirst().dropLast().map { try tensorOf(try text($0)) }
            return try with(
                try attributes(parts[parts.count - 1]), try SnapshotVector.value(try text(try part(1)), Array(names)))
        case "list", "expr":
            let list = ListVector(try array(try part(1)).map { try value($0) })
            return try with(try attributes(try part(2)), tag == "list" ? .list(list) : .expression(list))
        case "sym": return .symbol(Symbol.named(try text(try part(1))))
        case "call":
            return .call(
                Call(
                    try value(try part(1)), try arguments(try part(2), try part(3)), span: try span(try part(5)),
                    attributes: try attributes(try part(4))))
        case "closure":
            let names = try array(try part(1)).map { Symbol.named(try text($0)) }
            let defaults = try array(try part(2)).map { try value($0) }
            guard names.count == defaults.count else { throw fault }
            return .closure(
                Closure(
                    Formals(names, defaults), try value(try part(3)), try environment(try part(4)),
                    source: try span(try part(6)), attributes: try attributes(try part(5))))
        case "env": return .environment(try environment(try part(1)))
        case "promise":
            let expression = try value(try part(1))
            let isDefault: Bool
            if case .bool(true) = try part(4) { isDefault = true } else { isDefault = false }
            if SnapshotReader.whole(try part(3)) != -1 {
                return .promise(Promise(expression, value: try value(try part(3))))
            }
            return .promise(Promise(expression, in: try environment(try part(2)), isDefault: isDefault))
        case "dots": return .dots(Dots(try arguments(try part(1), try part(2))))
        case "active": return .activeBinding(ActiveBinding(try value(try part(1))))
        case "fun": return try function(Array(parts.dropFirst()))
        case "tensor": return try tensor(try part(1), try text(try part(2)), try attributes(try part(3)))
        case "ns":
            let (namespace, name) = (try text(try part(1)), try text(try part(2)))
            if let found = try FunctionPlaces.value(namespace, name, context) { return found }
            notes.append("\(namespace)::\(name) is not there")
            isLacking = true
            return .null
        case "made", "kind": return try made(parts, tag)
        case "bound":
            let target = try value(try part(2))
            if SnapshotReader.whole(try part(1)) != -1 {
                return .object(BoundMethod(try value(try part(1)), to: target))
            }
            return .object(BoundMethod(.builtin(LateMethod.function(try text(try part(3)))), to: target))
        case "gone": return .null
        default: throw fault
        }
    }

    private func with(_ attributes: Attributes?, _ value: Value) throws -> Value {
        guard let attributes else { return value }
        var copy = value
        copy.attributes = attributes
        guard copy.attributesFit else { throw fault }
        return copy
    }

    private func attributes(_ json: JSON) throws -> Attributes? {
        guard case .array(let entries) = json else { return nil }
        return Attributes.of(
            try entries.map { entry in
                let parts = try array(entry)
                guard parts.count == 2 else { throw fault }
                return (Symbol.named(try text(parts[0])), try value(parts[1]))
            })
    }

    private func arguments(_ values: JSON, _ names: JSON) throws -> [Argument] {
        let values = try array(values)
        guard case .array(let names) = names else { return try values.map { Argument(try value($0)) } }
        guard names.count == values.count else { throw fault }
        return try zip(values, names).map { pair in
            if case .string(let name) = pair.1 { return Argument(try value(pair.0), name: name) }
            return Argument(try value(pair.0))
        }
    }

    private func tensor(_ number: JSON, _ role: String, _ attributes: Attributes?) throws -> Value {
        guard let place = SnapshotReader.whole(number), place == -1 || tensors.indices.contains(place) else {
            throw fault
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
        if case .string("method")? = place.first {
            if place.count == 3, let number = SnapshotReader.whole(place[1]), case .string(let name) = place[2],
                let function = objects[number]?.ownMethod(name)
            {
                return .builtin(function)
            }
        } else if case .string("result")? = place.first, place.count == 4 {
            if case .builtin(let maker) = try value(place[1]), maker.makesFunctions {
                return try context.call(.builtin(maker), try arguments(place[2], place[3]))
            }
        } else if let function = try FunctionPlaces.function(place, context) {
            return .builtin(function)
        }
        let name = place.last.flatMap { if case .string(let text) = $0 { text } else { nil } } ?? "function"
        notes.append("the function \(name) is not there")
        return .builtin(LateMethod.gone(name))
    }

    private func made(_ parts: [JSON], _ tag: String) throws -> Value {
        guard parts.count == (tag == "made" ? 7 : 5), let number = SnapshotReader.whole(parts[1]),
            objects[number] == nil
        else { throw fault }
        let name = try text(parts[2])
        let object: ForeignObject
        do {
            if tag == "made" {
                let space = name.components(before: "::")
                if !space.isEmpty { _ = try context.registry.loadedNamespace(space) }
                guard let maker = context.registry.makers[name] else { throw missing(name) }
                object = try maker.remake(
                    try array(parts[3]).map { try value($0) }, dots: try arguments(parts[4], parts[5]), context)
            } else {
                guard let make = context.registry.savedKinds[name] else { throw missing(name) }
                object = try make(try value(parts[3]), context)
            }
        } catch let error as WorkbenchError where error.kind == .plugin || isLacking && error.kind == .data {
            // Made of something that is not there, as a line says already: of a class that a plug-in defines, say.
            if error.kind == .plugin { notes.append(error.message) }
            return .null
        }
        object.attributes = try attributes(parts[parts.count - 1])
        objects[number] = object
        return .object(object)
    }

    private func missing(_ name: String) -> WorkbenchError {
        WorkbenchError(.plugin, "\(name) is not there: its plug-in is not loaded")
    }
}

extension String {
    /// What stands before a mark, or nothing.
    fileprivate func components(before mark: String) -> String {
        var rest = self[...]
        while !rest.isEmpty {
            if rest.hasPrefix(mark) { return String(self[startIndex..<rest.startIndex]) }
            rest = rest.dropFirst()
        }
        return ""
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

    /// A function that a saved session could not bring back.
    static func gone(_ name: String) -> Builtin {
        Builtin(name, namespace: "base", [.dots]) { _ in
            throw WorkbenchError(.plugin, "`\(name)` could not be restored with the session that used it")
        }
    }
}
