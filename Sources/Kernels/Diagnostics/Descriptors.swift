import Glibc

/// Writes all bytes to a descriptor, and waits where it takes none just now.
/// - Returns: 0, or the system's error number.
@discardableResult
public func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
    var start = 0
    while start < bytes.count {
        let written = bytes[start...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if written < 0, errno == EINTR { continue }
        if written < 0, errno == EAGAIN {
            var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            _ = poll(&wait, 1, 1000)
            continue
        }
        guard written > 0 else { return written < 0 ? errno : EIO }
        start += written
    }
    return 0
}
