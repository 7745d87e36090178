import RRuntime

/// How R writes calls of the functions that are syntax, and how tightly they bind when written.
struct OperatorStyle {
    /// The layout.
    enum Layout {
        /// `a + b`, with blanks; a long line may be broken after it.
        case spaced
        /// `a/b`
        case tight
        /// `!a`
        case prefix
        /// `a <- b`
        case assignment
        /// `a$b`
        case member
        /// `a[b]`
        case index
        case ifElse, whileLoop, forLoop, repeatLoop, block, parenthesis, function, keyword
    }

    var layout: Layout
    /// R's binding strength.
    var strength = Strength.none
    var groupsFromRight = false

    enum Strength {
        static let none = 0
        static let equal = 1
        static let left = 2
        static let tilde = 4
        static let or = 5
        static let and = 6
        static let not = 7
        static let comparison = 8
        static let sum = 9
        static let product = 10
        static let special = 11
        static let range = 12
        static let sign = 13
        static let power = 14
        static let member = 15
        static let namespace = 16
    }

    /// The style of a function by name; nil for functions that are written `f(x)`.
    static func of(_ name: String) -> OperatorStyle? {
        if let style = table[name] { return style }
        return isSpecial(name) ? OperatorStyle(layout: .spaced, strength: Strength.special) : nil
    }

    /// `%any%`
    static func isSpecial(_ name: String) -> Bool {
        let bytes = name.utf8
        return bytes.count >= 2 && bytes.first == UInt8(ascii: "%") && bytes.last == UInt8(ascii: "%")
    }

    private static let table: [String: OperatorStyle] = [
        "if": .init(layout: .ifElse, groupsFromRight: true),
        "while": .init(layout: .whileLoop),
        "for": .init(layout: .forLoop),
        "repeat": .init(layout: .repeatLoop),
        "break": .init(layout: .keyword),
        "next": .init(layout: .keyword),
        "function": .init(layout: .function),
        "{": .init(layout: .block),
        "(": .init(layout: .parenthesis),
        "<-": .init(layout: .assignment, strength: Strength.left, groupsFromRight: true),
        "<<-": .init(layout: .assignment, strength: Strength.left, groupsFromRight: true),
        "=": .init(layout: .assignment, strength: Strength.equal, groupsFromRight: true),
        "[": .init(layout: .index, strength: Strength.member),
        "[[": .init(layout: .index, strength: Strength.member),
        "$": .init(layout: .member, strength: Strength.member),
        "@": .init(layout: .member, strength: Strength.member),
        "::": .init(layout: .tight, strength: Strength.namespace),
        ":::": .init(layout: .tight, strength: Strength.namespace),
        "+": .init(layout: .spaced, strength: Strength.sum),
        "-": .init(layout: .spaced, strength: Strength.sum),
        "*": .init(layout: .spaced, strength: Strength.product),
        "/": .init(layout: .tight, strength: Strength.product),
        "^": .init(layout: .tight, strength: Strength.power, groupsFromRight: true),
        "%%": .init(layout: .tight, strength: Strength.special),
        "%/%": .init(layout: .tight, strength: Strength.special),
        "%*%": .init(layout: .spaced, strength: Strength.special),
        ":": .init(layout: .tight, strength: Strength.range),
        "==": .init(layout: .spaced, strength: Strength.comparison),
        "!=": .init(layout: .spaced, strength: Strength.comparison),
        "<": .init(layout: .spaced, strength: Strength.comparison),
        "<=": .init(layout: .spaced, strength: Strength.comparison),
        ">": .init(layout: .spaced, strength: Strength.comparison),
        ">=": .init(layout: .spaced, strength: Strength.comparison),
        "&": .init(layout: .spaced, strength: Strength.and),
        "&&": .init(layout: .spaced, strength: Strength.and),
        "|": .init(layout: .spaced, strength: Strength.or),
        "||": .init(layout: .spaced, strength: Strength.or),
        "!": .init(layout: .prefix, strength: Strength.not),
        "~": .init(layout: .spaced, strength: Strength.tilde),
    ]
}

extension OperatorStyle {
    /// Whether an operand must be put in parentheses to stay one operand.
    func needsParentheses(_ operand: Value, onLeft: Bool) -> Bool {
        switch operand {
        case .call(let call):
            guard let name = call.name?.name, let style = OperatorStyle.of(name) else { return false }
            return needsParentheses(call, style, onLeft: onLeft)
        case .complex(let v) where v.count == 1:
            return strength > Strength.sum || (strength == Strength.sum && onLeft == groupsFromRight)
        default: return false
        }
    }

    private func needsParentheses(_ call: Call, _ style: OperatorStyle, onLeft: Bool) -> Bool {
        var inner = style.strength
        switch style.layout {
        case .spaced, .tight:
            switch call.arguments.count {
            case 1:
                if !onLeft { return false }
                if inner == Strength.sum { inner = Strength.sign }
            case 2:
                if strength == Strength.comparison, inner == Strength.comparison { return true }
            default: return false
            }
        case .prefix:
            if !onLeft { return false }
        case .index, .member, .assignment: break
        case .ifElse, .whileLoop, .forLoop, .repeatLoop: return onLeft
        case .block, .parenthesis, .keyword, .function: return false
        }
        return strength > inner || (strength == inner && onLeft == groupsFromRight)
    }
}

extension OperatorStyle {
    /// Whether an operand that is last in its expression would take in what follows it: an operator of strength `tail`.
    static func takesInTail(_ operand: Value, _ tail: Int) -> Bool {
        guard case .call(let call) = operand, let name = call.name?.name, let style = OperatorStyle.of(name) else {
            return false
        }
        switch style.layout {
        case .ifElse, .whileLoop, .forLoop, .repeatLoop: return true
        case .prefix: return tail > style.strength
        case .spaced where call.arguments.count == 1:
            return tail > (style.strength == Strength.sum ? Strength.sign : style.strength)
        default: return false
        }
    }
}
