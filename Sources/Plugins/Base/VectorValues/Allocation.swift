import Diagnostics
import RRuntime

/// R's error for a vector that is too large, naming its size.
package func cannotAllocate(bytes: Double) -> WorkbenchError { MemoryDoor.refusal(size: bytes) }

/// Checks that a vector of so many elements can be made.
/// - Throws: R's `cannot allocate vector of size …`.
package func checkAllocation(_ count: Int, _ kind: Kind = .double) throws {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: kind.storedSize)
    try MemoryDoor.check(
        bytes: overflow ? Int.max : bytes, named: Double(count) * Double(kind.elementSize))
}

/// The product of sizes, checked.
package func checkedProduct(_ sizes: [Int], _ kind: Kind = .double) throws -> Int {
    var product = 1
    for size in sizes {
        let (next, overflow) = product.multipliedReportingOverflow(by: size)
        if overflow {
            throw cannotAllocate(bytes: sizes.reduce(1.0) { $0 * Double($1) } * Double(kind.elementSize))
        }
        product = next
    }
    try checkAllocation(product, kind)
    return product
}

extension Double {
    /// The whole number it is after cutting off the fraction; nil for NaN and what no Int holds.
    package var wholeInt: Int? { Int(exactly: rounded(.towardZero)) }
}

/// A length given by the user: one number, not negative.
package func lengthArgument(_ value: Value, message: String) throws -> Int {
    guard value.isAtomic, value.length == 1, let number = try? value.asDoubles()[0], !number.isNaN, number >= 0
    else { throw WorkbenchError(.value, message) }
    guard let whole = number.wholeInt else { throw cannotAllocate(bytes: number * 8) }
    return whole
}
