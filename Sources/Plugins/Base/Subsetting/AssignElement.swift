import Diagnostics
import RRuntime
import VectorValues

func registerAssignElement(_ base: Namespace) {
    base.function(
        "[[<-", [.value("x"), .dots, .value("value")], help: "Replaces one element.", dispatch: .internal
    ) { args in
        if args.values[2].isMissing {
            guard let last = args.dots.popLast() else { throw WorkbenchError(.value, "invalid number of arguments") }
            args.values[2] = last.value
        }
        return try AssignElement.apply(&args)
    }
    base.function(
        "$<-", [.value("x"), .promise("name"), .value("value")], help: "Replaces a field by its name.",
        dispatch: .internal
    ) { args in try AssignElement.field(&args, try fieldName(args.values[1]), args.values[2]) }
}

enum AssignElement {
    static func apply(_ args: inout Arguments) throws -> Value {
        let value = args.values[2]
        let indices = args.dots.filter { $0.name !== Symbol.exact }
        guard let index = indices.first?.value, !index.isMissing else {
            throw WorkbenchError(.value, "[[ ]] with missing subscript")
        }
        if indices.count > 1 { return try ofArray(&args, indices.map { $0.value }, value) }
        if !value.isNull, let place = Index.single(index, count: args.values[0].length + 1) {
            switch args.values[0] {
            case .list, .expression:
                var x = args.take(0)
                if x.setItem(place, value) { return x }
                args.values[0] = x
            case .double, .integer, .logical, .character:
                var x = args.take(0)
                if x.setElement(place, value) { return x }
                args.values[0] = x
            default: break
            }
        }
        return try general(&args, index, value)
    }

    private static func general(_ args: inout Arguments, _ index: Value, _ value: Value) throws -> Value {
        switch args.values[0] {
        case .environment(let environment):
            guard case .character(let name) = index, name.count == 1 else {
                throw WorkbenchError(.type, "wrong args for environment subassignment")
            }
            try setVariable(Symbol.named(name[0] ?? "NA"), value, in: environment, args.context)
            return args.values[0]
        case .call(let call):
            args.values[0] = call.asList
            let list = try general(&args, index, value)
            return list.asCall.settingCallAttributes(call.attributes)
        case .null:
            if value.isNull { return .null }
            args.values[0] = .list(Vector([]))
        default: guard args.values[0].isVector else { throw args.values[0].notSubsettable }
        }
        let length = index.isVector || index.isNull ? index.length : 1
        if length > 1 { return try nested(&args, index, value) }
        if args.values[0].isAtomic { return try ofAtomic(&args, index, value) }
        return try ofList(&args, index, value)
    }

    /// `x[[c(i, j)]] <- value`
    private static func nested(_ args: inout Arguments, _ index: Value, _ value: Value) throws -> Value {
        if args.values[0].isAtomic {
            throw WorkbenchError(.value, "attempt to select more than one element in vectorIndex")
        }
        let first = index.gathering([0])
        var inner = args
        let container = args.values[0]
        guard let place = try Element.position(first, in: container, exact: true), place < container.length else {
            throw WorkbenchError(.value, "no such index at level 1\n")
        }
        inner.values[0] = container.element(place)
        inner.dots = [Argument(index.gathering(Array(1..<index.length)))]
        let changed = try apply(&inner)
        return try ofList(&args, first, changed)
    }

    private static func ofAtomic(_ args: inout Arguments, _ index: Value, _ value: Value) throws -> Value {
        let x = args.values[0]
        if value.kind == nil || value.kind == .list || value.kind == .expression {
            args.values[0] = try x.coercedKeepingAttributes(to: .list, args.context)
            return try ofList(&args, index, value)
        }
        if value.length == 0 { throw WorkbenchError(.value, "replacement has length zero") }
        if value.length > 1 {
            throw WorkbenchError(.value, "more elements supplied than there are to replace")
        }
        let count = x.length
        let (place, name) = try target(index, in: x)
        try checkAllocation(place + 1)
        let kind = max(x.kind ?? .logical, value.kind ?? .logical)
        let source = try value.coerced(to: kind, args.context)
        var result = try x.coercedKeepingAttributes(to: kind, args.context)
        result.scatter(source, at: [place], extent: place + 1)
        if place >= count {
            result.attributes = AssignSubset.grownAttributes(
                result.attributes, from: count, to: place + 1, addedNames(name, place, count))
        }
        return result
    }

