/// Names close to one that was not found, nearest first, for "did you mean".
///
/// Distance is Damerau–Levenshtein (neighbours swapped count once) over Unicode scalars, letters compared without case;
/// a candidate counts if its distance is at most a third of the longer name, and at least 1. A candidate that begins
/// with the name, or that it begins with, counts as well. Every name of one letter is one letter away from every other,
/// so for such a name only its other case counts; an operator is no slip of the pen for a word.
///
/// - Parameters:
///   - name: What was typed.
///   - candidates: What there is.
///   - limit: How many to return at most.
public func nearestNames(to name: String, among candidates: some Sequence<String>, limit: Int = 3) -> [String] {
    let wanted = Array(name.lowercased().unicodeScalars)
    guard !wanted.isEmpty, wanted.count <= 200 else { return [] }
    var found: [(distance: Int, name: String)] = []
    let isWord = hasLetter(wanted)
    for candidate in candidates where candidate != name {
        let other = Array(candidate.lowercased().unicodeScalars)
        guard !isWord || hasLetter(other) else { continue }
        let allowed = wanted.count == 1 ? 0 : max(1, max(wanted.count, other.count) / 3)
        if abs(wanted.count - other.count) <= allowed {
            let distance = editDistance(wanted, other)
            if distance <= allowed {
                found.append((distance, candidate))
                continue
            }
        }
        let shorter = min(wanted.count, other.count)
        if shorter >= 4, other.starts(with: wanted) || wanted.starts(with: other) {
            found.append((allowed + 1, candidate))
        }
    }
    found = found.ordered { ($0.distance, $0.name) < ($1.distance, $1.name) }
    var seen: Set<String> = []
    return found.map(\.name).filter { seen.insert($0).inserted }.prefix(limit).map { $0 }
}

/// "did you mean `a` or `b`?", or nil when nothing is near.
public func didYouMean(_ name: String, among candidates: some Sequence<String>) -> String? {
    let names = nearestNames(to: name, among: candidates)
    guard !names.isEmpty else { return nil }
    return "did you mean " + names.map { "`\($0)`" }.joined(separator: " or ") + "?"
}

private func hasLetter(_ name: [Unicode.Scalar]) -> Bool { name.contains { $0.properties.isAlphabetic } }

private func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in 1...a.count {
        var current = [Int](repeating: 0, count: b.count + 1)
        current[0] = i
        for j in 1...b.count {
            let substitution = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
            current[j] = min(substitution, last[j] + 1, current[j - 1] + 1)
            if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                current[j] = min(current[j], beforeLast[j - 2] + 1)
            }
        }
        beforeLast = last
        last = current
    }
    return last[b.count]
}
