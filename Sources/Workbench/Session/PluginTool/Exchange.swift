import Glibc

/// Renames that the C library's headers keep from Swift: of two paths at once, or of one that must not hide another.
enum Exchange {
    private typealias Rename =
        @convention(c) (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32) -> Int32

    /// `renameat2`, in the C library since 2.28.
    private static let rename: Rename? = dlsym(dlopen(nil, RTLD_NOW), "renameat2").map {
        unsafeBitCast($0, to: Rename.self)
    }

    /// Two paths change places in one step.
    /// - Returns: 0, or the system's error number; `ENOENT` if one of them is not there.
    static func swap(_ path: String, _ other: String) -> Int32 { call(path, other, flag: 2) }

    /// A path gets another name, unless there is something of that name: `EEXIST`.
    static func move(_ path: String, to free: String) -> Int32 { call(path, free, flag: 1) }

    private static func call(_ path: String, _ other: String, flag: UInt32) -> Int32 {
        guard let rename else { return ENOSYS }
        return rename(AT_FDCWD, path, AT_FDCWD, other, flag) == 0 ? 0 : errno
    }
}