    private static func ofList(_ args: inout Arguments, _ index: Value, _ value: Value) throws -> Value {
        let count = args.values[0].length
        if value.isNull {
            guard let place = try Element.position(index, in: args.values[0], exact: true), place < count else {
                return args.values[0]
            }
            return Deletion.removing([place], from: args.values[0])
        }
        let (place, name) = try target(index, in: args.values[0])
        try checkAllocation(place + 1, .list)
        var x = args.take(0)
        if x.setItem(place, value) {
            if place >= count, name != nil {
                x.attributes = AssignSubset.grownAttributes(nil, from: count, to: place + 1, [name])
            }
            return x
        }
        let isExpression = x.kind == .expression
        x.scatter(isExpression ? .expression(Vector([value])) : .items([value]), at: [place], extent: place + 1)
        if place >= count {
            x.attributes = AssignSubset.grownAttributes(
                x.attributes, from: count, to: place + 1, addedNames(name, place, count))
        }
        return x
    }

    private static func addedNames(_ name: Text?, _ place: Int, _ count: Int) -> [Text?] {
        guard let name else { return [] }
        return Array(repeating: "", count: place - count) + [name]
    }

    /// Where an index points for assignment, with the name a new element gets.
    private static func target(_ index: Value, in x: Value) throws -> (place: Int, name: Text?) {
        if let place = try Element.position(index, in: x, exact: true) {
            if place == .max { throw WorkbenchError(.value, "[[ ]] subscript out of bounds") }
            return (place, nil)
        }
        if case .character(let v) = index { return (x.length, v[0] ?? "NA") }
        if case .symbol(let symbol) = index { return (x.length, symbol.text) }
        if index.isNull || index.length == 0 {
            throw WorkbenchError(.value, "[[ ]] with zero-length subscript")
        }
        throw Index.outOfBounds
    }

    private static func ofArray(_ args: inout Arguments, _ indices: [Value], _ value: Value) throws -> Value {
        let x = args.values[0]
        guard x.isVector else { throw x.notSubsettable }
        guard let dim = x.dim, dim.count == indices.count else {
            throw WorkbenchError(.value, "[[ ]] improper number of subscripts")
        }
        let place = try Element.arrayPosition(x, indices, dim: dim)
        if case .list = x {
            var result = args.taking0 { _ in }
            _ = result.setItem(place, value)
            return result
        }
        if value.length == 0 { throw WorkbenchError(.value, "replacement has length zero") }
        if value.length > 1 {
            throw WorkbenchError(.value, "more elements supplied than there are to replace")
        }
        let kind = max(x.kind ?? .logical, value.kind ?? .list)
        let source = try value.coerced(to: kind, args.context)
        var result = try x.coercedKeepingAttributes(to: kind, args.context)
        result.scatter(source, at: [place], extent: 0)
        return result
    }

    /// `x$name <- value`
    static func field(_ args: inout Arguments, _ name: Symbol, _ value: Value) throws -> Value {
        switch args.values[0] {
        case .environment(let environment):
            try setVariable(name, value, in: environment, args.context)
            return args.values[0]
        case .list(let list):
            if case .character(let names)? = list.attributes[Symbol.names], !value.isNull,
                let place = names.elements.firstPosition(of: name.text), place < list.count
            {
                break
            }
            return try ofList(&args, .character(Vector([name.text])), value)
        case .null:
            if value.isNull { return .null }
            args.values[0] = .list(Vector([]))
            return try ofList(&args, .character(Vector([name.text])), value)
        case .call(let call):
            args.values[0] = call.asList
            return try ofList(&args, .character(Vector([name.text])), value).asCall
        case .expression: return try ofList(&args, .character(Vector([name.text])), value)
        default:
            guard args.values[0].isAtomic else {
                if case .closure = args.values[0] { throw args.values[0].notSubsettable }
                if case .object = args.values[0] { throw args.values[0].notSubsettable }
                throw WorkbenchError(.value, "invalid type/length ($<-) in vector allocation")
            }
            if args.values[0].length > 0 { try args.context.warn("Coercing LHS to a list", call: args.call) }
            args.values[0] = try args.values[0].coercedKeepingAttributes(to: .list, args.context)
            return try ofList(&args, .character(Vector([name.text])), value)
        }
        // The pattern above held a copy of the list; it is gone here, so that the change is made in place.
        guard let place = args.values[0].names?.firstPosition(of: name.text) else { return args.values[0] }
        var x = args.take(0)
        _ = x.setItem(place, value)
        return x
    }

    private static func setVariable(
        _ name: Symbol, _ value: Value, in environment: Environment, _ context: Context
    ) throws {
        if case .activeBinding(let binding)? = environment.local(name) {
            _ = try context.call(binding.function, [Argument(value)])
            return
        }
        try environment.set(name, value)
    }
}

extension Value {
    /// The call with these attributes; other values as they are.
    func settingCallAttributes(_ attributes: Attributes?) -> Value {
        guard case .call(let call) = self, let attributes else { return self }
        return .call(call.with(attributes: attributes))
    }
}
