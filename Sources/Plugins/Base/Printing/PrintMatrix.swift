import FormatValues
import RRuntime
import TextValues

/// Labels along each dimension, and the titles of the dimensions.
struct Dimnames {
    /// One list of labels per dimension; nil where there are none.
    var labels: [[Text?]?]
    /// Titles (names of the dimnames); nil where there are none.
    var titles: [String?]

    init(_ value: Value, _ dim: [Int]) {
        labels = Array(repeating: nil, count: dim.count)
        titles = Array(repeating: nil, count: dim.count)
        guard case .list(let lists)? = value.attribute(Symbol.dimnames) else { return }
        for place in 0..<min(lists.count, dim.count) {
            if !lists[place].isNull, let texts = try? lists[place].asCharacters().elements, texts.count == dim[place] {
                labels[place] = texts
            }
        }
        if let names = lists.attributes?[Symbol.names], case .character(let texts) = names {
            for place in 0..<min(texts.count, dim.count) { titles[place] = texts[place]?.string ?? "NA" }
        }
    }
}

extension Printer {
    /// A matrix in blocks of as many columns as fit on a line.
    ///
    /// - Parameters:
    ///   - value: The elements, by column.
    ///   - rows: Number of rows.
    ///   - columns: Number of columns.
    ///   - dimnames: Labels and titles of the two dimensions.
    ///   - offset: Position of the first element.
    ///   - isEncoded: The elements are texts to be shown as they are.
    ///   - hasCells: There are elements to show; else labels alone.
    ///   - rowLimit: Rows shown at most; nil for as many as the option `max.print` allows.
    func printMatrix(
        _ value: Value, _ rows: Int, _ columns: Int, _ dimnames: Dimnames, offset: Int = 0, isEncoded: Bool = false,
        rowLimit: Int? = nil, hasCells: Bool = true
    ) {
        let rowNames = dimnames.labels[0]
        let columnNames = dimnames.labels[1]
        let rowTitle = dimnames.titles[0]
        let columnTitle = dimnames.titles[1]
        if rows == 0, columns == 0 {
            write("<0 x 0 matrix>\n")
            return
        }
        var shownRows = rows
        if let rowLimit {
            shownRows = min(rows, rowLimit)
        } else if columns > 0, settings.max / columns < rows {
            shownRows = settings.max / columns
        }
        let isText: Bool
        if case .character = value { isText = true } else { isText = false }
        let left = isText && !settings.right

        // Row labels stand left; a title longer than they are widens them.
        let rowTexts: [String] =
            rowNames.map { $0.prefix(shownRows).map { $0.map { escaped($0.string, quote: nil) } ?? "<NA>" } }
            ?? (0..<shownRows).map { "[\($0 + 1),]" }
        var rowWidth =
            rowNames != nil
            ? (rowNames ?? []).reduce(0) {
                max($0, DisplayWidth.of($1.map { escaped($0.string, quote: nil) } ?? "<NA>"))
            }
            : digitCount(rows + 1) + 3
        var labelOffset = 0
        if let rowTitle {
            let titleWidth = DisplayWidth.of(rowTitle)
            labelOffset = titleWidth < rowWidth + 2 ? 2 : titleWidth - rowWidth
            rowWidth += labelOffset
        }
        func rowLabel(_ row: Int) -> String {
            if rowNames != nil { return (blanks(labelOffset) + rowTexts[row]).fitted(to: rowWidth, left: true) }
            return rowTexts[row].leftPadded(to: rowWidth)
        }
        func corner() {
            if let columnTitle { write(blanks(rowWidth) + columnTitle + "\n") }
            write((rowTitle ?? "").fitted(to: rowWidth, left: true))
        }
        if columns == 0 {
            corner()
            for row in 0..<shownRows { write("\n" + rowLabel(row)) }
            write("\n")
            return
        }

        var cells: [Cells] = []
        var widths: [Int] = []
        var headers: [String] = []
        for column in 0..<columns {
            let start = offset + column * rows
            var one: Cells
            if !hasCells {
                one = Cells(Array(repeating: "", count: shownRows))
            } else if isEncoded, case .character(let v) = value {
                one = Cells(v.elements[start..<start + shownRows].map { $0?.string ?? "" }, isText: true)
            } else {
                one = Cells(value, start..<start + shownRows, settings)
            }
            var header = "[,\(column + 1)]"
            if let columnNames { header = columnNames[column].map { escaped($0.string, quote: nil) } ?? "<NA>" }
            one.width = max(one.width, DisplayWidth.of(header))
            widths.append(one.width + settings.gap)
            cells.append(one)
            headers.append(header)
        }
        let gap = blanks(settings.gap)
        var first = 0
        while first < columns {
            var last = first
            var width = rowWidth
            repeat {
                width += widths[last]
                last += 1
            } while last < columns && width + widths[last] < settings.width
            corner()
            for column in first..<last {
                write(gap + headers[column].fitted(to: cells[column].width, left: left || isText && columnNames == nil))
            }
            for row in 0..<shownRows {
                write("\n" + rowLabel(row))
                for column in first..<last where hasCells {
                    write(gap + cells[column].texts[row].fitted(to: cells[column].width, left: left))
                }
            }
            write("\n")
            first = last
        }
        if shownRows < rows, rowLimit == nil {
            let missing = rows - shownRows
            write(" [ reached getOption(\"max.print\") -- omitted \(missing) row\(missing == 1 ? "" : "s") ]\n")
        }
    }

    /// An array of three or more dimensions: one matrix after the other.
    func printArray(_ value: Value, _ dim: [Int], _ dimnames: Dimnames, isEncoded: Bool = false) {
        let matrixNames = Dimnames(labels: Array(dimnames.labels.prefix(2)), titles: Array(dimnames.titles.prefix(2)))
        if dim[2...].contains(0) {
            write("<\(dim.map { String($0) }.joined(separator: " x ")) array of \(value.typeName)>\n")
            printMatrix(value, dim[0], dim[1], matrixNames, rowLimit: dim[0], hasCells: false)
            write("\n")
            return
        }
        let size = dim[0] * dim[1]
        let blocks = dim[2...].reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
        let shown = size > 0 ? min(blocks, (settings.max + size - 1) / size) : min(blocks, settings.max)
        for block in 0..<shown {
            write(", , ")
            var rest = block
            var parts: [String] = []
            for place in 2..<dim.count {
                let position = rest % dim[place]
                rest /= dim[place]
                if let labels = dimnames.labels[place] {
                    let label = labels[position].map { $0.string } ?? "NA"
                    parts.append(dimnames.titles[place].map { "\($0) = \(label)" } ?? label)
                } else {
                    parts.append(String(position + 1))
                }
            }
            write(parts.joined(separator: ", ") + "\n\n")
            var limit: Int?
            if block == shown - 1, shown * size > settings.max { limit = (settings.max - block * size) / dim[1] }
            printMatrix(
                value, dim[0], dim[1], matrixNames, offset: block * size, isEncoded: isEncoded,
                rowLimit: limit ?? dim[0])
            write("\n")
        }
        if shown < blocks {
            write(
                " [ reached getOption(\"max.print\") -- omitted \(blocks - shown) matrix slice\(blocks - shown == 1 ? "" : "s") ]\n"
            )
        }
    }
}

extension Dimnames {
    /// Labels and titles as given.
    init(labels: [[Text?]?], titles: [String?]) {
        self.labels = labels
        self.titles = titles
    }
}
