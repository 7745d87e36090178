import BaseValues
import Diagnostics
import Glibc
import RRuntime

/// Registers `jitter`: numbers moved a little, so that equal ones can be told apart in a plot.
func registerJitter(_ base: Namespace) {
    base.function(
        "jitter", [.value("x"), .value("factor", 1), .value("amount", nil)],
        help: "Numbers with a little uniform noise, by default a fifth of the smallest distance between them."
    ) { args in
        let x = try args.required("x")
        if x.length == 0 { return x }
        guard x.isNumeric else { throw WorkbenchError(.type, "'x' must be numeric") }
        let numbers = try x.asDoubles().elements
        let finite = numbers.filter { $0.isFinite }
        guard let low = finite.min(), let high = finite.max() else {
            throw WorkbenchError(.value, "'x' must hold a finite number")
        }
        var range = high - low
        if range == 0 { range = abs(low) }
        if range == 0 { range = 1 }
        let factor = try args.number("factor")
        let amount: Double
        if args["amount"].isNull {
            amount = factor / 5 * abs(try smallestDistance(x, range, args.context))
        } else {
            let given = try args.number("amount")
            amount = given == 0 ? factor * (range / 50) : given
        }
        let noise = try args.context.call(
            "runif", [Argument(.int(numbers.count)), Argument(.number(-amount)), Argument(.number(amount))])
        return try args.context.call("+", [Argument(x), Argument(noise)])
    }
}

/// The smallest distance between numbers that differ in the digits that count; of equal ones a tenth of their size.
private func smallestDistance(_ x: Value, _ range: Double, _ context: Context) throws -> Double {
    let rounded = try context.call(
        "round", [Argument(x.bare), Argument(.number(3 - log10(range).rounded(.down)))]
    ).asDoubles().elements.filter { !$0.isNaN }
    let sorted = Set(rounded).ascending()
    let distances = zip(sorted, sorted.dropFirst()).map { $1 - $0 }
    if let smallest = distances.min() { return smallest }
    guard let only = sorted.first, only != 0 else { return range / 10 }
    return only / 10
}
