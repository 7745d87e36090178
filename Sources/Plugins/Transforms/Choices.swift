import Diagnostics
import PluginAPI

/// `transform_random_apply()`, `transform_random_choice()`, `transform_random_order()`: lists of functions, chosen by
/// R's generator.
func registerChoices(_ registry: Registry) {
    let list = Parameter.value("transforms", help: "a list of functions of an image")
    transform(
        registry, "transform_random_apply", [list, .value("p", 0.5, help: "probability of all of them")],
        help: "Applies functions one after another, with a probability"
    ) { args in
        let functions = try functionList(args)
        let p = try probability(args)
        return TransformStep { image, streams, context in
            // As in R torchvision: nothing is done if the number drawn is larger than p.
            guard streams.base.uniform() < p else { return image }
            var value = image
            for function in functions { value = try context.call(function, [Argument(value)]) }
            return value
        }
    }
    transform(registry, "transform_random_choice", [list], help: "Applies one function of a list") { args in
        let functions = try functionList(args)
        return TransformStep { image, streams, context in
            let place = streams.base.sample(functions.count, 1, replace: false)[0]
            return try context.call(functions[place], [Argument(image)])
        }
    }
    transform(registry, "transform_random_order", [list], help: "Applies functions in random order") { args in
        let functions = try functionList(args)
        return TransformStep { image, streams, context in
            var value = image
            for place in streams.base.permutation(functions.count) {
                value = try context.call(functions[place], [Argument(value)])
            }
            return value
        }
    }
}

/// The functions in the list `transforms`.
private func functionList(_ args: Arguments) throws -> [Value] {
    let value = try args.required("transforms")
    guard case .list(let list) = value, !list.isEmpty, list.elements.allSatisfy({ $0.isFunction }) else {
        throw WorkbenchError(
            .type, "`transforms` must be a list of functions, not \(args.describe(value))",
            hint: "list(transform_hflip, function(x) transform_rotate(x, 10))")
    }
    return list.elements
}
