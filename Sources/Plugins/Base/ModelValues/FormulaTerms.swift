import BaseValues
import Diagnostics
import RRuntime

/// A formula written out: `y ~ a * b` has the terms a, b and a:b.
package struct FormulaTerms {
    /// The formula itself.
    package let formula: Call
    /// Where its variables are looked up.
    package let environment: Environment
    /// Expressions of the variables, that on the left first.
    package private(set) var variables: [Value] = []
    /// Their text.
    package private(set) var labels: [String] = []
    /// Whether there is a left side; then it is the first variable.
    package let hasResponse: Bool
    /// Terms as sets of variables in ascending order.
    package private(set) var terms: [[Int]] = []
    /// Whether the model has a constant.
    package private(set) var hasIntercept = true
    /// Variables in `offset(…)`.
    package private(set) var offsets: [Int] = []
    private let context: Context
    /// What `.` stands for.
    private let others: [String]

    /// Reads a formula.
    /// - Parameter columns: Names of the data, which `.` stands for.
    package init(_ formula: Call, columns: [String]? = nil, _ context: Context, in fallback: Environment) throws {
        guard formula.name?.name == "~", (1...2).contains(formula.arguments.count) else {
            throw WorkbenchError(.type, "argument is not a valid model")
        }
        self.formula = formula
        self.context = context
        if case .environment(let home)? = formula.attributes?[Symbol.dotEnvironment] {
            environment = home
        } else {
            environment = fallback
        }
        hasResponse = formula.arguments.count == 2
        others = columns ?? []
        if hasResponse { _ = try variable(formula.arguments[0].value) }
        let right = formula.arguments[formula.arguments.count - 1].value
        if columns == nil, mentionsDot(right) {
            throw WorkbenchError(.value, "'.' in formula and no 'data' argument")
        }
        let found = try expand(right)
        // By degree, within it as written.
        let order = found.enumerated().ordered {
            ($0.element.count, $0.offset) < ($1.element.count, $1.offset)
        }
        terms = order.map { $0.element }.filter { !$0.isEmpty && !$0.contains { offsets.contains($0) } }
        if hasResponse { terms.removeAll { $0 == [0] } }
    }

    /// Text of a term: `a:b`.
    package func label(_ term: [Int]) -> String { term.map { labels[$0] }.joined(separator: ":") }

    /// How a factor enters a term: by contrasts (1), or by all its levels (2), where what would be left of the term
    /// without it is no part of an earlier term.
    package func coding(_ variable: Int, in place: Int) -> Int {
        let rest = terms[place].filter { $0 != variable }
        if rest.isEmpty { return 1 }
        return terms[..<place].contains { earlier in rest.allSatisfy { earlier.contains($0) } } ? 1 : 2
    }

    // MARK: Writing out

    private func mentionsDot(_ expression: Value) -> Bool {
        switch expression {
        case .symbol(let name): return name.name == "."
        case .call(let call): return call.arguments.contains { mentionsDot($0.value) }
        default: return false
        }
    }

    private mutating func variable(_ expression: Value) throws -> Int {
        let label = context.deparse(expression).joined()
        if let known = labels.firstIndex(of: label) { return known }
        variables.append(expression)
        labels.append(label)
        if case .call(let call) = expression, call.name?.name == "offset" { offsets.append(labels.count - 1) }
        return labels.count - 1
    }

    private func merged(_ lists: [Int]...) -> [Int] { Array(Set(lists.flatMap { $0 })).ordered(by: <) }

    private func unique(_ terms: [[Int]]) -> [[Int]] {
        var seen: Set<[Int]> = []
        return terms.filter { seen.insert($0).inserted }
    }

    private func products(_ left: [[Int]], _ right: [[Int]]) throws -> [[Int]] {
        guard left.count <= 1_000_000 / max(right.count, 1) else {
            throw WorkbenchError(
                .value, "the formula stands for too many terms", hint: "fewer variables, or a lower power")
        }
        try context.pollInterrupt()
        return unique(left.flatMap { a in right.map { merged(a, $0) } })
    }

    private func constant(_ expression: Value) -> Double? {
        switch expression {
        case .double(let v) where v.count == 1: return v[0]
        case .integer(let v) where v.count == 1: return v[0].map { Double($0) }
        default: return nil
        }
    }

    private mutating func expand(_ expression: Value) throws -> [[Int]] {
        if let number = constant(expression) {
            guard number == 0 || number == 1 else { throw WorkbenchError(.value, "invalid model formula") }
            hasIntercept = number == 1
            return []
        }
        if case .symbol(let name) = expression, name.name == "." {
            return try others.map { [try variable(.symbol(Symbol.named($0)))] }.filter { !hasResponse || $0 != [0] }
        }
        guard case .call(let call) = expression, let name = call.name?.name else {
            return [[try variable(expression)]]
        }
        let operands = call.arguments.map { $0.value }
        switch (name, operands.count) {
        case ("(", 1), ("+", 1): return try expand(operands[0])
        case ("+", 2): return unique(try expand(operands[0]) + (try expand(operands[1])))
        case (":", 2): return try products(expand(operands[0]), expand(operands[1]))
        case ("*", 2):
            let (a, b) = (try expand(operands[0]), try expand(operands[1]))
            return unique(a + b + (try products(a, b)))
        case ("%in%", 2):
            let (a, b) = (try expand(operands[0]), try expand(operands[1]))
            return unique(a.map { merged($0, b.flatMap { $0 }) })
        case ("/", 2):
            let a = try expand(operands[0])
            let all = merged(a.flatMap { $0 })
            return unique(a + (try expand(operands[1])).map { merged(all, $0) })
        case ("^", 2):
            guard let power = constant(operands[1]), let times = Int(exactly: power), times >= 1, times <= 100 else {
                throw WorkbenchError(.value, "invalid power in formula")
            }
            let base = try expand(operands[0])
            var result = base
            for _ in 1..<max(times, 1) { result = try products(result, base) }
            return result
        case ("-", 1): return try without([], operands[0])
        case ("-", 2): return try without(try expand(operands[0]), operands[1])
        default: return [[try variable(expression)]]
        }
    }

    private mutating func without(_ terms: [[Int]], _ dropped: Value) throws -> [[Int]] {
        if let number = constant(dropped) {
            hasIntercept = number == 0
            return terms
        }
        let before = hasIntercept
        let gone = try expand(dropped)
        hasIntercept = before
        return terms.filter { !gone.contains($0) }
    }
}

extension FormulaTerms {
    /// R's `terms` object.
    package var asValue: Value {
        let count = terms.count
        var factors: [Int] = []
        for place in terms.indices {
            for variable in labels.indices {
                factors.append(terms[place].contains(variable) ? coding(variable, in: place) : 0)
            }
        }
        let table: Value =
            count == 0
            ? .integer(Vector([]))
            : Value.ints(factors).setting(Symbol.dim, .ints([labels.count, count]))
                .setting(Symbol.dimnames, .items([.strings(labels), .strings(terms.map { label($0) })]))
        var entries: [(String, Value)] = [
            ("variables", .call(Call("list", variables)))
        ]
        if !offsets.isEmpty { entries.append(("offset", .ints(offsets.map { $0 + 1 }))) }
        entries += [
            ("factors", table), ("term.labels", .strings(terms.map { label($0) })),
            ("order", .ints(terms.map { $0.count })), ("intercept", .int(hasIntercept ? 1 : 0)),
            ("response", .int(hasResponse ? 1 : 0)), ("class", .strings(["terms", "formula"])),
            (".Environment", .environment(environment)),
        ]
        return .call(
            formula.with(attributes: Attributes.of(entries.map { (name: Symbol.named($0.0), value: $0.1) })))
    }
}
