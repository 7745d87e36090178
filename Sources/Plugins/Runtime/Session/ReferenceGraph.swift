/// The things that environments hold, as a graph for ``CycleCollector``: who refers to whom, and how often.
///
/// Nodes are heap objects: environments, closures, promises, list buffers, attributes, plug-in objects. A buffer shared
/// by two variables is one node with two references.
struct ReferenceGraph {
    private enum Node {
        case environment(Unmanaged<Environment>)
        case closure(Unmanaged<Closure>)
        case promise(Unmanaged<Promise>)
        case dots(Unmanaged<Dots>)
        case binding(Unmanaged<ActiveBinding>)
        case attributes(Unmanaged<Attributes>)
        case object(Unmanaged<ForeignObject>)
        case call(Unmanaged<Call>)
        case buffer(Unmanaged<AnyObject>, [Value])
    }

    private var nodes: [Node] = []
    private var places: [UnsafeRawPointer: Int] = [:]
    /// References from inside, per node.
    private var internalCounts: [Int] = []
    /// Nodes each node refers to.
    private var edges: [[Int]] = []

    init(_ roots: [Unmanaged<Environment>]) {
        for root in roots { _ = add(.environment(root), UnsafeRawPointer(root.toOpaque())) }
        var next = 0
        while next < nodes.count {
            expand(next)
            next += 1
        }
    }

    /// How many things it holds.
    var count: Int { nodes.count }

    /// Environments and plug-in objects that nothing outside the graph can reach.
    func unreachable() -> (environments: [Environment], objects: [ForeignObject]) {
        var alive = [Bool](repeating: false, count: nodes.count)
        var stack: [Int] = []
        for place in nodes.indices where retainCount(nodes[place]) > internalCounts[place] {
            alive[place] = true
            stack.append(place)
        }
        while let place = stack.popLast() {
            for target in edges[place] where !alive[target] {
                alive[target] = true
                stack.append(target)
            }
        }
        var environments: [Environment] = []
        var objects: [ForeignObject] = []
        for place in nodes.indices where !alive[place] {
            switch nodes[place] {
            case .environment(let environment): environments.append(environment.takeUnretainedValue())
            case .object(let object): objects.append(object.takeUnretainedValue())
            default: break
            }
        }
        return (environments, objects)
    }

    private mutating func add(_ node: Node, _ address: UnsafeRawPointer) -> Int {
        if let known = places[address] { return known }
        places[address] = nodes.count
        nodes.append(node)
        internalCounts.append(0)
        edges.append([])
        return nodes.count - 1
    }

    private mutating func refer(from source: Int, to node: Node, _ address: UnsafeRawPointer) {
        let target = add(node, address)
        internalCounts[target] += 1
        edges[source].append(target)
    }

    private mutating func expand(_ place: Int) {
        switch nodes[place] {
        case .environment(let environment):
            environment._withUnsafeGuaranteedRef { environment in
                // Slots are visited one by one: a frame shares its array of values with nobody.
                for slot in environment.slots { visit(slot, from: place) }
                if let parent = environment.parent { visit(.environment(parent), from: place) }
                visit(environment.attributes, from: place)
            }
        case .closure(let closure):
            closure._withUnsafeGuaranteedRef { closure in
                visit(.environment(closure.environment), from: place)
                visit(closure.attributes, from: place)
            }
        case .promise(let promise):
            promise._withUnsafeGuaranteedRef { promise in
                if let environment = promise.environment { visit(.environment(environment), from: place) }
                if let value = promise.value { visit(value, from: place) }
            }
        case .dots(let dots):
            dots._withUnsafeGuaranteedRef { dots in
                for argument in dots.arguments { visit(argument.value, from: place) }
            }
        case .binding(let binding):
            binding._withUnsafeGuaranteedRef { visit($0.function, from: place) }
        case .attributes(let attributes):
            attributes._withUnsafeGuaranteedRef { attributes in
                for entry in attributes.entries { visit(entry.value, from: place) }
            }
        case .object(let object):
            object._withUnsafeGuaranteedRef { object in
                var held: [Value] = []
                object.visitReferences { held.append($0) }
                object.construction?.visitReferences { held.append($0) }
                for value in held { visit(value, from: place) }
                visit(object.attributes, from: place)
            }
        case .call(let call):
            call._withUnsafeGuaranteedRef { visit($0.attributes, from: place) }
        case .buffer(_, let values):
            for value in values { visit(value, from: place) }
        }
    }

    private mutating func visit(_ attributes: Attributes?, from source: Int) {
        guard let attributes else { return }
        let node = Unmanaged.passUnretained(attributes)
        refer(from: source, to: .attributes(node), UnsafeRawPointer(node.toOpaque()))
    }

    private mutating func visit(_ value: Value, from source: Int) {
        switch value {
        case .environment(let environment):
            let node = Unmanaged.passUnretained(environment)
            refer(from: source, to: .environment(node), UnsafeRawPointer(node.toOpaque()))
        case .closure(let closure):
            let node = Unmanaged.passUnretained(closure)
            refer(from: source, to: .closure(node), UnsafeRawPointer(node.toOpaque()))
        case .promise(let promise):
            let node = Unmanaged.passUnretained(promise)
            refer(from: source, to: .promise(node), UnsafeRawPointer(node.toOpaque()))
        case .dots(let dots):
            let node = Unmanaged.passUnretained(dots)
            refer(from: source, to: .dots(node), UnsafeRawPointer(node.toOpaque()))
        case .activeBinding(let binding):
            let node = Unmanaged.passUnretained(binding)
            refer(from: source, to: .binding(node), UnsafeRawPointer(node.toOpaque()))
        case .object(let object):
            let node = Unmanaged.passUnretained(object)
            refer(from: source, to: .object(node), UnsafeRawPointer(node.toOpaque()))
        case .call(let call) where call.attributes != nil:
            let node = Unmanaged.passUnretained(call)
            refer(from: source, to: .call(node), UnsafeRawPointer(node.toOpaque()))
        case .list(let list), .expression(let list):
            visit(list.attributes, from: source)
            guard !list.elements.isEmpty, let owner = list.elements._owner else { return }
            let node = Unmanaged<AnyObject>.passUnretained(owner)
            refer(from: source, to: .buffer(node, list.elements), UnsafeRawPointer(node.toOpaque()))
        default: visit(value.attributes, from: source)
        }
    }

    private func retainCount(_ node: Node) -> Int {
        switch node {
        case .environment(let node): return Int(node._withUnsafeGuaranteedRef { _getRetainCount($0) })
        case .closure(let node): return Int(node._withUnsafeGuaranteedRef { _getRetainCount($0) })
        case .promise(let node): return Int(node._withUnsafeGuaranteedRef { _getRetainCount($0) })
        case .dots(let node): return Int(node._withUnsafeGuaranteedRef { _getRetainCount($0) })
        case .binding(let node): return Int(node._withUnsafeGuaranteedRef { _getRetainCount($0) })
        case .attributes(let node): return Int(node._withUnsafeGuaranteedRef { _getRetainCount($0) })
        case .object(let node): return Int(node._withUnsafeGuaranteedRef { _getRetainCount($0) })
        case .call(let node): return Int(node._withUnsafeGuaranteedRef { _getRetainCount($0) })
        // The graph itself holds the buffer once.
        case .buffer(let node, _): return Int(node._withUnsafeGuaranteedRef { _getRetainCount($0) }) - 1
        }
    }
}
