import TextValues

/// A text with every occurrence of another one replaced, by bytes.
package func replaceAll(_ needle: String, by replacement: String, in text: String) -> String {
    var result = ""
    var position = text.startIndex
    while let range = firstRange(of: needle, in: text, from: position) {
        result += text[position..<range.lowerBound]
        result += replacement
        position = range.upperBound
    }
    return result + text[position...]
}
