import Diagnostics
import RRuntime
import TextValues

func registerPaste(_ base: Namespace) {
    base.function(
        "paste", [.dots, .value("sep", " "), .value("collapse", nil), .value("recycle0", false)],
        help: "Joins the elements of vectors to texts, element by element."
    ) { args in
        guard case .character(let v) = args["sep"], v.count == 1, let sep = v[0] else {
            throw WorkbenchError(.value, "invalid separator")
        }
        return try pasted(args, sep.string)
    }
    base.function(
        "paste0", [.dots, .value("collapse", nil), .value("recycle0", false)],
        help: "Joins the elements of vectors to texts, nothing between them."
    ) { args in try pasted(args, "") }
}

private func pasted(_ args: Arguments, _ sep: String) throws -> Value {
    var collapse: String?
    if !args["collapse"].isNull {
        guard case .character(let v) = args["collapse"], v.count == 1, let text = v[0] else {
            throw WorkbenchError(.value, "invalid 'collapse' argument")
        }
        collapse = text.string
    }
    var columns = try args.dots.map { argument in try textElements(argument.value, args) }
    var count = columns.reduce(0) { max($0, $1.count) }
    if try args.flag("recycle0"), columns.contains(where: { $0.isEmpty }) {
        count = 0
    } else {
        // No elements stand for one empty text.
        columns = columns.map { $0.isEmpty ? [""] : $0 }
    }
    var results: [String] = []
    results.reserveCapacity(count)
    for index in 0..<count {
        if index & 0xFFFF == 0 { try args.context.pollInterrupt() }
        var text = ""
        for (place, column) in columns.enumerated() {
            if place > 0 { text += sep }
            text += column[index % column.count]?.string ?? "NA"
        }
        results.append(text)
    }
    if let collapse { return .string(results.joined(separator: collapse)) }
    return .strings(results)
}
