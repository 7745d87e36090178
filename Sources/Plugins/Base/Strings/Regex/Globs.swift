import Diagnostics
import RRuntime
import TextValues

/// `glob2rx`: patterns of file names as regular expressions.
func registerGlobs(_ utils: Namespace) {
    utils.function(
        "glob2rx", [.value("pattern"), .value("trim.head", false), .value("trim.tail", true)],
        help: "The regular expression of a pattern with * and ?."
    ) { args in
        let trimsHead = try args.flag("trim.head")
        let trimsTail = try args.flag("trim.tail")
        return .strings(
            try textElements(try args.required("pattern"), args).map { text in
                regularExpression(of: text?.string ?? "NA", trimsHead: trimsHead, trimsTail: trimsTail)
            })
    }
}

private func regularExpression(of pattern: String, trimsHead: Bool, trimsTail: Bool) -> String {
    var result = "^"
    for scalar in pattern.unicodeScalars {
        switch scalar {
        case ".": result += "\\."
        case "*": result += ".*"
        case "?": result += "."
        case "(", "[", "{":
            if result.unicodeScalars.last != "\\" { result += "\\" }
            result.unicodeScalars.append(scalar)
        default: result.unicodeScalars.append(scalar)
        }
    }
    result += "$"
    if trimsTail, result.hasSuffix(".*$") { result.removeLast(3) }
    if trimsHead, result.hasPrefix("^.*") { result.removeFirst(3) }
    return result
}
