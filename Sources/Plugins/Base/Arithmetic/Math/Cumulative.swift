import Diagnostics
import RRuntime
import VectorValues

func registerCumulative(_ base: Namespace) {
    base.function("cumsum", [.value("x")], help: "Sums up to each element.", dispatch: .math) { args in
        let x = try args.required("x")
        if let whole = wholeElements(x) { return try integerSums(x, whole, args) }
        if case .complex(let v) = x {
            var sum = Complex(0, 0)
            return named(
                x,
                .complex(
                    Vector(
                        v.elements.map { element in
                            sum = Complex(sum.real + element.real, sum.imaginary + element.imaginary)
                            return sum
                        })))
        }
        var sum = LongDouble(0)
        return named(
            x,
            .numbers(
                try numbers(x, args).map { element in
                    sum += LongDouble(element)
                    return Double(sum)
                }))
    }
    base.function("cumprod", [.value("x")], help: "Products up to each element.", dispatch: .math) { args in
        let x = try args.required("x")
        var product = LongDouble(1)
        return named(
            x,
            .numbers(
                try numbers(x, args).map { element in
                    product *= LongDouble(element)
                    return Double(product)
                }))
    }
    for (name, isMax) in [("cummax", true), ("cummin", false)] {
        base.function(name, [.value("x")], help: isMax ? "Largest so far." : "Smallest so far.", dispatch: .math) {
            args in
            let x = try args.required("x")
            if let whole = wholeElements(x) {
                var best: Int32??
                return named(
                    x,
                    .integer(
                        Vector(
                            whole.map { element in
                                if let known = best {
                                    if let a = known, let b = element {
                                        best = .some(isMax ? max(a, b) : min(a, b))
                                    } else {
                                        best = .some(nil)
                                    }
                                } else {
                                    best = .some(element)
                                }
                                return best ?? nil
                            })))
            }
            var best: Double?
            return named(
                x,
                .numbers(
                    try numbers(x, args).map { element in
                        guard let known = best else {
                            best = element
                            return element
                        }
                        let next =
                            known.isNaN || element.isNaN
                            ? known + element : isMax ? max(known, element) : min(known, element)
                        best = next
                        return next
                    }))
        }
    }
}

private func wholeElements(_ x: Value) -> [Int32?]? {
    switch x {
    case .integer, .logical: return try? x.integerElements()
    default: return nil
    }
}

private func numbers(_ x: Value, _ args: Arguments) throws -> [Double] {
    guard x.isAtomic || x.isNull else { throw WorkbenchError(.type, "non-numeric argument to mathematical function") }
    let (numbers, lost) = try x.asDoublesNotingLoss()
    if lost { try args.context.warn("NAs introduced by coercion", call: args.call) }
    return numbers.elements
}

/// A result with the names of `x`; those of a one-dimensional table are the names of its dimension.
private func named(_ x: Value, _ result: Value) -> Value {
    if let names = x.attribute(Symbol.names) { return result.setting(Symbol.names, names) }
    guard x.dim?.count == 1, case .list(let dimnames)? = x.attribute(Symbol.dimnames),
        case .character? = dimnames.elements.first, let names = dimnames.elements.first
    else { return result }
    return result.setting(Symbol.names, names.bare)
}

private func integerSums(_ x: Value, _ elements: [Int32?], _ args: Arguments) throws -> Value {
    var sum: Int64 = 0
    var ended = false
    var overflowed = false
    let result = elements.map { element -> Int32? in
        guard !ended, let element else {
            ended = true
            return nil
        }
        sum += Int64(element)
        guard let small = Int32(exactly: sum), small != Int32.min else {
            ended = true
            overflowed = true
            return nil
        }
        return small
    }
    if overflowed {
        try args.context.warn("integer overflow in 'cumsum'; use 'cumsum(as.numeric(.))'", call: args.call)
    }
    return named(x, .integer(Vector(result)))
}
