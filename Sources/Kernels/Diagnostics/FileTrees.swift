import Glibc

/// Removes a file or a folder with everything in it; links are removed, not followed. What resists is left.
public func removeTree(_ path: String) {
    var waiting = [path]
    var folders: [String] = []
    while let current = waiting.popLast() {
        var status = stat()
        guard lstat(current, &status) == 0 else { continue }
        if status.st_mode & S_IFMT == S_IFDIR {
            folders.append(current)
            waiting += fileNames(in: current).map { current + "/" + $0 }
        } else {
            unlink(current)
        }
    }
    for folder in folders.reversed() { rmdir(folder) }
}
