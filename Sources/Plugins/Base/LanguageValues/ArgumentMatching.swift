import Diagnostics
import RRuntime

/// Names the arguments of a call by R's three rounds: exact, partial, by position.
package func matched(_ call: Call, to formals: Formals, expandDots: Bool) throws -> Call {
    var taken = [Int?](repeating: nil, count: formals.names.count)
    var used = [Bool](repeating: false, count: call.arguments.count)
    let dotsAt = formals.dotsIndex
    for (place, argument) in call.arguments.enumerated() {
        guard let name = argument.name, !name.name.isEmpty,
            let formal = formals.names.firstIndex(where: { $0 === name }), formal != dotsAt
        else { continue }
        if taken[formal] != nil {
            throw WorkbenchError(
                .value, "formal argument \"\(name.name)\" matched by multiple actual arguments")
        }
        taken[formal] = place
        used[place] = true
    }
    for (place, argument) in call.arguments.enumerated() where !used[place] {
        guard let name = argument.name, !name.name.isEmpty else { continue }
        let candidates = formals.names.indices.filter { formal in
            taken[formal] == nil && formal != dotsAt && (dotsAt.map { formal < $0 } ?? true)
                && Text(formals.names[formal].name).hasPrefix(name.name)
        }
        if candidates.count > 1 {
            throw WorkbenchError(.value, "argument \(place + 1) matches multiple formal arguments")
        }
        if let formal = candidates.first {
            taken[formal] = place
            used[place] = true
        }
    }
    var next = 0
    for formal in formals.names.indices where taken[formal] == nil {
        if formal == dotsAt { break }
        while next < call.arguments.count, used[next] || call.arguments[next].name != nil { next += 1 }
        guard next < call.arguments.count else { break }
        taken[formal] = next
        used[next] = true
    }
    let rest = call.arguments.indices.filter { !used[$0] }
    if dotsAt == nil, !rest.isEmpty {
        let shown = rest.map { call.arguments[$0] }
        throw WorkbenchError(
            .value, "unused argument\(shown.count > 1 ? "s" : "") (\(shown.map(argumentText).joined(separator: ", ")))")
    }
    var arguments: [Argument] = []
    for (formal, name) in formals.names.enumerated() {
        if formal == dotsAt {
            let extra = rest.map { call.arguments[$0] }
            if expandDots {
                arguments += extra
            } else if !extra.isEmpty {
                arguments.append(Argument(.list(Vector(extra.map { $0.value }, namesAttribute(extra))), name: name))
            }
        } else if let place = taken[formal], !call.arguments[place].value.isMissing {
            arguments.append(Argument(call.arguments[place].value, name: name))
        }
    }
    return Call(call.function, arguments, attributes: call.attributes)
}

private func argumentText(_ argument: Argument) -> String {
    let value: String
    switch argument.value {
    case .symbol(let symbol): value = symbol.name
    default: value = (try? argument.value.asCharacters().elements.first)??.string ?? "…"
    }
    return argument.name.map { "\($0.name) = \(value)" } ?? value
}
