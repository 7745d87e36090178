import Diagnostics
import RRuntime

/// Registers numbers shown in base 16 and 8: classes `hexmode` and `octmode`.
func registerNumberBases(_ base: Namespace) {
    for (className, radix) in [("hexmode", 16), ("octmode", 8)] {
        base.function(
            "as.\(className)", [.value("x")], help: "Whole numbers that are shown in base \(radix)."
        ) { args in
            let x = try args.required("x")
            if x.inherits(className) { return x }
            var whole: [Int32?]
            switch x {
            case .character(let v):
                whole = try v.elements.map { text in
                    guard let text else { return nil }
                    guard let number = Int64(text.string, radix: radix) else {
                        throw WorkbenchError(.value, "'x' cannot be coerced to class \"\(className)\"")
                    }
                    return Int32(truncatingIfNeeded: number)
                }
            case .integer(let v): whole = v.elements
            case .double(let v) where v.elements.allSatisfy({ $0.isNaN || Int32(exactly: $0) != nil }):
                whole = v.elements.map { $0.isNaN ? nil : Int32(exactly: $0) }
            default: throw WorkbenchError(.value, "'x' cannot be coerced to class \"\(className)\"")
            }
            return .integer(
                Vector(
                    whole,
                    x.attributes.keeping([Symbol.names, Symbol.dim, Symbol.dimnames]).setting(
                        Symbol.classAttribute, .string(className))))
        }
        let parameters: [Parameter] = [.value("x"), .value("width", nil), .value("upper.case", false), .dots]
        base.method("format", for: className, parameters, help: "Texts of one width in base \(radix).") { args in
            let texts = try digits(args, radix)
            let width = max(texts.map { $0?.utf8.count ?? 2 }.max() ?? 0, try args.optionalInt("width") ?? 0)
            guard width <= 10_000_000 else { throw args.invalid("width") }
            return .character(
                Vector(
                    texts.map { text in
                        guard let text else { return Text("NA".leftPadded(to: width)) }
                        return Text(String(repeating: "0", count: max(0, width - text.utf8.count)) + text)
                    }, args[0].attributes.keeping([Symbol.names, Symbol.dim, Symbol.dimnames])))
        }
        base.method("as.character", for: className, parameters, help: "Texts in base \(radix).") { args in
            .character(Vector(try digits(args, radix).map { text in text.map { Text($0) } }))
        }
    }
}

private func digits(_ args: Arguments, _ radix: Int) throws -> [String?] {
    let upper = try args.flag("upper.case")
    return try args[0].bare.asIntegers().elements.map { number in
        number.map { String(UInt32(bitPattern: $0), radix: radix, uppercase: upper) }
    }
}
