import RRuntime

extension Deparser {
    mutating func write(_ call: Call, isArgument: Bool) {
        guard let name = call.name?.name else { return writeComputed(call) }
        guard let style = OperatorStyle.of(name), writeSyntax(name, style, call.arguments, isArgument: isArgument)
        else {
            put(quotedName(name, options.backtick ? "`" : "\"") + "(")
            let isPrimitive = primitiveNames.contains(name)
            if isPrimitive { primitiveCalls += 1 }
            write(call.arguments)
            if isPrimitive { primitiveCalls -= 1 }
            return put(")")
        }
    }

    /// A call whose function is an expression or a value.
    private mutating func writeComputed(_ call: Call) {
        let parenthesized = needsParenthesesAsFunction(call.function)
        if parenthesized { put("(") }
        write(call.function)
        put(parenthesized ? ")(" : "(")
        write(call.arguments)
        put(")")
    }

    private func needsParenthesesAsFunction(_ function: Value) -> Bool {
        switch function {
        case .call(let inner):
            guard let name = inner.name?.name, let style = OperatorStyle.of(name) else { return false }
            switch style.layout {
            case .block, .parenthesis, .index, .member: return false
            case .spaced, .tight: return style.strength < OperatorStyle.Strength.member
            default: return true
            }
        case .closure: return true
        default: return false
        }
    }

    /// Writes a call in its own syntax, or returns false if it has arguments that do not fit it.
    private mutating func writeSyntax(
        _ name: String, _ style: OperatorStyle, _ arguments: [Argument], isArgument: Bool
    ) -> Bool {
        func operand(_ index: Int) -> Value { index < arguments.count ? arguments[index].value : .null }
        switch style.layout {
        case .spaced, .tight: return writeOperator(name, style, arguments)
        case .prefix:
            guard !arguments.isEmpty else { return false }
            writeUnary(name, style, operand(0))
        case .assignment:
            let inParentheses = isArgument && name == "="
            if inParentheses { put("(") }
            writeOperand(operand(0), of: style, onLeft: true)
            put(" \(name) ")
            writeOperand(operand(1), of: style, onLeft: false)
            if inParentheses { put(")") }
        case .member: return writeMember(name, style, arguments)
        case .index:
            writeOperand(operand(0), of: style, onLeft: true)
            put(name)
            write(Array(arguments.dropFirst()))
            put(name == "[" ? "]" : "]]")
        case .parenthesis:
            put("(")
            writeApart(operand(0))
            put(")")
        case .block: writeBlock(arguments)
        case .keyword: put(name)
        case .ifElse: writeIf(arguments)
        case .whileLoop:
            put("while (")
            writeApart(operand(0))
            put(") ")
            write(operand(1))
        case .forLoop:
            put("for (")
            write(operand(0))
            put(" in ")
            writeApart(operand(1))
            put(") ")
            write(operand(2))
        case .repeatLoop:
            put("repeat ")
            write(operand(0))
        case .function:
            guard arguments.count >= 2 else { return false }
            put("function(")
            write(Formals(operand(0)))
            put(") ")
            write(operand(1))
        }
        return true
    }

    private mutating func writeOperand(_ value: Value, of style: OperatorStyle, onLeft: Bool) {
        let outerTail = tail
        defer { tail = outerTail }
        var inParentheses = style.needsParentheses(value, onLeft: onLeft)
        if !onLeft, !inParentheses, let tail { inParentheses = OperatorStyle.takesInTail(value, tail) }
        if inParentheses {
            tail = nil
            put("(")
            write(value)
            return put(")")
        }
        if onLeft { tail = max(tail ?? 0, style.strength) }
        write(value)
    }

    private mutating func writeOperator(_ name: String, _ style: OperatorStyle, _ arguments: [Argument]) -> Bool {
        switch arguments.count {
        case 1:
            guard style.layout == .spaced, !OperatorStyle.isSpecial(name) else { return false }
            var style = style
            style.layout = .prefix
            if style.strength == OperatorStyle.Strength.sum { style.strength = OperatorStyle.Strength.sign }
            writeUnary(name, style, arguments[0].value)
        case 2:
            writeOperand(arguments[0].value, of: style, onLeft: true)
            if style.layout == .tight {
                put(name)
                writeOperand(arguments[1].value, of: style, onLeft: false)
            } else {
                var isBroken = false
                put(" \(name) ")
                breakLine(&isBroken)
                writeOperand(arguments[1].value, of: style, onLeft: false)
                if isBroken { indent -= 1 }
            }
        default: return false
        }
        return true
    }

    /// An expression inside brackets, where no operator outside can reach it.
    private mutating func writeApart(_ value: Value) {
        let outerTail = tail
        tail = nil
        write(value)
        tail = outerTail
    }

    private mutating func writeUnary(_ name: String, _ style: OperatorStyle, _ operand: Value) {
        put(name)
        writeOperand(operand, of: style, onLeft: false)
    }

    private mutating func writeMember(_ name: String, _ style: OperatorStyle, _ arguments: [Argument]) -> Bool {
        guard arguments.count == 2 else { return false }
        switch arguments[1].value {
        case .symbol, .character: break
        default: return false
        }
        writeOperand(arguments[0].value, of: style, onLeft: true)
        put(name)
        if case .character(let v) = arguments[1].value, v.count == 1, let text = v[0], isSyntacticName(text.string) {
            put(text.string)
        } else {
            write(arguments[1].value)
        }
        return true
    }

    private mutating func writeBlock(_ statements: [Argument]) {
        put("{")
        blocks += 1
        indent += 1
        endLine()
        for statement in statements {
            writeApart(statement.value)
            endLine()
        }
        indent -= 1
        put("}")
        blocks -= 1
    }

    /// In a block the parts of an `if` stand on lines of their own, unless they are blocks.
    private mutating func writeIf(_ arguments: [Argument]) {
        let parts = arguments.map(\.value)
        put("if (")
        writeApart(parts.first ?? .null)
        put(") ")
        let consequence = parts.count > 1 ? parts[1] : .null
        let isSpread = blocks > 0 && primitiveCalls == 0
        let isBlock = if case .call(let call) = consequence { call.name === Symbol.brace } else { false }
        if isSpread, !isBlock {
            endLine()
            indent += 1
        }
        write(consequence)
        if isSpread, !isBlock, parts.count <= 2 { indent -= 1 }
        if parts.count > 2 {
            if isSpread {
                endLine()
                if !isBlock { indent -= 1 }
            } else {
                put(" ")
            }
            put("else ")
            write(parts[2])
        }
    }
}
