import FormatValues
import RRuntime
import TextValues

extension Printer {
    /// A list: each element below its tag; with dimensions, a matrix of summaries.
    func printList(_ value: Value, _ list: ListVector) throws {
        if let dim = value.dim, dim.count > 1 {
            let saved = settings
            defer { settings = saved }
            let texts = list.elements.map { summary($0) }
            settings.quote = false
            let summaries = Value.character(Vector(texts.map { Text($0) }, value.attributes))
            if dim.count == 2 {
                printMatrix(summaries, dim[0], dim[1], Dimnames(value, dim), isEncoded: true)
            } else {
                printArray(summaries, dim, Dimnames(value, dim), isEncoded: true)
            }
            return
        }
        let names = value.names ?? dimensionNames(value)
        guard list.count > 0 else {
            write(names != nil ? "named list()\n" : "list()\n")
            return
        }
        let shown = list.count <= settings.max + 1 ? list.count : settings.max
        let outer = tag
        for index in 0..<shown {
            if index > 0 { write("\n") }
            tag = outer + elementTag(index, names)
            write(tag + "\n")
            let element = list[index]
            if element.isObject || element.isFunction {
                let saved = tag
                tag = ""
                try printByClass(element)
                tag = saved
            } else {
                try printElement(element)
            }
        }
        tag = outer
        write("\n")
        if shown < list.count {
            write(" [ reached getOption(\"max.print\") -- omitted \(list.count - shown) entries ]\n")
        }
    }

    private func dimensionNames(_ value: Value) -> [Text?]? {
        guard let dim = value.dim, dim.count == 1 else { return nil }
        return Dimnames(value, dim).labels[0]
    }

    private func elementTag(_ index: Int, _ names: [Text?]?) -> String {
        guard let names, index < names.count else { return "[[\(index + 1)]]" }
        guard let name = names[index] else { return "$<NA>" }
        if name.isEmpty { return "[[\(index + 1)]]" }
        if isSyntacticName(name.string) { return "$" + name.string }
        return "$`" + escaped(name.string, quote: nil) + "`"
    }

    /// What stands for an element in a matrix of lists.
    private func summary(_ value: Value) -> String {
        var plain = settings
        plain.quote = false
        switch value {
        case .null: return "NULL"
        case .integer where value.inherits("factor"): return "factor,\(value.length)"
        case .logical, .integer, .double, .complex, .raw:
            if value.length == 1, let text = Cells(value, 0..<1, plain).texts.first { return text }
            let kind = value.typeName == "double" ? "numeric" : value.typeName
            return "\(kind),\(value.length)"
        case .character(let v):
            if v.count == 1 { return v[0].map { escaped($0.string, quote: settings.quote ? "\"" : nil) } ?? "NA" }
            return "character,\(v.count)"
        case .list:
            let kind = value.inherits("data.frame") ? "data.frame" : "list"
            return "\(kind),\(value.length)"
        case .call: return "expression"
        case .expression: return "expression,\(value.length)"
        default: return "?"
        }
    }
}
