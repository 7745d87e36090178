import Diagnostics
import RRuntime
import VectorValues

func registerAllEqual(_ base: Namespace) {
    let parameters: [Parameter] = [
        .value("target"), .value("current"), .dots, .value("tolerance", 1.5e-8), .value("scale", nil),
        .value("check.attributes", true), .value("check.names", true), .value("check.class", true),
        .value("use.names", true), .value("countEQ", false),
    ]
    base.function(
        "all.equal", parameters, help: "TRUE if two objects are nearly equal, else what differs.", dispatch: .generic
    ) { args in try allEqual(args) }
    for className in ["numeric", "character", "list", "default"] {
        base.function("all.equal." + className, parameters, help: "Compares up to a tolerance.") { args in
            try allEqual(args)
        }
    }
}

private func allEqual(_ args: Arguments) throws -> Value {
    guard args["tolerance"].kind == .double || args["tolerance"].kind == .integer else {
        throw WorkbenchError(.type, "'tolerance' should be numeric")
    }
    if try args.required("target").inherits("POSIXt") { return try allEqualTimes(args) }
    let comparison = NearEquality(
        tolerance: try args.number("tolerance"),
        scale: args["scale"].isNull ? nil : try args.number("scale"),
        checksAttributes: try args.flag("check.attributes"), checksNames: try args.flag("check.names"),
        checksClass: try args.flag("check.class"), usesNames: try args.flag("use.names"),
        context: args.context, environment: args.environment)
    let messages = try comparison.differences(try args.required("target"), try args.required("current"))
    return messages.isEmpty ? true : .strings(messages)
}

/// Moments are compared by the seconds between them, a thousandth unless said otherwise, not by their size since 1970.
private func allEqualTimes(_ args: Arguments) throws -> Value {
    guard args["current"].inherits("POSIXt") else { return "'current' is not a POSIXt" }
    let zone = Symbol.named("tzone")
    func moment(_ value: Value) throws -> Value {
        value.inherits("POSIXct") ? value : try args.context.call("as.POSIXct", [Argument(value)])
    }
    func zoneText(_ value: Value) throws -> String {
        try value.attribute(zone)?.asCharacters().elements.first??.string ?? ""
    }
    let (target, current) = (try moment(args["target"]), try moment(args["current"]))
    var messages: [String] = []
    let zones = (try zoneText(target), try zoneText(current))
    if zones.0 != zones.1 {
        messages.append("'tzone' attributes are inconsistent ('\(zones.0)' and '\(zones.1)')")
    }
    let isGiven = args.call.arguments.contains { $0.name?.name == "tolerance" }
    let comparison = NearEquality(
        tolerance: isGiven ? try args.number("tolerance") : 1e-3,
        scale: args["scale"].isNull ? 1 : try args.number("scale"),
        checksAttributes: try args.flag("check.attributes"), checksNames: try args.flag("check.names"),
        checksClass: try args.flag("check.class"), usesNames: try args.flag("use.names"),
        context: args.context, environment: args.environment)
    messages += try comparison.differences(target.setting(zone, nil), current.setting(zone, nil))
    return messages.isEmpty ? true : .strings(messages)
}

/// R's `all.equal`: what differs between two objects, as sentences; none if they are nearly equal.
struct NearEquality {
    let tolerance: Double
    let scale: Double?
    var checksAttributes: Bool
    let checksNames: Bool
    let checksClass: Bool
    let usesNames: Bool
    let context: Context
    let environment: Environment

    func differences(_ a: Value, _ b: Value) throws -> [String] {
        switch a {
        case .null: return b.isNull ? [] : ["target is NULL, current is \(dataClass(b))"]
        case .double, .integer, .complex:
            if a.inherits("factor") { return try factors(a, b) }
            return try numbers(a, b)
        case .character: return try strings(a, b)
        case .logical, .raw: return try elements(a, b)
        case .list, .expression: return try lists(a, b)
        case .symbol, .call, .missing:
            var messages: [String] = []
            if modeName(a) != modeName(b) {
                messages.append("Modes of target, current: \(modeName(a)), \(modeName(b))")
            }
            let left = context.deparse(a)
            let right = context.deparse(b)
            if left != right { messages.append("target, current do not match when deparsed") }
            return messages
        case .closure, .builtin:
            if Sameness(ignoresEnvironment: true).same(a, b) { return [] }
            if !b.isFunction {
                return ["target, current do not match when deparsed", "current is not a function"].suffix(1)
            }
            return context.deparse(a) == context.deparse(b) ? [] : ["target, current do not match when deparsed"]
        case .environment(let x):
            guard case .environment(let y) = b else { return ["'current' is not an environment"] }
            if x === y { return [] }
            return try lists(contents(x), contents(y))
        default: return Sameness().same(a, b) ? [] : ["target, current do not match"]
        }
    }

