import Diagnostics
import Glibc
import PluginAPI

/// R's error for a vector that is too large, naming its size.
func cannotAllocate(bytes: Double) -> WorkbenchError { MemoryDoor.refusal(size: bytes) }

/// Checks that a vector of so many elements can be made.
/// - Throws: R's `cannot allocate vector of size …`.
func checkAllocation(_ count: Int, _ kind: Kind = .double) throws {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: kind.storedSize)
    try MemoryDoor.check(
        bytes: overflow ? Int.max : bytes, named: Double(count) * Double(kind.elementSize))
}

/// Equal elements. For large blocks the system is asked for large pages: touching 2 GB in small ones takes seconds.
func filled<Element>(_ element: Element, _ count: Int) -> [Element] {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    guard !overflow, bytes > 64 << 20 else { return Array(repeating: element, count: count) }
    return Array(unsafeUninitializedCapacity: count) { buffer, done in
        if let base = buffer.baseAddress {
            let page = UInt(4096)
            let start = (UInt(bitPattern: base) + page - 1) / page * page
            let end = (UInt(bitPattern: base) + UInt(bytes)) / page * page
            // Advice only: where it is not taken, nothing changes but the time.
            if start < end { madvise(UnsafeMutableRawPointer(bitPattern: start), Int(end - start), MADV_HUGEPAGE) }
        }
        buffer.initialize(repeating: element)
        done = count
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
