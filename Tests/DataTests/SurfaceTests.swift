import TestSupport
import Testing

/// Two thousand calls of R torch and torchvision: values, gradients and error texts as recorded (golden/surface).
@Suite(.serialized) struct SurfaceRecordings {
    /// What differs, by name of the case, with the reason.
    static let differences = table("surface-differences.txt")
    /// Functions, methods and objects that the calls use and that are not here.
    static let notOffered = Set(table("surface-not-offered.txt").keys)

    private static func table(_ file: String) -> [String: String] {
        var entries: [String: String] = [:]
        for line in textLines(textOfFile("\(packageRoot)/Tests/Recordings/\(file)") ?? "") where !line.hasPrefix("#") {
            let name = String(line.prefix { $0 != " " })
            entries[name] = String(line.dropFirst(name.count + 1))
        }
        return entries
    }

    /// Modules; functionals; tensor functions and methods; optimizers and schedulers; transforms; data.
    static let parts = ["A", "B", "C", "D", "E", "F"]

    /// Results by name of the case: `name | result`.
    private func results(_ text: String) -> [(name: String, result: String)] {
        text.split(separator: "\n").compactMap { line in
            let name = line.prefix { $0 != " " }
            guard line.dropFirst(name.count).hasPrefix(" | ") else { return nil }
            return (String(name), String(line.dropFirst(name.count + 3)))
        }
    }

    /// The name that a call failed for because nothing of that name is here, or nil.
    private func missingName(_ result: String) -> String? {
        for (start, end) in [
            ("ERROR could not find function \"", "\""), ("ERROR a torch_tensor has no field or method `", "`"),
            ("ERROR object '", "' not found"),
        ] where result.hasPrefix(start) && result.hasSuffix(end) {
            return String(result.dropFirst(start.count).dropLast(end.count))
        }
        return nil
    }

    @Test(.enabled(if: goldenRoot != nil, "needs the recordings")) func `the same values and errors`() throws {
        let root = try #require(goldenRoot)
        var missing: Set<String> = []
        var count = 0
        for part in SurfaceRecordings.parts {
            let script = try #require(textOfFile("\(root)/surface/\(part).R"))
            let recorded = results(try #require(textOfFile("\(root)/surface/\(part).out")))
            // Weight decay by position is among the recordings of the optimizers.
            let options = part == "D" ? "options(workbench.as_published = TRUE)\n" : ""
            let ours = Dictionary(results(printed(options + script)).map { ($0.name, $0.result) }) { $1 }
            for (name, wanted) in recorded {
                let got = ours[name] ?? "nothing"
                let agrees = SurfaceRecordings.agree(got, wanted)
                count += 1
                if !agrees, !wanted.hasPrefix("ERROR"), let name = missingName(got) {
                    missing.insert(name)
                } else if let reason = SurfaceRecordings.differences[name] {
                    withKnownIssue("\(reason)") { #expect(agrees, "\(name)\nR:    \(wanted)\nours: \(got)") }
                } else if !agrees {
                    Issue.record("\(name)\nR:    \(wanted)\nours: \(got)")
                }
            }
        }
        #expect(count > 1600)
        #expect(missing.subtracting(SurfaceRecordings.notOffered).sorted() == [], "no longer there")
        #expect(SurfaceRecordings.notOffered.subtracting(missing).sorted() == [], "there now: take them off the list")
    }

    /// Words exactly; numbers up to rounding in single precision, which shows most in sums that are nearly zero.
    private static func agree(_ first: String, _ second: String) -> Bool {
        let a = first.split(separator: " "), b = second.split(separator: " ")
        guard a.count == b.count else { return false }
        return zip(a, b).allSatisfy { x, y in
            if x == y { return true }
            guard let u = Double(x), let v = Double(y) else { return false }
            return abs(u - v) <= 2e-5 * max(abs(u), abs(v)) + 2e-6
        }
    }
}