    private func contents(_ environment: Environment) throws -> Value {
        let symbols = environment.names().ordered { $0.text < $1.text }
        let values = try symbols.map { try context.forced(environment.local($0) ?? .null) }
        return Value.items(values).withNames(symbols.map { $0.name })
    }

    /// R's `data.class`.
    private func dataClass(_ x: Value) -> String {
        if let first = x.classAttribute?.first { return first.string }
        if let dim = x.dim { return dim.count == 2 ? "matrix" : "array" }
        return modeName(x)
    }

    private func classMessage(_ a: Value, _ b: Value) -> String? {
        let (left, right) = (dataClass(a), dataClass(b))
        return left == right ? nil : "target is \(left), current is \(right)"
    }

    private func withoutLengths(_ messages: [String]) -> [String] { messages.filter { !$0.contains("Lengths") } }

    // MARK: Attributes

    private func attributes(_ a: Value, _ b: Value) -> [String] {
        guard checksAttributes else { return [] }
        var messages: [String] = []
        if modeName(a) != modeName(b) { messages.append("Modes: \(modeName(a)), \(modeName(b))") }
        if a.length != b.length { messages.append("Lengths: \(a.length), \(b.length)") }
        var left = AttributeAccess.all(a)
        var right = AttributeAccess.all(b)
        if checksNames {
            let namesA = a.elementNames
            let namesB = b.elementNames
            if let namesA, let namesB {
                let found = (try? strings(.character(Vector(namesA)), .character(Vector(namesB)))) ?? []
                messages += found.map { "names for target but not for current" == $0 ? $0 : "Names: " + $0 }
            } else if namesA != nil {
                messages.append("names for target but not for current")
            } else if namesB != nil {
                messages.append("names for current but not for target")
            }
        }
        left = sortedAttributes(left)
        right = sortedAttributes(right)
        let found =
            (try? NearEquality(
                tolerance: tolerance, scale: scale, checksAttributes: true, checksNames: checksNames,
                checksClass: checksClass, usesNames: usesNames, context: context, environment: environment
            ).differences(left, right)) ?? []
        return messages + found.map { "Attributes: < \($0) >" }
    }

    /// Attributes but names, in the order of their names; NULL for none.
    private func sortedAttributes(_ list: Value) -> Value {
        guard case .list(let items) = list, let names = list.names else { return .null }
        var order = items.elements.indices.filter { names[$0] != "names" }
        order = order.ordered { (names[$0] ?? "") < (names[$1] ?? "") }
        guard !order.isEmpty else { return .null }
        return list.gathering(order).withNames(order.map { names[$0] })
    }

    // MARK: Vectors

    private func numbers(_ a: Value, _ b: Value) throws -> [String] {
        var messages = attributes(a, b)
        if checksClass, let difference = classMessage(a, b) { return messages + [difference] }
        guard b.kind == .double || b.kind == .integer || b.kind == .complex || b.kind == .logical else {
            return messages + ["target is \(dataClass(a)), current is \(dataClass(b))"]
        }
        if a.length != b.length {
            messages = withoutLengths(messages)
            let kind = a.kind == .complex ? "Complex" : "Numeric"
            return messages + ["\(kind): lengths (\(a.length), \(b.length)) differ"]
        }
        let x = try a.asComplexNumbers().0.elements
        let y = try b.asComplexNumbers().0.elements
        func isNaN(_ number: Complex) -> Bool { number.real.isNaN || number.imaginary.isNaN }
        let missingX = x.filter(isNaN).count
        let missingY = y.filter(isNaN).count
        if zip(x, y).contains(where: { isNaN($0) != isNaN($1) }) {
            return messages + ["'is.NA' value mismatch: \(missingY) in current \(missingX) in target"]
        }
        let different = zip(x, y).filter { !isNaN($0) && $0 != $1 }
        if different.isEmpty { return messages }
        let count = Double(different.count)
        var difference =
            different.reduce(0) { $0 + Complex($1.0.real - $1.1.real, $1.0.imaginary - $1.1.imaginary).modulus } / count
        let size = different.reduce(0) { $0 + $1.0.modulus } / count
        var what = "absolute"
        if let scale {
            difference /= scale
            what = scale == 1 ? "absolute" : "scaled"
        } else if size.isFinite, size > tolerance {
            difference /= size
            what = "relative"
        }
        if a.kind == .complex { what += " Mod" }
        if difference.isNaN || difference > tolerance {
            let text = NumberFormat(CollectionOfOne(difference), digits: context.options.int("digits", 7)).text(
                difference)
            messages.append("Mean \(what) difference: \(text)")
        }
        return messages
    }

