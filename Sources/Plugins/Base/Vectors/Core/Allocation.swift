import Diagnostics
import Glibc
import PluginAPI

/// Largest size of a vector in bytes: what the machine has. Beyond it R's own error is given before anything is
/// allocated.
private let allocationLimit: Int = {
    let (bytes, overflow) = sysconf(Int32(_SC_PHYS_PAGES)).multipliedReportingOverflow(by: sysconf(Int32(_SC_PAGESIZE)))
    return overflow || bytes <= 0 ? 64 << 30 : bytes
}()

/// R's error for a vector that is too large, naming its size.
func cannotAllocate(bytes: Double) -> WorkbenchError {
    // R's vectors hold at most 2^52 elements.
    if bytes / 8 > 4_503_599_627_370_496 { return WorkbenchError(.memory, "vector is too large") }
    let kilobytes = bytes / 1024
    let size: String
    if kilobytes > 1024 * 1024 {
        size = formatDouble(kilobytes / 1024 / 1024, conversion: "f", precision: 1) + " Gb"
    } else if kilobytes > 1024 {
        size = formatDouble(kilobytes / 1024, conversion: "f", precision: 1) + " Mb"
    } else {
        size = formatDouble(kilobytes, conversion: "f", precision: 0) + " Kb"
    }
    return WorkbenchError(.memory, "cannot allocate vector of size \(size)")
}

/// Checks that a vector of so many elements can be made.
/// - Throws: R's `cannot allocate vector of size …`.
func checkAllocation(_ count: Int, _ kind: Kind = .double) throws {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: kind.storedSize)
    if overflow || bytes > allocationLimit {
        throw cannotAllocate(bytes: Double(count) * Double(kind.elementSize))
    }
}

/// The product of sizes, checked.
func checkedProduct(_ sizes: [Int], _ kind: Kind = .double) throws -> Int {
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
    var wholeInt: Int? { Int(exactly: rounded(.towardZero)) }
}

/// A length given by the user: one number, not negative.
func lengthArgument(_ value: Value, message: String) throws -> Int {
    guard value.isAtomic, value.length == 1, let number = try? value.asDoubles()[0], !number.isNaN, number >= 0
    else { throw WorkbenchError(.value, message) }
    guard let whole = number.wholeInt else { throw cannotAllocate(bytes: number * 8) }
    return whole
}
