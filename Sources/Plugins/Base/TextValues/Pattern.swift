import CPCRE2
import Diagnostics
import RRuntime

/// A compiled pattern: a regular expression of PCRE2, or bytes to be found as they are.
package final class Pattern {
    /// What kind of pattern a text is.
    package enum Kind: Hashable {
        /// POSIX extended with Perl's classes, R's default.
        case extended
        /// Perl's, `perl = TRUE`.
        case perl
        /// The bytes themselves, `fixed = TRUE`.
        case fixed
    }

    package let kind: Kind
    private let bytes: [UInt8]
    private let code: OpaquePointer?
    private let data: OpaquePointer?
    /// Number of groups in parentheses.
    package private(set) var groupCount = 0
    /// Names of the groups; empty for those without.
    package private(set) var groupNames: [String] = []

    /// Compiles a pattern.
    /// - Throws: ``PatternTranslation/Refusal`` for the default kind, ``SyntaxError`` for Perl's.
    package init(_ text: String, _ kind: Kind, ignoreCase: Bool, isUnicode: Bool) throws {
        self.kind = kind
        bytes = Array(text.utf8)
        guard kind != .fixed else {
            code = nil
            data = nil
            return
        }
        var options: UInt32 = ignoreCase ? UInt32(PCRE2_CASELESS) : 0
        if isUnicode { options |= UInt32(PCRE2_UTF) }
        var source = bytes
        if kind == .extended {
            source = Array(try PatternTranslation.translated(text).utf8)
            options |= UInt32(PCRE2_DOTALL) | UInt32(PCRE2_DOLLAR_ENDONLY)
            if isUnicode { options |= UInt32(PCRE2_UCP) }
        }
        var number: Int32 = 0
        var offset = 0
        code = pcre2_compile_8(source, source.count, options, &number, &offset, nil)
        guard let code else {
            data = nil
            throw SyntaxError(
                message: Pattern.message(number), rest: String(decoding: source.dropFirst(offset), as: UTF8.self))
        }
        data = pcre2_match_data_create_from_pattern_8(code, nil)
        var count: UInt32 = 0
        pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_CAPTURECOUNT), &count)
        groupCount = Int(count)
        groupNames = Pattern.names(code, groupCount)
    }

    deinit {
        if let data { pcre2_match_data_free_8(data) }
        if let code { pcre2_code_free_8(code) }
    }

    /// What PCRE2 says about a pattern that is none.
    package struct SyntaxError: Error {
        package var message: String
        package var rest: String
    }

    /// Matching took more steps than allowed.
    package struct LimitExceeded: Error {
        package var message: String
    }

    private static func message(_ number: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let length = pcre2_get_error_message_8(number, &buffer, buffer.count)
        return String(decoding: buffer.prefix(Int(max(0, length))), as: UTF8.self)
    }

    private static func names(_ code: OpaquePointer, _ count: Int) -> [String] {
        var result = [String](repeating: "", count: count)
        var entries: UInt32 = 0
        var size: UInt32 = 0
        var table: UnsafePointer<UInt8>?
        pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMECOUNT), &entries)
        pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMEENTRYSIZE), &size)
        pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMETABLE), &table)
        guard let table, entries > 0 else { return result }
        for entry in 0..<Int(entries) {
            let start = table.advanced(by: entry * Int(size))
            let number = Int(start[0]) << 8 | Int(start[1])
            if number >= 1, number <= count { result[number - 1] = String(cString: start.advanced(by: 2)) }
        }
        return result
    }

    /// The first match at or behind an offset: the whole match, then the groups (nil where one took no part).
    ///
    /// For patterns of the default kind the text before the offset is out of sight, as it is for R: only `^` knows that
    /// it is there.
    /// - Throws: ``LimitExceeded``.
    package func firstMatch(in subject: [UInt8], from offset: Int = 0) throws -> [Range<Int>?]? {
        let hidden = kind == .extended ? offset : 0
        return try search(subject, from: offset, hidden: hidden, options: hidden > 0 ? UInt32(PCRE2_NOTBOL) : 0)
    }

    /// The first match in what is left of a text behind an offset, as if that were the whole text: `^` matches there.
    /// - Throws: ``LimitExceeded``.
    package func firstMatch(inRestOf subject: [UInt8], from offset: Int) throws -> [Range<Int>?]? {
        try search(subject, from: offset, hidden: offset, options: 0)
    }

    private func search(
        _ subject: [UInt8], from offset: Int, hidden: Int, options: UInt32
    ) throws -> [Range<Int>?]? {
        guard offset <= subject.count else { return nil }
        guard let code, let data else {
            return fixedMatch(in: subject, from: offset).map { [$0] }
        }
        // A search that goes on was checked when it began: checking a long text for each match would take for ever.
        let options = options | (offset > 0 ? UInt32(PCRE2_NO_UTF_CHECK) : 0)
        let result = subject.withUnsafeBufferPointer { buffer -> Int32 in
            var empty: UInt8 = 0
            return withUnsafePointer(to: &empty) { nothing in
                let start = buffer.baseAddress ?? nothing
                return pcre2_match_8(
                    code, start.advanced(by: hidden), subject.count - hidden, offset - hidden, options, data, nil)
            }
        }
        if result == PCRE2_ERROR_NOMATCH { return nil }
        guard result > 0, let vector = pcre2_get_ovector_pointer_8(data) else {
            throw LimitExceeded(message: Pattern.message(result))
        }
        var groups: [Range<Int>?] = []
        groups.reserveCapacity(groupCount + 1)
        for group in 0...groupCount {
            let start = vector[2 * group]
            let end = vector[2 * group + 1]
            if group < Int(result), start >= 0, start <= end, end <= subject.count - hidden {
                groups.append((start + hidden)..<(end + hidden))
            } else {
                groups.append(nil)
            }
        }
        return groups
    }

    private func fixedMatch(in subject: [UInt8], from offset: Int) -> Range<Int>? {
        guard let first = bytes.first else { return offset..<offset }
        var position = offset
        let last = subject.count - bytes.count
        while position <= last {
            if subject[position] == first, subject[position..<(position + bytes.count)].elementsEqual(bytes) {
                return position..<(position + bytes.count)
            }
            position += 1
        }
        return nil
    }
}
