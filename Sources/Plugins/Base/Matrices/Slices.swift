import Diagnostics
import RRuntime

/// Registers `asplit`.
func registerSlices(_ base: Namespace) {
    base.function(
        "asplit", [.value("x"), .value("MARGIN")], help: "The rows, columns or other slices of an array, as a list."
    ) { args in
        let x = try args.required("x")
        guard let dim = x.dim else { throw WorkbenchError(.value, "dim(x) must have a positive length") }
        let margins = try args.required("MARGIN").asIntegers().elements.map { Int($0 ?? 0) - 1 }
        guard !margins.isEmpty, margins.allSatisfy({ dim.indices.contains($0) }) else {
            throw WorkbenchError(.value, "not all elements of 'MARGIN' are in the range of dim(x)")
        }
        let sizes = margins.map { dim[$0] }
        var slices: [Value] = []
        for number in 0..<sizes.reduce(1, *) {
            try args.context.pollInterrupt()
            var rest = number
            var index = [Argument](repeating: Argument(.missing), count: dim.count)
            for (margin, size) in zip(margins, sizes) {
                index[margin] = Argument(.int(rest % size + 1))
                rest /= size
            }
            slices.append(try args.context.call("[", [Argument(x)] + index))
        }
        var result = Value.list(Vector(slices)).setting(Symbol.dim, .ints(sizes))
        if case .list(let names)? = x.attribute(Symbol.dimnames) {
            let kept = margins.map { $0 < names.count ? names[$0] : .null }
            if kept.contains(where: { !$0.isNull }) { result = result.setting(Symbol.dimnames, .items(kept)) }
        }
        return result
    }
}
