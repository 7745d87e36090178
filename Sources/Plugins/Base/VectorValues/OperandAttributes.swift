import Diagnostics
import RRuntime

/// How the attributes of two operands become those of the result.
package enum OperandAttributes {
    /// The number of elements of the result.
    static func resultLength(_ a: Int, _ b: Int) -> Int { a == 0 || b == 0 ? 0 : max(a, b) }

    /// Warns if the longer operand is no multiple of the shorter.
    package static func checkRecycling(_ a: Int, _ b: Int, _ args: Arguments) throws {
        guard a != b, a > 0, b > 0 else { return }
        let (long, short) = a > b ? (a, b) : (b, a)
        if long % short != 0 {
            try args.context.warn(
                "longer object length is not a multiple of shorter object length", call: args.call)
        }
    }

    /// Attributes of `a op b`.
    ///
    /// - Parameters:
    ///   - all: Arithmetic keeps every attribute; comparison and logic only names, dim and dimnames.
    /// - Throws: R's `non-conformable arrays`.
    package static func combined(_ a: Value, _ b: Value, all: Bool) throws -> Attributes? {
        var left = a.attributes
        var right = b.attributes
        if left == nil, right == nil { return nil }
        let countA = a.length
        let countB = b.length
        let count = resultLength(countA, countB)
        // A one-element array beside a longer plain vector counts as a plain number.
        if left[Symbol.dim] != nil, right[Symbol.dim] == nil, countA == 1, countB != 1 {
            left = left.removing([Symbol.dim, Symbol.dimnames])
        } else if right[Symbol.dim] != nil, left[Symbol.dim] == nil, countB == 1, countA != 1 {
            right = right.removing([Symbol.dim, Symbol.dimnames])
        }
        let dimA = left[Symbol.dim]
        let dimB = right[Symbol.dim]
        if dimA != nil, dimB != nil, a.dim != b.dim { throw WorkbenchError(.value, "non-conformable arrays") }
        let dim = dimA ?? dimB
        if dim != nil, let extents = dimA != nil ? a.dim : b.dim {
            let size = extents.reduce(1, *)
            let other = dimA == nil ? countA : countB
            if other > size, size != 0 {
                throw WorkbenchError(
                    .value, "dims [product \(size)] do not match the length of object [\(other)]")
            }
        }
        var result: Attributes?
        if all {
            if countB == count || count == 0 { result = mostAttributes(right, over: result) }
            if countA == count || count == 0 { result = mostAttributes(left, over: result) }
        }
        if let dim {
            if count == 0, (dimA != nil ? a.length : b.length) != 0 { return result }
            var shaped: Attributes? = nil
            shaped = shaped.setting(Symbol.dim, dim)
            if let dimnames = left[Symbol.dimnames] ?? right[Symbol.dimnames] {
                shaped = shaped.setting(Symbol.dimnames, dimnames)
            }
            for entry in result?.entries ?? [] { shaped = shaped.setting(entry.name, entry.value) }
            return shaped
        }
        var names: Value?
        if let candidate = left[Symbol.names], countA == count { names = candidate }
        if names == nil, let candidate = right[Symbol.names], countB == count { names = candidate }
        if let names {
            guard let old = result else { return Attributes.of([(Symbol.names, names)]) }
            return Attributes.of([(Symbol.names, names)] + old.entries)
        }
        return result
    }

    /// Everything but names, dim and dimnames, set over what is there.
    package static func mostAttributes(_ attributes: Attributes?, over: Attributes?) -> Attributes? {
        guard let attributes else { return over }
        var result = over
        for entry in attributes.entries
        where entry.name !== Symbol.names && entry.name !== Symbol.dim && entry.name !== Symbol.dimnames {
            result = result.setting(entry.name, entry.value)
        }
        return result
    }

    /// Names, dim and dimnames of one operand.
    package static func shape(_ value: Value) -> Attributes? {
        value.attributes.keeping([Symbol.names, Symbol.dim, Symbol.dimnames])
    }
}
