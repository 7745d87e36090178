import Glibc
import PluginAPI
import Tensors

/// The text of a tensor as libtorch's stream operator writes it (aten/src/ATen/core/Formatting.cpp), line width 80.
struct TensorText {
    private var text = ""
    private let lineWidth = 80

    /// Body and the opening of the footer; the caller closes it with what autograd has to say.
    static func lines(_ tensor: Tensor) throws -> String {
        var writer = TensorText()
        try writer.write(tensor)
        return writer.text
    }

    private enum Notation {
        case general
        case fixed
        case scientific
    }

    private struct Format {
        var notation: Notation
        var width: Int
        var scale = 1.0

        func text(_ value: Double) -> String {
            let value = scale == 1 ? value : value / scale
            if value.isNaN { return "nan".leftPadded(to: width) }
            if value.isInfinite { return (value < 0 ? "-inf" : "inf").leftPadded(to: width) }
            switch notation {
            case .general: return formatDouble(value, conversion: "g", precision: 6, width: width)
            case .fixed: return formatDouble(value, conversion: "f", precision: 4, width: width)
            case .scientific: return formatDouble(value, conversion: "e", precision: 4, width: width)
            }
        }
    }

    private mutating func write(_ tensor: Tensor) throws {
        let values = try tensor.detached().contiguous().to(.float64)
        switch tensor.dimensions {
        case 0: text += shortest(values.toArray(of: Double.self)[0]) + "\n"
        case 1:
            let numbers = values.toArray(of: Double.self)
            if !numbers.isEmpty {
                let format = format(of: numbers)
                writeScale(format)
                for number in numbers { text += format.text(number) + "\n" }
            }
        case 2:
            if values.count > 0 {
                writeMatrix(values.toArray(of: Double.self), values.shape[0], values.shape[1], indent: 0)
            }
        default:
            if values.count > 0 { writeSlices(values.toArray(of: Double.self), values.shape) }
        }
        text += "[ CPU\(tensor.dtype.torchName)Type{" + tensor.shape.map { String($0) }.joined(separator: ",") + "} ]"
    }

    /// A 0-d tensor shows the shortest digits that read back as the same double.
    private func shortest(_ value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        let text = "\(value)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private func format(of values: [Double]) -> Format {
        let finite = values.filter { $0.isFinite }
        let isWhole = finite.allSatisfy { $0 == $0.rounded(.up) }
        var smallest = 1.0
        var largest = 1.0
        if let first = finite.first {
            smallest = abs(first)
            largest = abs(first)
            for value in finite {
                if abs(value) < smallest { smallest = abs(value) }
                // As in libtorch the signed value is compared: large negative numbers are overlooked.
                if value > largest { largest = abs(value) }
            }
            smallest = smallest == 0 ? 1 : log10(smallest).rounded(.down) + 1
            largest = largest == 0 ? 1 : log10(largest).rounded(.down) + 1
        }
        if isWhole {
            return largest > 9
                ? Format(notation: .scientific, width: 11) : Format(notation: .general, width: Int(largest) + 1)
        }
        if largest - smallest > 4 {
            return Format(notation: .scientific, width: abs(largest) > 99 || abs(smallest) > 99 ? 12 : 11)
        }
        if largest > 5 || largest < 0 {
            return Format(notation: .fixed, width: 7, scale: pow(10, largest - 1))
        }
        return Format(notation: .fixed, width: largest == 0 ? 7 : Int(largest) + 6)
    }

    private mutating func writeScale(_ format: Format) {
        guard format.scale != 1 else { return }
        text += formatDouble(format.scale, conversion: "g", precision: 6) + " *\n"
    }

    private mutating func writeMatrix(_ values: [Double], _ rows: Int, _ columns: Int, indent: Int) {
        let format = format(of: values)
        let margin = String(repeating: " ", count: indent)
        let perLine = max(1, (lineWidth - indent) / (format.width + 1))
        var first = 0
        while first < columns {
            let last = min(first + perLine, columns) - 1
            if perLine < columns {
                if first != 0 { text += "\n" }
                text += "Columns \(first + 1) to \(last + 1)" + margin
            }
            if format.scale != 1 {
                writeScale(format)
                text += margin
            }
            for row in 0..<rows {
                for column in first...last {
                    text += format.text(values[row * columns + column])
                    guard column == last else {
                        text += " "
                        continue
                    }
                    text += "\n"
                    if row != rows - 1 { text += margin + (format.scale != 1 ? " " : "") }
                }
            }
            first = last + 1
        }
    }

    private mutating func writeSlices(_ values: [Double], _ shape: [Int]) {
        let rows = shape[shape.count - 2]
        let columns = shape[shape.count - 1]
        let outer = Array(shape.dropLast(2))
        var counter = [Int](repeating: 0, count: outer.count)
        var isFirst = true
        while true {
            if !isFirst { text += "\n" }
            isFirst = false
            text += "(" + counter.map { "\($0 + 1)," }.joined() + ".,.) = \n"
            var slice = 0
            for (size, index) in zip(outer, counter) { slice = slice * size + index }
            let start = slice * rows * columns
            writeMatrix(Array(values[start..<(start + rows * columns)]), rows, columns, indent: 1)
            var d = 0
            while d < outer.count {
                counter[d] += 1
                if counter[d] < outer[d] { break }
                counter[d] = 0
                d += 1
            }
            if d == outer.count { return }
        }
    }
}
