import BaseValues
import RRuntime

/// Registers `letters`, `LETTERS`, `month.name`, `month.abb`, `pi`, `T`, `F`.
func registerConstants(_ base: Namespace) {
    base.object("letters", .strings((0..<26).map { String(UnicodeScalar(UInt8(97 + $0))) }))
    base.object("LETTERS", .strings((0..<26).map { String(UnicodeScalar(UInt8(65 + $0))) }))
    base.object("month.name", .strings(Calendar.monthNames))
    base.object("month.abb", .strings(Calendar.monthNames.map { String($0.prefix(3)) }))
    base.object("pi", .number(Double.pi))
    base.object("T", true)
    base.object("F", false)
}
