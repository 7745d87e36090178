import Diagnostics

extension Context {
    /// Sets an option and does what it says: what `options()` does, and restoring a session.
    /// - Throws: `.value` for a value that makes no sense; nothing is set then.
    package func setOption(_ name: String, _ value: Value) throws {
        func number(_ range: ClosedRange<Int>) throws -> Int {
            guard let first = try? value.asIntegers().elements.first, let whole = first, range.contains(Int(whole)),
                value.length == 1
            else {
                let got = deparse(value).first ?? ""
                throw WorkbenchError(
                    .value, "invalid '\(name)' parameter, allowed \(range.lowerBound)...\(range.upperBound)",
                    hint: "got \(got)")
            }
            return Int(whole)
        }
        switch name {
        case "digits": options[name] = .int(try number(0...22))
        case "width":
            let width = try number(10...10000)
            options[name] = .int(width)
            console.width = width
        case "scipen":
            guard let first = try? value.asIntegers().elements.first, let whole = first else {
                throw WorkbenchError(.value, "invalid value for '\(name)'")
            }
            options[name] = .int(Int(whole))
        case "max.print":
            guard value.length == 1, let first = try? value.asIntegers().elements.first, let whole = first, whole > 0
            else {
                throw WorkbenchError(.value, "invalid value for 'max.print'")
            }
            options[name] = .int(Int(whole))
        case "error":
            switch value {
            case .null, .call, .symbol, .expression: break
            case let function where function.isFunction: break
            default:
                throw WorkbenchError(
                    .value, "invalid value for 'error'", hint: "code or a function: options(error = quote(traceback()))"
                )
            }
            options[name] = value
        case "warn":
            guard case .null = value else {
                guard value.length == 1, let first = try? value.asDoubles().elements.first, !first.isNaN else {
                    throw WorkbenchError(.value, "invalid value for 'warn'")
                }
                options[name] = value
                return
            }
            throw WorkbenchError(.value, "invalid value for 'warn'")
        default:
            let kept = try registry.optionChecks.checked(name, value, self)
            try registry.optionChecks.effect(of: name)?(kept, self)
            options[name] = kept
        }
    }
}
