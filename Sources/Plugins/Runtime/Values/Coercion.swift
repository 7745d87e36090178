import Diagnostics

/// Conversion between R's vector types, element by element; attributes are dropped unless said otherwise.
extension Value {
    /// Elements as logicals: numbers are TRUE unless 0; text is read (`T`, `TRUE`, `true`, `True`, …), else NA.
    /// - Throws: for values that are no vector.
    public func asLogicals() throws -> LogicalVector {
        switch self {
        case .null: return Vector([])
        case .logical(let v): return Vector(v.elements)
        case .integer(let v): return Vector(v.elements.map { element in element.map { $0 != 0 } })
        case .double(let v): return Vector(v.elements.map { $0.isNaN ? nil : $0 != 0 })
        case .complex(let v):
            return Vector(v.elements.map { $0.isNA ? nil : $0.real != 0 || $0.imaginary != 0 })
        case .raw(let v): return Vector(v.elements.map { $0 != 0 })
        case .character(let v): return Vector(v.elements.map { $0.flatMap { parseLogical($0.string) } })
        case .list(let v): return Vector(try v.elements.map { try single($0, "logical").asLogicals()[0] })
        default: throw cannotCoerce("logical")
        }
    }

    /// Elements as integers: fractions cut off; what does not fit in 32 bits, and text that is no number, is NA.
    public func asIntegers() throws -> IntegerVector { try asIntegersNotingLoss().0 }

    /// The same, and whether something that was not NA became NA (R warns then).
    public func asIntegersNotingLoss() throws -> (IntegerVector, lost: Bool) {
        var lost = false
        func whole(_ number: Double) -> Int32? {
            if number.isNaN { return nil }
            guard let value = Int32(exactly: number.rounded(.towardZero)), value != Int32.min else {
                lost = true
                return nil
            }
            return value
        }
        switch self {
        case .null: return (Vector([]), false)
        case .logical(let v): return (Vector(v.elements.map { element in element.map { $0 ? 1 : 0 } }), false)
        case .integer(let v): return (Vector(v.elements), false)
        case .double(let v): return (Vector(v.elements.map(whole)), lost)
        case .complex(let v): return (Vector(v.elements.map { whole($0.real) }), lost)
        case .raw(let v): return (Vector(v.elements.map { Int32($0) }), false)
        case .character(let v):
            let result: [Int32?] = v.elements.map { element in
                guard let element else { return nil }
                guard let number = parseNumber(element.string) else {
                    lost = true
                    return nil
                }
                return whole(number)
            }
            return (Vector(result), lost)
        case .list(let v):
            var result: [Int32?] = []
            for element in v.elements {
                let (one, lostHere) = try single(element, "integer").asIntegersNotingLoss()
                result.append(one[0])
                lost = lost || lostHere
            }
            return (Vector(result), lost)
        default: throw cannotCoerce("integer")
        }
    }

    /// Elements as doubles; text that is no number is NA.
    public func asDoubles() throws -> DoubleVector { try asDoublesNotingLoss().0 }

    /// The same, and whether text that was no number became NA (R warns then).
    public func asDoublesNotingLoss() throws -> (DoubleVector, lost: Bool) {
        var lost = false
        switch self {
        case .null: return (Vector([]), false)
        case .logical(let v): return (Vector(v.elements.map { element in element.map { $0 ? 1 : 0 } ?? .na }), false)
        case .integer(let v): return (Vector(v.elements.map { element in element.map { Double($0) } ?? .na }), false)
        case .double(let v): return (Vector(v.elements), false)
        case .complex(let v): return (Vector(v.elements.map { $0.real }), false)
        case .raw(let v): return (Vector(v.elements.map { Double($0) }), false)
        case .character(let v):
            let result: [Double] = v.elements.map { element in
                guard let element else { return .na }
                guard let number = parseNumber(element.string) else {
                    // Blank text is NA without a warning.
                    if !element.string.utf8.allSatisfy({ $0 == 32 || (9...13).contains($0) }) { lost = true }
                    return .na
                }
                return number
            }
            return (Vector(result), lost)
        case .list(let v):
            var result: [Double] = []
            for element in v.elements {
                let (one, lostHere) = try single(element, "double").asDoublesNotingLoss()
                result.append(one[0])
                lost = lost || lostHere
            }
            return (Vector(result), lost)
        default: throw cannotCoerce("double")
        }
    }

    /// Elements as complex numbers.
    public func asComplexes() throws -> ComplexVector {
        if case .complex(let v) = self { return Vector(v.elements) }
        return Vector(try asDoubles().elements.map { $0.isNA ? .na : Complex($0, 0) })
    }

    /// Elements as text, numbers with up to 15 significant digits. Symbols give their name.
    ///
    /// Elements of lists that are no single strings, and code, need the deparser: `Context.asCharacters` does those.
    public func asCharacters() throws -> CharacterVector {
        switch self {
        case .null: return Vector([])
        case .logical(let v):
            return Vector(v.elements.map { element in element.map { $0 ? "TRUE" : "FALSE" } })
        case .integer(let v): return Vector(v.elements.map { element in element.map { Text(String($0)) } })
        case .double(let v): return Vector(v.elements.map { $0.isNA ? nil : Text(numberText($0)) })
        case .complex(let v): return Vector(v.elements.map { $0.isNA ? nil : Text(complexText($0, digits: 15)) })
        case .raw(let v):
            return Vector(v.elements.map { Text(formatInteger(Int64($0), conversion: "x", width: 2, flags: "0")) })
        case .character(let v): return Vector(v.elements)
        case .symbol(let symbol): return Vector([symbol.text])
        case .list(let v), .expression(let v):
            return Vector(
                try v.elements.map { element in
                    if case .symbol(let symbol) = element { return symbol.text }
                    guard element.isAtomic, element.length == 1 else { throw cannotCoerce("character") }
                    return try element.asCharacters()[0]
                })
        default: throw cannotCoerce("character")
        }
    }

    private func single(_ element: Value, _ type: String) throws -> Value {
        guard element.isAtomic, element.length == 1 else {
            throw WorkbenchError(.type, "'list' object cannot be coerced to type '\(type)'")
        }
        return element
    }

    private func cannotCoerce(_ type: String) -> WorkbenchError {
        WorkbenchError(.type, "cannot coerce type '\(typeName)' to vector of type '\(type)'")
    }
}

/// What `as.logical` reads in text; nil for everything else.
public func parseLogical(_ text: String) -> Bool? {
    switch text {
    case "TRUE", "true", "T", "True": return true
    case "FALSE", "false", "F", "False": return false
    default: return nil
    }
}

/// A complex number as R writes it: `1+2i`.
public func complexText(_ value: Complex, digits: Int) -> String {
    if value.isNA { return "NA" }
    let imaginary = numberText(abs(value.imaginary), digits: digits)
    let sign = value.imaginary < 0 || (value.imaginary == 0 && value.imaginary.sign == .minus) ? "-" : "+"
    return numberText(value.real, digits: digits) + sign + imaginary + "i"
}
