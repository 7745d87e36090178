/// Zip files of entries that are not compressed, as PyTorch writes them; checksums are left out: nobody here looks at them.
public enum StoredZip {
    /// The bytes of a file.
    public static func bytes(_ entries: [(name: String, bytes: [UInt8])]) -> [UInt8] {
        func number(_ value: Int, _ width: Int) -> [UInt8] { (0..<width).map { UInt8(value >> (8 * $0) & 0xFF) } }
        var all: [UInt8] = []
        var directory: [UInt8] = []
        for entry in entries {
            let name = Array(entry.name.utf8)
            let sizes = number(0, 4) + number(entry.bytes.count, 4) + number(entry.bytes.count, 4)
            let common = number(20, 2) + number(0, 8) + sizes + number(name.count, 2) + number(0, 2)
            directory += [0x50, 0x4B, 1, 2] + number(20, 2) + common + number(0, 10) + number(all.count, 4) + name
            all += [0x50, 0x4B, 3, 4] + common + name + entry.bytes
        }
        let end = [0x50, 0x4B, 5, 6] + number(0, 4) + number(entries.count, 2) + number(entries.count, 2)
        return all + directory + end + number(directory.count, 4) + number(all.count, 4) + number(0, 2)
    }
}
