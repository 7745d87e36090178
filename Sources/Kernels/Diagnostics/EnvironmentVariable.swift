import Glibc

/// What a variable of the process's environment holds; nil where it is not set, or empty.
public func environmentVariable(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
}
