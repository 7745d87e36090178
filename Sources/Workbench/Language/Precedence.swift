/// How tightly operators bind, from R's grammar; higher binds tighter.
enum Precedence {
    static let anything = 0
    static let help = 1
    /// The right side of `?`, and bodies of functions, loops and conditions: everything but `?`.
    static let body = 2
    static let leftAssign = 5
    static let rightAssign = 7
    static let tilde = 8
    static let or = 9
    static let and = 10
    static let not = 11
    static let comparison = 12
    static let sum = 13
    static let product = 14
    static let special = 15
    static let colon = 17
    static let sign = 18
    static let power = 19

    /// Precedence of a binary operator and whether it groups from the right; nil for other tokens, and for `=`, which
    /// is no operator of expressions.
    static func binary(_ kind: TokenKind) -> (level: Int, fromRight: Bool)? {
        switch kind {
        case .question: return (help, false)
        case .leftAssign: return (leftAssign, true)
        case .rightAssign: return (rightAssign, false)
        case .tilde: return (tilde, false)
        case .or, .orElse: return (or, false)
        case .and, .andAlso: return (and, false)
        case .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual: return (comparison, false)
        case .plus, .minus: return (sum, false)
        case .times, .divide: return (product, false)
        case .special, .pipe: return (special, false)
        case .colon: return (colon, false)
        case .power: return (power, true)
        default: return nil
        }
    }
}
