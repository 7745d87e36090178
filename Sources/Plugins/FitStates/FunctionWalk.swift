import PluginAPI

/// Functions written in R that values hold: themselves, in lists, in environments and in objects, each once.
struct FunctionWalk {
    private let context: Context
    private let forcing: Bool
    private var seen: Set<ObjectIdentifier> = []
    private var open: [Closure] = []
    private var parts = 0
    private(set) var isCutOff = false

    private static let mostParts = 200_000
    /// Longer lists and larger environments hold data.
    private static let mostElements = 10_000

    /// - Parameter forcing: Evaluates promises that nobody has asked for yet.
    init(_ context: Context, forcing: Bool) { (self.context, self.forcing) = (context, forcing) }

    /// A function that has not been given before.
    mutating func next() -> Closure? { open.popLast() }

    /// Looks for functions in a value.
    mutating func add(_ value: Value) {
        var todo = [(value, 0)]
        while let (value, depth) = todo.popLast() {
            parts += 1
            guard parts < FunctionWalk.mostParts else {
                isCutOff = true
                return
            }
            guard depth < 8 else { continue }
            switch value {
            case .closure(let closure):
                if seen.insert(ObjectIdentifier(closure)).inserted { open.append(closure) }
            case .promise(let promise):
                if let known = promise.value ?? (forcing ? try? context.forced(value) : nil) {
                    todo.append((known, depth + 1))
                }
            case .activeBinding(let binding): todo.append((binding.function, depth + 1))
            case .list(let list) where list.count <= FunctionWalk.mostElements:
                for element in list.elements { todo.append((element, depth + 1)) }
            case .environment(let environment):
                guard environment.name == nil, environment.count <= FunctionWalk.mostElements,
                    seen.insert(ObjectIdentifier(environment)).inserted
                else { continue }
                for symbol in environment.names() {
                    if let held = environment.local(symbol) { todo.append((held, depth + 1)) }
                }
            case .object(let object):
                guard !(object is TrainingContext), seen.insert(ObjectIdentifier(object)).inserted else { continue }
                object.visitReferences { todo.append(($0, depth + 1)) }
            default: continue
            }
        }
    }
}
