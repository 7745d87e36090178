import RRuntime

extension Deparser {
    /// A vector with names and attributes, so that the text makes the same one.
    mutating func writeVector(_ value: Value) {
        let names = niceNames(of: value)
        let attributes = shownAttributes(value.attributes, names: names == nil)
        if !attributes.isEmpty { put("structure(") }
        switch value {
        case .list(let list): writeList("list", list.elements, names)
        case .expression(let list): writeList("expression", list.elements, names)
        default: writeElements(of: value, names)
        }
        writeAttributes(attributes)
    }

    private mutating func writeList(_ function: String, _ elements: [Value], _ names: [Text?]?) {
        put(function + "(")
        let arguments = elements.enumerated().map { index, element in
            let name = names.flatMap { $0[index] }.flatMap { $0.isEmpty ? nil : $0 }
            return Argument(element, name: name.map { Symbol.named($0) })
        }
        writeListElements(arguments)
        put(")")
    }

    /// As arguments, but `=` needs no parentheses here.
    private mutating func writeListElements(_ arguments: [Argument]) {
        var isBroken = false
        for (index, argument) in arguments.enumerated() {
            if index > 0 { put(", ") }
            breakLine(&isBroken)
            if let name = argument.name { put(quotedName(name.name, options.backtick ? "`" : "\"") + " = ") }
            write(argument.value)
        }
        if isBroken { indent -= 1 }
    }

    private mutating func writeElements(of value: Value, _ names: [Text?]?) {
        let count = value.length
        if count == 0 {
            switch value {
            case .logical: return put("logical(0)")
            case .integer: return put("integer(0)")
            case .double: return put("numeric(0)")
            case .complex: return put("complex(0)")
            case .character: return put("character(0)")
            default: return put("raw(0)")
            }
        }
        if names == nil, let range = integerRange(value) { return put(range) }
        let isRaw = if case .raw = value { true } else { false }
        let isSingle = count == 1 && names == nil
        if isRaw { put("as.raw(") }
        if !isSingle { put("c(") }
        let text = elementTexts(value)
        for index in 0..<count {
            if index > 0 { put(", ") }
            if index > 0, isFull { endLine() }
            if let name = names.flatMap({ $0[index] }), !name.isEmpty {
                put(quotedName(name.string, options.backtick ? "`" : "\"") + " = ")
            }
            put(text(index))
        }
        if !isSingle {
            if isFull { endLine() }
            put(")")
        }
        if isRaw { put(")") }
    }

    /// `1:10` for integers in steps of one.
    private func integerRange(_ value: Value) -> String? {
        guard case .integer(let v) = value, v.count > 1, let first = v[0], let second = v[1] else { return nil }
        let step = Int64(second) - Int64(first)
        guard step == 1 || step == -1 else { return nil }
        var expected = Int64(first)
        for element in v.elements {
            guard let element, Int64(element) == expected else { return nil }
            expected += step
        }
        return "\(first):\(expected - step)"
    }

    /// The text of each element, missing ones such that the type is kept.
    private func elementTexts(_ value: Value) -> (Int) -> String {
        let typed = options.showAttributes
        switch value {
        case .logical(let v):
            return { v[$0].map { $0 ? "TRUE" : "FALSE" } ?? "NA" }
        case .integer(let v):
            let na = typed && v.elements.allSatisfy { $0 == nil } ? "NA_integer_" : "NA"
            return { v[$0].map { typed ? "\($0)L" : "\($0)" } ?? na }
        case .double(let v):
            let na = typed && v.elements.allSatisfy { $0.isNA } ? "NA_real_" : "NA"
            return { v[$0].isNA ? na : numberText(v[$0]) }
        case .complex(let v):
            let na = typed && v.elements.allSatisfy { $0.real.isNA && $0.imaginary.isNA } ? "NA_complex_" : "NA"
            return { complexText(v[$0], na) }
        case .character(let v):
            let na = typed && v.elements.allSatisfy { $0 == nil } ? "NA_character_" : "NA"
            return { v[$0].map { quotedText($0.string) } ?? na }
        case .raw(let v):
            return { "0x" + formatInteger(Int64(v[$0]), conversion: "x", precision: 2) }
        default: return { _ in "" }
        }
    }

    // MARK: Attributes

    /// Names that can be written before the elements, or nil.
    private func niceNames(of value: Value) -> [Text?]? {
        guard options.showAttributes, let attribute = value.attributes?[Symbol.names],
            case .character(let v) = attribute, attribute.attributes == nil, v.count == value.length, !v.isEmpty
        else { return nil }
        guard v.elements.allSatisfy({ $0 != nil }), v.elements.contains(where: { $0?.isEmpty == false }) else {
            return nil
        }
        switch value {
        case .list, .expression: return v.elements
        default:
            if v.elements.contains("recursive") || v.elements.contains("use.names") { return nil }
            return integerRange(value) == nil ? v.elements : nil
        }
    }

    /// The attributes that `structure(…)` must set.
    func shownAttributes(_ attributes: Attributes?, names: Bool) -> [(name: Symbol, value: Value)] {
        guard options.showAttributes, let attributes else { return [] }
        return attributes.entries.filter { $0.name !== Symbol.srcref && (names || $0.name !== Symbol.names) }
    }

    mutating func writeAttributes(_ attributes: [(name: Symbol, value: Value)]) {
        guard !attributes.isEmpty else { return }
        for (name, value) in attributes {
            put(", " + quotedName(name.name, "\"") + " = ")
            let isArgument = self.isArgument
            write(value)
            self.isArgument = isArgument
        }
        put(")")
    }
}

/// A complex number as code.
private func complexText(_ value: Complex, _ na: String) -> String {
    if value.real.isNA, value.imaginary.isNA { return na }
    if value.real.isNaN || value.imaginary.isNaN || !value.real.isFinite || !value.imaginary.isFinite {
        return "complex(real=\(numberText(value.real)), imaginary=\(numberText(value.imaginary)))"
    }
    let imaginary = numberText(value.imaginary)
    return numberText(value.real) + (imaginary.hasPrefix("-") ? "" : "+") + imaginary + "i"
}
