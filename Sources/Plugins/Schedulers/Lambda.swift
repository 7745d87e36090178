import Diagnostics
import PluginAPI

/// `lr_lambda()`: rate · f(epoch); `lr_multiplicative()`: the last rate · f(epoch).
final class LambdaRate: Scheduler, @unchecked Sendable {
    private let functions: [Value]
    private let isMultiplicative: Bool

    init(_ className: String, _ args: Arguments, multiplicative: Bool) throws {
        isMultiplicative = multiplicative
        let optimizer = try args.optimizer("optimizer")
        let given = try args.required("lr_lambda")
        if case .list(let list) = given {
            guard list.count == optimizer.groups.count else {
                throw WorkbenchError(
                    .value,
                    "lr_lambda length (\(list.count)) is different from the number of optimizer$param_grpups (\(optimizer.groups.count))"
                )
            }
            functions = list.elements
        } else {
            functions = [Value](repeating: try args.functionValue("lr_lambda"), count: optimizer.groups.count)
        }
        try super.init(
            className, optimizer, lastEpoch: try args.int("last_epoch"), verbose: try args.flag("verbose"))
    }

    override var isPlannable: Bool { false }

    override func rates(_ context: Context) throws -> [Double] {
        if isMultiplicative, lastEpoch == 0 { return baseRates }
        let before = isMultiplicative ? try currentRates() : baseRates
        return try zip(before, functions).map { rate, function in
            let factor = try context.call(function, [Argument(.number(Double(lastEpoch)))])
            guard factor.isAtomic, factor.typeName != "character", let number = try factor.asDoubles().elements.first,
                !number.isNaN
            else {
                let shown = factor.length == 0 ? "a value of length 0" : context.deparse(factor).first ?? ""
                throw WorkbenchError(.value, "lr_lambda must return a number, not \(shown)")
            }
            return rate * number
        }
    }

    override func visitReferences(_ visit: (Value) -> Void) {
        super.visitReferences(visit)
        for function in functions { visit(function) }
    }
}

func registerLambda(_ torch: Namespace) {
    let parameters: [Parameter] = [
        .value("optimizer"), .value("lr_lambda", help: "a function of the epoch, or a list of one for each group"),
        .value("last_epoch", -1.0), .value("verbose", false),
    ]
    torch.scheduler("lr_lambda", parameters, help: "Initial rate times f(epoch)") { args in
        try LambdaRate("lr_lambda", args, multiplicative: false)
    }
    torch.scheduler("lr_multiplicative", parameters, help: "Last rate times f(epoch)") { args in
        try LambdaRate("lr_multiplicative", args, multiplicative: true)
    }
}
