import Diagnostics
import Glibc
import PluginAPI

/// A file of TensorBoard events: records of length, checksum of the length, bytes, checksum of the bytes; the bytes are
/// protocol buffers of the message `Event`.
final class EventFile {
    private let path: String

    /// Begins a new file in a folder, which is made if need be.
    init(folder: String) throws {
        var made = ""
        for part in folder.split(separator: "/") {
            made += "/" + part
            mkdir(made, 0o777)
        }
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        let host = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // TensorBoard reads the files of a folder in the order of their names.
        path = "\(folder)/events.out.tfevents.\(time.tv_sec).\(host).\(getpid()).\(time.tv_nsec)"
        var event = Message()
        event.add(1, EventFile.now)
        event.add(3, Array("brain.Event:2".utf8))
        try append(event)
    }

    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// One event with the values of a step.
    func add(
        step: Int, scalars: [(tag: String, value: Float)], histograms: [(tag: String, elements: [Double])]
    ) throws {
        var summary = Message()
        for scalar in scalars {
            var value = Message()
            value.add(1, Array(scalar.tag.utf8))
            value.add(2, scalar.value)
            summary.add(1, value.bytes)
        }
        for histogram in histograms {
            var value = Message()
            value.add(1, Array(histogram.tag.utf8))
            value.add(5, EventFile.histogram(histogram.elements).bytes)
            summary.add(1, value.bytes)
        }
        var event = Message()
        event.add(1, EventFile.now)
        event.add(2, UInt64(step))
        event.add(5, summary.bytes)
        try append(event)
    }

    /// `HistogramProto`: extremes, number, sums, and thirty buckets of equal width.
    private static func histogram(_ elements: [Double]) -> Message {
        let finite = elements.filter { $0.isFinite }
        let low = finite.min() ?? 0
        let high = max(finite.max() ?? 0, low + 1e-12)
        var counts = [Double](repeating: 0, count: 30)
        for element in finite { counts[min(29, Int((element - low) / (high - low) * 30))] += 1 }
        var message = Message()
        message.add(1, low)
        message.add(2, high)
        message.add(3, Double(finite.count))
        message.add(4, finite.reduce(0, +))
        message.add(5, finite.reduce(0) { $0 + $1 * $1 })
        message.addPacked(6, (1...30).map { low + (high - low) * Double($0) / 30 })
        message.addPacked(7, counts)
        return message
    }

    private func append(_ event: Message) throws {
        let length = EventFile.little(UInt64(event.bytes.count), 8)
        let record =
            length + EventFile.little(UInt64(Checksum.masked(length)), 4) + event.bytes
            + EventFile.little(UInt64(Checksum.masked(event.bytes)), 4)
        do {
            try AtomicFile.append(record, to: path)
        } catch {
            throw error.error
        }
    }

    fileprivate static func little(_ number: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
    }
}

/// A protocol buffer that is being written.
private struct Message {
    private(set) var bytes: [UInt8] = []

    private mutating func number(_ value: UInt64) {
        var rest = value
        while rest >= 128 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 128)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func add(_ field: UInt64, _ value: UInt64) {
        number(field << 3)
        number(value)
    }

    mutating func add(_ field: UInt64, _ value: Double) {
        number(field << 3 | 1)
        bytes += EventFile.little(value.bitPattern, 8)
    }

    mutating func add(_ field: UInt64, _ value: Float) {
        number(field << 3 | 5)
        bytes += EventFile.little(UInt64(value.bitPattern), 4)
    }

    mutating func add(_ field: UInt64, _ value: [UInt8]) {
        number(field << 3 | 2)
        number(UInt64(value.count))
        bytes += value
    }

    mutating func addPacked(_ field: UInt64, _ values: [Double]) {
        add(field, values.flatMap { EventFile.little($0.bitPattern, 8) })
    }
}

/// CRC-32C (Castagnoli), turned and shifted as TensorFlow's record files do.
enum Checksum {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { rest, _ in rest & 1 == 0 ? rest >> 1 : rest >> 1 ^ 0x82F6_3B78 }
    }

    static func crc(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~UInt32(0)) { rest, byte in table[Int((rest ^ UInt32(byte)) & 0xFF)] ^ rest >> 8 }
    }

    static func masked(_ bytes: [UInt8]) -> UInt32 {
        let crc = crc(bytes)
        return (crc >> 15 | crc << 17) &+ 0xA282_EAD8
    }
}
