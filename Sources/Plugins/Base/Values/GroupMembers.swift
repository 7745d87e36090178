import RRuntime

/// The operators of the Ops group.
package let comparisonOperators = ["==", "!=", "<", "<=", ">", ">="]
package let arithmeticOperators = ["+", "-", "*", "/", "^", "%%", "%/%"]
package let logicalOperators = ["&", "|"]
/// Functions of the Math group.
package let mathFunctions = [
    "abs", "sign", "sqrt", "floor", "ceiling", "trunc", "round", "signif", "exp", "log", "expm1", "log1p", "cos", "sin",
    "tan", "cosh", "sinh", "tanh", "gamma", "lgamma", "cumsum", "cumprod", "cummax", "cummin",
]