    private func strings(_ a: Value, _ b: Value) throws -> [String] {
        var messages = attributes(a, b)
        if let difference = classMessage(a, b) { return messages + [difference] }
        var x = try a.asCharacters().elements
        var y = try b.asCharacters().elements
        if x.count != y.count {
            let shorter = min(x.count, y.count)
            messages = withoutLengths(messages)
            messages.append("Lengths (\(x.count), \(y.count)) differ (string compare on first \(shorter))")
            x = Array(x.prefix(shorter))
            y = Array(y.prefix(shorter))
        }
        if zip(x, y).contains(where: { ($0 == nil) != ($1 == nil) }) {
            let missing = (x.filter { $0 == nil }.count, y.filter { $0 == nil }.count)
            return messages + ["'is.NA' value mismatch: \(missing.1) in current \(missing.0) in target"]
        }
        let mismatches = zip(x, y).filter { $0 != $1 }.count
        if mismatches == 1 { messages.append("1 string mismatch") }
        if mismatches > 1 { messages.append("\(mismatches) string mismatches") }
        return messages
    }

    private func elements(_ a: Value, _ b: Value) throws -> [String] {
        var messages = attributes(a, b)
        if let difference = classMessage(a, b) { return messages + [difference] }
        var x = try a.integerElements()
        var y = try b.integerElements()
        if x.count != y.count {
            let shorter = min(x.count, y.count)
            messages = withoutLengths(messages)
            messages.append("Lengths (\(x.count), \(y.count)) differ (comparison on first \(shorter) components)")
            x = Array(x.prefix(shorter))
            y = Array(y.prefix(shorter))
        }
        if zip(x, y).contains(where: { ($0 == nil) != ($1 == nil) }) {
            let missing = (x.filter { $0 == nil }.count, y.filter { $0 == nil }.count)
            return messages + ["'is.NA' value mismatch: \(missing.1) in current \(missing.0) in target"]
        }
        let mismatches = zip(x, y).filter { $0 != $1 }.count
        if mismatches == 1 { messages.append("1 element mismatch") }
        if mismatches > 1 { messages.append("\(mismatches) element mismatches") }
        return messages
    }

    private func factors(_ a: Value, _ b: Value) throws -> [String] {
        guard b.inherits("factor") else { return ["'current' is not a factor"] }
        var messages = attributes(a, b)
        let x = try context.call("as.character", [Argument(a)], environment: environment)
        let y = try context.call("as.character", [Argument(b)], environment: environment)
        let missing = (MissingValues.flags(a), MissingValues.flags(b))
        if missing.0 != missing.1, missing.0.count == missing.1.count {
            let counts = (missing.0.filter { $0 == true }.count, missing.1.filter { $0 == true }.count)
            return messages + ["NA mismatch: \(counts.1) in current, \(counts.0) in target"]
        }
        messages += try strings(x, y)
        return messages
    }

    // MARK: Lists

    private func lists(_ a: Value, _ b: Value) throws -> [String] {
        let x = a.setting(Symbol.classAttribute, nil)
        let y = b.isObject ? b.setting(Symbol.classAttribute, nil) : b
        var messages = attributes(a, b)
        guard y.isVector else { return messages + ["current is not list-like"] }
        var count = x.length
        if count != y.length {
            messages = withoutLengths(messages)
            count = min(count, y.length)
            messages.append("Length mismatch: comparison on first \(count) components")
        }
        for place in 0..<count {
            for found in try differences(x.element(place), y.element(place)) {
                var label = String(place + 1)
                if usesNames, let namesX = x.names, let namesY = y.names, place < namesY.count,
                    let name = namesX[place], namesY[place] == name
                {
                    label = "\u{201C}\(name.string)\u{201D}"
                }
                messages.append("Component \(label): \(found)")
            }
        }
        return messages
    }
}
