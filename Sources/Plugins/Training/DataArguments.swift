import Diagnostics
import PluginAPI

/// Data in the forms that fit() takes, as loaders.
struct DataArguments {
    let context: Context
    let environment: Environment

    private func torch(_ name: String, _ arguments: [Argument]) throws -> Value {
        try context.call(
            try luzFunction("torch", name, context), arguments, call: Call(name, [.symbol(Symbol.named("data"))]),
            environment: environment)
    }

    func isLoader(_ value: Value) -> Bool { value.inherits("dataloader") }

    private func isDataset(_ value: Value) -> Bool { value.inherits("dataset") || value.inherits("iterable_dataset") }

    /// A loader of any data: loaders as they are; data sets, lists of tensors or arrays, single tensors and matrices
    /// with batches of 32 (data sets and lists in training: shuffled, the short last batch dropped).
    func loader(_ value: Value, options: Value, training: Bool) throws -> Value {
        if isLoader(value) {
            if !options.isNull, training {
                throw WorkbenchError(
                    .value, "`dataloader_options` won't be used because `data` is already a dataloader.",
                    hint: "give the options to dataloader()")
            }
            if !options.isNull {
                try context.warn(
                    "`dataloader_options` will be ignored for `valid_data` since it's already a dataloader")
            }
            return value
        }
        let data = try dataset(value)
        var settings: [(String, Value)] = [("batch_size", .int(32))]
        // A tensor or an array alone is taken in order and whole, in training too.
        if training, !value.isTensor, !value.isAtomic {
            if !data.inherits("iterable_dataset") { settings.append(("shuffle", true)) }
            settings.append(("drop_last", true))
        }
        if case .list(let given) = options, let names = options.names {
            for (name, setting) in zip(names, given.elements) {
                guard let name = name?.string else { continue }
                // Shuffling and dropping are for training; validation takes the rest.
                if !training, name == "shuffle" || name == "drop_last" { continue }
                if data.inherits("iterable_dataset"), name == "shuffle" { continue }
                settings.removeAll { $0.0 == name }
                settings.append((name, setting))
            }
        }
        return try torch(
            "dataloader", [Argument(data)] + settings.map { Argument($0.1, name: $0.0) })
    }

    /// A data set of any data.
    func dataset(_ value: Value) throws -> Value {
        if isDataset(value) { return value }
        switch value {
        case .list(let list) where !value.isObject:
            let tensors = try list.elements.map { element -> Argument in
                if element.isTensor { return Argument(element) }
                guard element.isAtomic else {
                    throw WorkbenchError(
                        .type, "data in a list must be tensors or arrays, not a value of type '\(element.typeName)'")
                }
                return Argument(try torch("torch_tensor", [Argument(element)]))
            }
            let names = value.names
            return try torch(
                "tensor_dataset",
                tensors.enumerated().map { place, argument in
                    var argument = argument
                    if let name = names?[place], !name.isEmpty { argument.name = Symbol.named(name) }
                    return argument
                })
        case .object where value.isTensor: return try torch("tensor_dataset", [Argument(value)])
        case .double, .integer, .logical:
            return try torch("tensor_dataset", [Argument(try torch("torch_tensor", [Argument(value)]))])
        default:
            let names = value.classes.map { $0.string }.joined(separator: "/")
            throw WorkbenchError(
                .type, "Can't convert an object with class <\(names)> to a dataloader.",
                hint: "a dataloader, a dataset, a list of tensors or arrays, a tensor or a matrix")
        }
    }

    /// Splits data for a validation share p: R's sample.int(n, n·p) picks the validation items.
    func split(_ value: Value, share: Double) throws -> (train: Value, valid: Value, items: [Int]) {
        guard share >= 0, share <= 1 else {
            var error = WorkbenchError(.value, "`valid_data` must be a value between 0 and 1, not \(numberText(share))")
            error.conditionClass = "value_error"
            throw error
        }
        guard !isLoader(value) else {
            var error = WorkbenchError(
                .value, "Can't create a validation set from the training dataloader.",
                hint: "give the data set to fit(), or a second dataloader as valid_data")
            error.conditionClass = "value_error"
            throw error
        }
        let data = try dataset(value)
        let count = try length(data)
        let picked = try context.call(
            "sample.int", [Argument(.int(count)), Argument(.number(Double(count) * share))], environment: environment)
        let validItems = try picked.asIntegers().elements.compactMap { $0.map { Int($0) } }
        let (train, valid) = try split(data, validItems: validItems)
        return (train, valid, validItems)
    }

    /// Splits data with the validation items given.
    func split(_ value: Value, validItems: [Int]) throws -> (train: Value, valid: Value) {
        let data = try dataset(value)
        let count = try length(data)
        let chosen = Set(validItems)
        let trainItems = (1...max(1, count)).filter { !chosen.contains($0) && $0 <= count }
        let subset = try luzFunction("torch", "dataset_subset", context)
        return (
            try context.call(subset, [Argument(data), Argument(.ints(trainItems))]),
            try context.call(subset, [Argument(data), Argument(.ints(validItems))])
        )
    }

    /// R's `length()`; nil when it is NA.
    func batches(_ loader: Value) throws -> Int? {
        let value = try context.call("length", [Argument(loader)], environment: environment)
        guard let number = try value.asDoubles().elements.first, number.isFinite else { return nil }
        return Int(exactly: number)
    }

    /// The error for data that has no items, or fewer than a batch: nothing would be learned, without a word.
    func noBatch(_ data: Value, _ name: String, _ loader: Value) throws -> WorkbenchError {
        var items: Int?
        if case .object(let object) = loader, let loader = object as? Dataloader {
            items = try batches(loader.source)
            if let items, items > 0, let size = loader.settings.batchSize, loader.settings.dropsLast {
                return WorkbenchError(
                    .value,
                    "\(name): \(items) item\(items == 1 ? "" : "s") make no batch of \(size), as the short last batch is dropped",
                    hint: isLoader(data)
                        ? "dataloader(…, batch_size = \(items)) or drop_last = FALSE"
                        : "dataloader_options = list(batch_size = \(items)), or list(drop_last = FALSE)")
            }
        }
        return WorkbenchError(.value, "\(name) has no \(items == 0 ? "items" : "batches")")
    }

    func length(_ value: Value) throws -> Int { try batches(value) ?? 0 }
}
