import Diagnostics
import Glibc
import RRuntime
import VectorValues

/// A function of one real number, and of one complex number where there is one.
private struct MathFunction {
    let name: String
    let help: String
    let real: @Sendable (Double) -> Double
    var complex: (@Sendable (Complex) -> Complex)?
}

func registerMath(_ base: Namespace) {
    for function in mathFunctions {
        base.function(
            function.name, [.value("x")], help: function.help, dispatch: .math,
            direct: { x, second, _ in
                guard second.isMissing, case .double(let v) = x, v.attributes == nil, v.elements.count == 1 else {
                    return nil
                }
                let result = function.real(v.elements[0])
                return result.isNaN && !v.elements[0].isNaN ? nil : .number(result)
            }
        ) { args in try apply(function, try onlyArgument(args), args) }
    }
    registerLogarithm(base)
    base.alias("logb", of: "log")
    base.function("atan2", [.value("y"), .value("x")], help: "Angle of a point.") { args in
        try binaryMath(try args.required("y"), try args.required("x"), args) { atan2($0, $1) }
    }
}

private func onlyArgument(_ args: Arguments) throws -> Value {
    guard !args[0].isMissing else {
        throw WorkbenchError(
            .value, "0 arguments passed to '\(args.function.name.name)' which requires 1")
    }
    return args[0]
}

private func apply(_ function: MathFunction, _ x: Value, _ args: Arguments) throws -> Value {
    if case .complex(let v) = x, let complex = function.complex { return .complex(v.map(complex)) }
    return try mathMap(x, args, function.real)
}

/// A function over the elements, attributes kept; warns where NaN comes out of a number.
func mathMap(_ x: Value, _ args: Arguments, _ function: (Double) -> Double) throws -> Value {
    let input: [Double]
    switch x {
    case .double, .integer, .logical: input = try x.doubleElements()
    default: throw WorkbenchError(.type, "non-numeric argument to mathematical function")
    }
    var produced = false
    let output = input.map { element -> Double in
        let result = function(element)
        if result.isNaN, !element.isNaN { produced = true }
        return result
    }
    if produced { try args.context.warn("NaNs produced", call: args.call) }
    return .double(Vector(output, x.attributes))
}

/// A function of two recycled numbers.
func binaryMath(
    _ x: Value, _ y: Value, _ args: Arguments, _ function: (Double, Double) -> Double
) throws -> Value {
    for operand in [x, y] {
        switch operand {
        case .double, .integer, .logical: break
        default: throw WorkbenchError(.type, "non-numeric argument to mathematical function")
        }
    }
    let attributes = try OperandAttributes.combined(x, y, all: true)
    var produced = false
    let result = recycled(try x.doubleElements(), try y.doubleElements()) { a, b -> Double in
        if a.isNaN || b.isNaN { return a + b }
        let value = function(a, b)
        if value.isNaN { produced = true }
        return value
    }
    if produced { try args.context.warn("NaNs produced", call: args.call) }
    return .double(Vector(result, attributes))
}

private func registerLogarithm(_ base: Namespace) {
    base.function(
        "log", [.value("x"), .value("base", code: "exp(1)")], help: "Logarithm, natural unless a base is given.",
        dispatch: .math,
        direct: { x, second, _ in
            guard second.isMissing, let number = plainNumber(x), number >= 0 else { return nil }
            return .number(Glibc.log(number))
        }
    ) { args in
        let x = try args.required("x")
        if args["base"].isMissing {
            if case .complex(let v) = x { return .complex(v.map { $0.logarithm }) }
            return try mathMap(x, args) { Glibc.log($0) }
        }
        return try binaryMath(x, args["base"], args) { number, base in
            if base == 10 { return log10(number) }
            if base == 2 { return log2(number) }
            return Glibc.log(number) / Glibc.log(base)
        }
    }
}

private let mathFunctions: [MathFunction] = roots + trigonometry + special

