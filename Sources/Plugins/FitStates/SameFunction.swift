import PluginAPI

/// Whether two functions, or lists of functions and code, do the same: one that is written out anew in every epoch, with
/// names that mean what they meant, is no other function.
enum SameFunction {
    static func isSame(_ one: Value, _ other: Value, _ context: Context, depth: Int = 0) -> Bool {
        guard depth < 100 else { return false }
        switch (one, other) {
        case (.closure(let one), .closure(let other)): return one === other || doTheSame(one, other, context)
        case (.builtin(let one), .builtin(let other)): return one === other
        case (.symbol(let one), .symbol(let other)): return one === other
        case (.call, .call), (.expression, .expression):
            // A formula or a quoted call, with what its attributes refer to.
            return context.deparse(one) == context.deparse(other)
                && haveSameAttributes(one, other, context, depth: depth)
        case (.list(let first), .list(let second)):
            return first.count == second.count && first.count > 0
                && zip(first.elements, second.elements).allSatisfy { isSame($0, $1, context, depth: depth + 1) }
                && haveSameAttributes(one, other, context, depth: depth)
        case (.activeBinding(let one), .activeBinding(let other)): return one === other
        case (.dots, .dots), (.missing, .missing): return true
        case (.environment(let one), .environment(let other)): return depth > 0 && one === other
        case (.character(let one), .character(let other)):
            return depth > 0 && one.elements.map { $0?.string } == other.elements.map { $0?.string }
        default: return false
        }
    }

    private static func haveSameAttributes(_ one: Value, _ other: Value, _ context: Context, depth: Int) -> Bool {
        let (before, now) = (one.attributes?.entries ?? [], other.attributes?.entries ?? [])
        return before.count == now.count
            && zip(before, now).allSatisfy {
                $0.name === $1.name && isSame($0.value, $1.value, context, depth: depth + 1)
            }
    }

    private static func doTheSame(_ one: Closure, _ other: Closure, _ context: Context) -> Bool {
        guard one.formals.names.elementsEqual(other.formals.names, by: ===),
            context.deparse(.closure(one)) == context.deparse(.closure(other))
        else { return false }
        guard one.environment !== other.environment else { return true }
        let parameters = Set(one.formals.names.map { $0.id })
        return OuterAssignments(one).mentioned.allSatisfy { symbol in
            if parameters.contains(symbol.id) { return true }
            switch (one.environment.lookup(symbol), other.environment.lookup(symbol)) {
            case (nil, nil): return true
            case (let before?, let now?): return isSameMeaning(before, now, context)
            default: return false
            }
        }
    }

    /// Of a name: the same object, or the same few numbers and texts.
    private static func isSameMeaning(_ one: Value, _ other: Value, _ context: Context) -> Bool {
        switch (one, other) {
        case (.closure(let one), .closure(let other)): return one === other
        case (.builtin(let one), .builtin(let other)): return one === other
        case (.environment(let one), .environment(let other)): return one === other
        case (.object(let one), .object(let other)): return one === other
        case (.activeBinding(let one), .activeBinding(let other)): return one === other
        default:
            guard one.isAtomic, other.isAtomic, one.length <= 100, one.length == other.length else { return false }
            return context.deparse(one) == context.deparse(other)
        }
    }
}
