import Glibc
import RRuntime

/// Registers `zapsmall` and `isSymmetric`.
func registerZapsmall(_ base: Namespace) {
    base.function(
        "zapsmall", [.value("x"), .value("digits", code: "getOption(\"digits\")")],
        help: "Numbers rounded to digits of the largest, so that what is tiny beside it becomes 0."
    ) { args in
        let x = try args.required("x")
        let digits = args.has("digits") ? try args.int("digits") : args.context.options.int("digits", 7)
        if x.length == 0 { return x }
        let largest = try args.context.call("abs", [Argument(x)]).asDoubles().elements.filter { !$0.isNaN }.max() ?? 0
        var places = digits
        if largest > 0 {
            // round() takes the nearest whole number of digits.
            let size = min(max(Glibc.log10(largest), -1000), 1000)
            places = Int((max(0, Double(digits) - size) + 0.5).rounded(.down))
        }
        return try args.context.call(
            "round", [Argument(x), Argument(.int(places), name: "digits")], environment: args.environment)
    }
    base.function(
        "isSymmetric", [.value("object"), .value("tol", 2.2204460492503131e-14), .dots],
        help: "Whether a matrix equals its transpose, up to a tolerance.", dispatch: .generic
    ) { args in
        let x = try args.required("object")
        guard let dim = x.dim, dim.count == 2 else { return false }
        guard dim[0] == dim[1] else { return false }
        let transposed = try args.context.call("t", [Argument(x)], environment: args.environment)
        let result = try args.context.call(
            "all.equal", [Argument(x), Argument(transposed), Argument(args["tol"], name: "tolerance")],
            environment: args.environment)
        guard case .logical(let v) = result else { return false }
        return .flag(v.elements.first == true)
    }
}
