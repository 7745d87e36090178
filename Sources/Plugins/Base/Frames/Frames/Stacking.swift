import BaseValues
import Diagnostics
import RRuntime

/// `stack()`: the vectors of a list one below the other, with what they are called.
func registerStacking(_ utils: Namespace) {
    utils.function(
        "stack", [.value("x"), .dots],
        help: "The vectors of a list or data frame in one column, their names in another.",
        dispatch: .generic
    ) { args in
        var x = try args.required("x")
        if x.isAtomic { x = try args.context.call("as.list", [Argument(x)]) }
        guard case .list(let list) = x, let names = x.names, names.allSatisfy({ $0?.isEmpty == false }) else {
            throw WorkbenchError(.type, "a named list or a data frame is needed", hint: "stack(list(a = 1:2, b = 3:4))")
        }
        let kept = list.elements.indices.filter { list.elements[$0].isAtomic || list.elements[$0].isNull }
        guard kept.count == list.count else {
            throw WorkbenchError(.type, "at least one vector element is required", hint: "all elements must be vectors")
        }
        let values = try args.context.call(
            "unlist", [Argument(Value.list(Vector(list.elements)).withNames(nil)), Argument(false, name: "use.names")])
        let codes = list.elements.indices.flatMap { place in
            [Int32?](repeating: Int32(clamping: place + 1), count: list.elements[place].length)
        }
        return makeFrame(
            [values, makeFactor(codes, levels: names)], names: ["values", "ind"], rowNames: .automatic(codes.count))
    }
}
