import RRuntime

extension Value {
    /// Elements as doubles, without a copy for doubles.
    package func doubleElements() throws -> [Double] {
        if case .double(let v) = self { return v.elements }
        return try asDoubles().elements
    }

    /// Elements as integers, without a copy for integers.
    package func integerElements() throws -> [Int32?] {
        if case .integer(let v) = self { return v.elements }
        return try asIntegers().elements
    }

    /// Elements as logicals, without a copy for logicals.
    package func logicalElements() throws -> [Bool?] {
        if case .logical(let v) = self { return v.elements }
        return try asLogicals().elements
    }
}
