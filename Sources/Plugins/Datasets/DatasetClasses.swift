import Diagnostics
import PluginAPI
import Tensors

/// `dataset()`, `iterable_dataset()`, and `[`, `[[`, `length` of their objects.
func registerDatasetClasses(_ registry: Registry) {
    let torch = registry.namespace("torch")
    for (name, root, help) in [
        ("dataset", ["dataset"], "Defines a data set: .getitem = function(i) …, .length = function() …"),
        ("iterable_dataset", ["iterable_dataset"], "Defines a data set that is gone through: .iter = function() …"),
    ] {
        torch.function(
            name,
            [
                .value("name", nil, help: "class name"), .value("inherit", code: "Dataset", help: "a class to extend"),
                .dots, .value("private", nil), .value("active", nil), .value("parent_env", code: "parent.frame()"),
            ], help: help
        ) { args in .object(try makeClass(args, root: root, what: name)) }
    }
    torch.method("[", for: "dataset", [.value("x"), .value("y")]) { args in
        let numbers = try indexNumbers(args, "y")
        if case .object(let object) = args[0], let dataset = object as? Dataset {
            if dataset.makesBatches {
                return try dataset.namedItems(try numbers.map { try place($0, dataset) }, args.context)
            }
            guard numbers.count == 1 else { throw manyItems(numbers.count) }
            return try dataset.namedItem(try place(numbers[0], dataset), args.context)
        }
        guard case .environment(let members) = args[0] else { return .null }
        if let batch = members.local(Symbol.named(".getbatch")), batch.isFunction {
            return try args.context.call(
                batch, [Argument(.ints(numbers))], call: Call(".getbatch", [.ints(numbers)]))
        }
        return try getItem(members, .ints(numbers), args.context)
    }
    torch.method("[[", for: "dataset", [.value("x"), .value("y")]) { args in
        if case .character = args["y"] { return try field(args[0], try args.string("y"), args.context) }
        let numbers = try indexNumbers(args, "y")
        if case .object(let object) = args[0], let dataset = object as? Dataset {
            guard numbers.count == 1 else { throw manyItems(numbers.count) }
            return try dataset.namedItem(try place(numbers[0], dataset), args.context)
        }
        guard case .environment(let members) = args[0] else { return .null }
        return try getItem(members, .ints(numbers), args.context)
    }
    for kind in ["dataset", "iterable_dataset"] {
        torch.method("length", for: kind, [.value("x")]) { args in
            if case .object(let object) = args[0], let dataset = object as? Dataset {
                return dataset.count.map { .int($0) } ?? .integer(Vector([nil]))
            }
            guard case .environment(let members) = args[0],
                let method = members.local(Symbol.named(".length")), method.isFunction
            else {
                if args[0].inherits("iterable_dataset") { return .integer(Vector([nil])) }
                throw WorkbenchError(
                    .value, "the data set has no .length method", hint: "dataset(…, .length = function() …)")
            }
            return try args.context.call(method, [], call: Call(".length", []))
        }
    }
    torch.method("names", for: "dataset", [.value("x")]) { args in
        if case .object(let object) = args[0], let dataset = object as? Dataset { return .strings(dataset.fieldNames) }
        guard case .environment(let members) = args[0] else { return .null }
        return .strings(memberNames(members))
    }
    torch.method("$", for: "dataset_object", [.value("x"), .value("name")]) { args in
        try field(args[0], try args.string("name"), args.context)
    }
    torch.members(of: "dataset_object") { value, context in
        guard case .object(let object) = value, let dataset = object as? Dataset else { return [] }
        return dataset.fieldNames.map { name in
            Completion(name, kind: "field") { try? dataset.field(name, context: context) }
        }
    }
    torch.function("is_dataset", [.value("x")], help: "Whether a value is a data set") { args in
        .flag(args[0].inherits("dataset"))
    }
}

/// A class of R members above one given with `inherit`.
func makeClass(_ args: Arguments, root: [String], what: String) throws -> DatasetGenerator {
    let name = try args.optionalString("name")
    var parent: DatasetGenerator?
    switch args["inherit"] {
    case .missing, .null: break
    case .object(let object) where object is DatasetGenerator: parent = object as? DatasetGenerator
    case let value:
        throw WorkbenchError(
            .type, "`inherit` must be a class made with \(what)(), not \(args.describe(value))",
            hint: "the function itself, without parentheses")
    }
    let members = try args.dots.map { argument -> ClassDefinition.Member in
        guard let name = argument.name else {
            throw WorkbenchError(.value, "all members of \(what)() must be named", hint: ".getitem = function(i) …")
        }
        return (name, argument.value)
    }
    func list(_ name: String) throws -> [ClassDefinition.Member] {
        if args[name].isNull { return [] }
        guard case .list(let list) = args[name], let names = args[name].names else {
            throw WorkbenchError(.type, "`\(name)` must be a named list")
        }
        return zip(names, list.elements).map { (Symbol.named($0 ?? ""), $1) }
    }
    var environment = args.environment
    if case .environment(let given) = args["parent_env"] { environment = given }
    return DatasetGenerator(
        name, members: members, private: try list("private"), active: try list("active"), parent: parent, root: root,
        environment: environment)
}

private func indexNumbers(_ args: Arguments, _ name: String) throws -> [Int] {
    let value = try args.required(name)
    if let tensor = value.asTensor { return try tensor.to(.int64).toArray(of: Int.self) }
    guard value.isAtomic, value.typeName != "character" else {
        throw WorkbenchError(
            .type, "a data set is indexed by numbers, not \(args.describe(value))", hint: "ds[1], ds[1:10], ds$field")
    }
    return try value.asDoubles().elements.map { number in
        guard let whole = Int(exactly: number.rounded(.towardZero)) else {
            throw WorkbenchError(.value, "subscript out of bounds: a data set has no item \(numberText(number))")
        }
        return whole
    }
}

private func place(_ number: Int, _ dataset: Dataset) throws -> Int {
    guard number >= 1, number <= dataset.count ?? Int.max else {
        throw WorkbenchError(
            .value, "subscript out of bounds: item \(number) of a data set of \(dataset.count ?? 0) items",
            hint: "items are counted from 1")
    }
    return number - 1
}

private func manyItems(_ count: Int) -> WorkbenchError {
    WorkbenchError(
        .value, "this data set gives one item at a time, not \(count)",
        hint: "dataloader(ds, batch_size = \(count)) makes batches")
}

private func getItem(_ members: Environment, _ index: Value, _ context: Context) throws -> Value {
    guard let method = members.local(Symbol.named(".getitem")), method.isFunction else {
        throw WorkbenchError(
            .value, "the data set has no .getitem method", hint: "dataset(…, .getitem = function(i) …)")
    }
    return try context.call(method, [Argument(index)], call: Call(".getitem", [index]))
}

private func field(_ object: Value, _ name: String, _ context: Context) throws -> Value {
    switch object {
    case .environment(let members):
        guard let value = members.local(Symbol.named(name)) else { return .null }
        return try context.forced(value)
    case .object(let foreign):
        guard let dataset = foreign as? Dataset else { return .null }
        if let value = try dataset.field(name, context: context) { return value }
        throw WorkbenchError(
            .name, "the data set has no field `\(name)`", hint: didYouMean(name, among: dataset.fieldNames))
    default: return .null
    }
}

/// Members in R's order: what was set after the object was made, the latest first; then the class's own.
private func memberNames(_ members: Environment) -> [String] {
    let names = members.names()
    let fixed = (names.lastIndex { members.isLocked($0) } ?? -1) + 1
    return (names[fixed...].reversed() + names[..<fixed]).map { $0.name }
}