private let roots: [MathFunction] = [
    MathFunction(name: "sqrt", help: "Square root.", real: { $0.squareRoot() }, complex: { $0.squareRoot }),
    MathFunction(name: "exp", help: "e to a power.", real: { exp($0) }, complex: { $0.exponential }),
    MathFunction(name: "log2", help: "Logarithm to base 2.", real: { log2($0) }),
    MathFunction(name: "log10", help: "Logarithm to base 10.", real: { log10($0) }),
    MathFunction(name: "log1p", help: "log(1 + x), exact near 0.", real: { log1p($0) }),
    MathFunction(name: "expm1", help: "exp(x) - 1, exact near 0.", real: { expm1($0) }),
    MathFunction(
        name: "floor", help: "Largest whole number not above.", real: { $0.rounded(.down) }),
    MathFunction(
        name: "ceiling", help: "Smallest whole number not below.", real: { $0.rounded(.up) }),
]

private let trigonometry: [MathFunction] = [
    MathFunction(
        name: "sin", help: "Sine of an angle in radians.", real: { sin($0) },
        complex: {
            Complex(sin($0.real) * cosh($0.imaginary), cos($0.real) * sinh($0.imaginary))
        }),
    MathFunction(
        name: "cos", help: "Cosine of an angle in radians.", real: { cos($0) },
        complex: {
            Complex(cos($0.real) * cosh($0.imaginary), -sin($0.real) * sinh($0.imaginary))
        }),
    MathFunction(name: "tan", help: "Tangent of an angle in radians.", real: { tan($0) }),
    MathFunction(name: "asin", help: "Arc sine.", real: { asin($0) }),
    MathFunction(name: "acos", help: "Arc cosine.", real: { acos($0) }),
    MathFunction(name: "atan", help: "Arc tangent.", real: { atan($0) }),
    MathFunction(name: "sinh", help: "Hyperbolic sine.", real: { sinh($0) }),
    MathFunction(name: "cosh", help: "Hyperbolic cosine.", real: { cosh($0) }),
    MathFunction(name: "tanh", help: "Hyperbolic tangent.", real: { tanh($0) }),
    MathFunction(name: "asinh", help: "Inverse hyperbolic sine.", real: { asinh($0) }),
    MathFunction(name: "acosh", help: "Inverse hyperbolic cosine.", real: { acosh($0) }),
    MathFunction(name: "atanh", help: "Inverse hyperbolic tangent.", real: { atanh($0) }),
    MathFunction(name: "sinpi", help: "sin(pi x).", real: { sinOfPi($0) }),
    MathFunction(name: "cospi", help: "cos(pi x).", real: { cosOfPi($0) }),
    MathFunction(name: "tanpi", help: "tan(pi x).", real: { tanOfPi($0) }),
]

private let special: [MathFunction] = [
    MathFunction(name: "gamma", help: "Gamma function.", real: { gammaFunction($0) }),
    MathFunction(name: "lgamma", help: "Logarithm of the absolute gamma function.", real: { logGamma($0) }),
    MathFunction(name: "digamma", help: "Derivative of lgamma.", real: { digamma($0) }),
    MathFunction(name: "trigamma", help: "Second derivative of lgamma.", real: { trigamma($0) }),
]

private func sinOfPi(_ x: Double) -> Double {
    guard x.isFinite else { return .nan }
    var r = x.truncatingRemainder(dividingBy: 2)
    if r <= -1 { r += 2 } else if r > 1 { r -= 2 }
    if r == 0 || r == 1 { return 0 }
    if r == 0.5 { return 1 }
    if r == -0.5 { return -1 }
    return sin(.pi * r)
}

private func cosOfPi(_ x: Double) -> Double {
    guard x.isFinite else { return .nan }
    let r = abs(x).truncatingRemainder(dividingBy: 2)
    if r == 0.5 || r == 1.5 { return 0 }
    if r == 1 { return -1 }
    if r == 0 { return 1 }
    return cos(.pi * r)
}

private func tanOfPi(_ x: Double) -> Double {
    guard x.isFinite else { return .nan }
    var r = x.truncatingRemainder(dividingBy: 1)
    if r <= -0.5 { r += 1 } else if r > 0.5 { r -= 1 }
    if r == 0 { return 0 }
    if r == 0.5 { return .nan }
    if r == 0.25 { return 1 }
    if r == -0.25 { return -1 }
    return tan(.pi * r)
}
