import Diagnostics
import Glibc
import PluginAPI

/// Decoded images that stay in memory because somebody asked for it, `options(workbench.keep_images = "2 GB")`: later
/// epochs read and decode nothing.
///
/// What no longer fits is decoded each time. Nothing makes room for it: an epoch asks once for every image, and would
/// find each of them thrown out by the others.
final class KeptImages: @unchecked Sendable {
    /// A file as it was when its image was decoded.
    private struct Stamp: Equatable {
        let device: UInt, inode: UInt, size: Int, seconds: Int, nanoseconds: Int

        /// Nil where there is no file.
        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            (device, inode, size) = (UInt(status.st_dev), UInt(status.st_ino), Int(status.st_size))
            (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
        }
    }

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var images: [String: (stamp: Stamp, image: PixelImage)] = [:]
    private var bytes = 0
    private let limit: Int

    /// - Parameter limit: Most bytes of pixels.
    init(limit: Int) {
        self.limit = limit
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// The image of a file: kept, or decoded now and kept if there is room.
    func image(_ path: String, decode: () throws -> PixelImage) rethrows -> PixelImage {
        guard let stamp = Stamp(path) else { return try decode() }
        if let kept = locked({ images[path] }), kept.stamp == stamp { return kept.image }
        let image = try decode()
        locked {
            if let before = images.removeValue(forKey: path) { bytes -= before.image.bytes.count }
            guard image.bytes.count <= limit - bytes else { return }
            images[path] = (stamp, image)
            bytes += image.bytes.count
        }
        return image
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    // MARK: What a session asks for

    private final class OfSession {
        var kept: KeptImages?
    }

    /// Those of a session, nil where nobody asked; another size, or none, lets go of what was kept.
    /// - Throws: for an option that is no size.
    static func of(_ context: Context) throws -> KeptImages? {
        let session = context.storage(OfSession.self) { OfSession() }
        guard let limit = try size(context.options["workbench.keep_images"]) else {
            session.kept = nil
            return nil
        }
        if let kept = session.kept, kept.limit == limit { return kept }
        let kept = KeptImages(limit: limit)
        session.kept = kept
        return kept
    }

    /// Bytes of an option such as "2 GB"; nil for NULL and FALSE.
    static func size(_ option: Value?) throws -> Int? {
        switch option {
        case nil, .null?: return nil
        case .logical(let flags)? where flags.count == 1 && flags[0] == false: return nil
        case .character(let texts)? where texts.count == 1:
            let words = (texts[0]?.string ?? "").split(separator: " ")
            let units = ["kB": 1e3, "MB": 1e6, "GB": 1e9]
            if words.count == 2, let number = Double(words[0]), let unit = units[String(words[1])], number > 0,
                let bytes = Int(exactly: (number * unit).rounded())
            {
                return bytes
            }
        default: break
        }
        throw WorkbenchError(
            .value, "the option workbench.keep_images must be a size in kB, MB or GB, or FALSE",
            hint: "options(workbench.keep_images = \"2 GB\")")
    }
}
