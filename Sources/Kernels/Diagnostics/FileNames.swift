import Glibc

/// The names in a folder in no order, hidden ones too; none if it cannot be read.
public func fileNames(in folder: String) -> [String] { readableFileNames(in: folder) ?? [] }

/// The same; nil if it cannot be read.
public func readableFileNames(in folder: String) -> [String]? {
    guard let directory = opendir(folder) else { return nil }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
            pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names
}
