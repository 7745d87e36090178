import CDownload
import Diagnostics
import Glibc

/// How ``download(url:to:expected:options:progress:)`` works.
public struct DownloadOptions: Sendable {
    /// Go on where an earlier attempt ended.
    ///
    /// Without a checksum the caller must verify the result in another way.
    public var resumes: Bool
    /// Seconds until a connection must stand.
    public var connectSeconds: Int
    /// Seconds after which a transfer that stands still is given up.
    public var stallSeconds: Int

    /// Makes options.
    public init(resumes: Bool = true, connectSeconds: Int = 30, stallSeconds: Int = 60) {
        self.resumes = resumes
        self.connectSeconds = connectSeconds
        self.stallSeconds = stallSeconds
    }
}

/// Downloads a file over http or https.
///
/// What has arrived is kept in `path` + `.part` and taken up by the next attempt; the file gets its name only when it
/// is complete and its checksum, if one is given, is right. A wrong checksum after a resumed attempt starts over once.
/// - Parameters:
///   - url: Address; redirections within http and https are followed.
///   - path: Where the file goes; its folder is made. A file that is there is replaced.
///   - expected: Checksum the file must have, or nil.
///   - options: Resuming and time limits.
///   - progress: Hears bytes so far and in total (nil while unknown) now and then; what it throws ends the download.
/// - Throws: a `.data` error of one line with the address, and what `progress` threw.
public func download(
    url: String, to path: String, expected: Checksum? = nil, options: DownloadOptions = DownloadOptions(),
    progress: ((_ received: Int, _ total: Int?) throws -> Void)? = nil
) throws {
    let lowered = url.lowercased()
    guard lowered.hasPrefix("http://") || lowered.hasPrefix("https://"), !url.utf8.contains(0) else {
        throw WorkbenchError(.value, "cannot download '\(url)': an address begins with http:// or https://")
    }
    try makeFolder(splitPath(path).folder)
    let part = path + ".part"
    if !options.resumes { unlink(part) }
    var wasResumed = try transfer(url, part, options, progress)
    if let expected {
        do {
            try expected.verify(part)
        } catch {
            unlink(part)
            guard wasResumed else { throw mismatch(url, error) }
            wasResumed = try transfer(url, part, options, progress)
            do {
                try expected.verify(part)
            } catch {
                unlink(part)
                throw mismatch(url, error)
            }
        }
    }
    guard rename(part, path) == 0 else { throw cannotWrite(path, errno) }
}

private func mismatch(_ url: String, _ error: any Error) -> any Error {
    guard var error = error as? WorkbenchError else { return error }
    error.message = "'\(url)' did not send the expected file" + error.message.drop { $0 != ":" }
    error.hint = "the file at this address has changed, or something on the way answers instead"
    return error
}

/// Fetches what is missing of a file.
///
/// Returns whether a part of it was there before and was kept.
private func transfer(
    _ url: String, _ part: String, _ options: DownloadOptions, _ progress: ((Int, Int?) throws -> Void)?
) throws -> Bool {
    let file = open(part, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard file >= 0 else { throw cannotWrite(part, errno) }
    defer { close(file) }
    let present = max(Int(lseek(file, 0, SEEK_END)), 0)
    let listener = Listener(progress)
    var (result, message) = run(url, file, present, options, listener)
    // The server says that there is nothing behind our end: the part is whole, or of another file.
    if result.http_status == 416, present > 0, listener.failure == nil {
        guard ftruncate(file, 0) == 0, lseek(file, 0, SEEK_SET) == 0 else { throw cannotWrite(part, errno) }
        (result, message) = run(url, file, 0, options, listener)
        result.restarted = 1
    }
    if let failure = listener.failure { throw failure }
    if result.write_error != 0 { throw cannotWrite(part, result.write_error) }
    guard result.code == 0 else { throw explained(url, result, message) }
    return present > 0 && result.restarted == 0
}

private func run(
    _ url: String, _ file: Int32, _ offset: Int, _ options: DownloadOptions, _ listener: Listener
) -> (download_result, String) {
    url.withCString { address in
        "workbench".withCString { agent in
            var request = download_request()
            request.url = address
            request.agent = agent
            request.file = file
            request.offset = Int64(offset)
            request.connect_seconds = Int32(clamping: max(options.connectSeconds, 1))
            request.stall_seconds = Int32(clamping: max(options.stallSeconds, 1))
            request.progress = { context, received, total in
                guard let context else { return 0 }
                return Unmanaged<Listener>.fromOpaque(context).takeUnretainedValue().hear(received, total)
            }
            request.context = Unmanaged.passUnretained(listener).toOpaque()
            return withExtendedLifetime(listener) { withMessage { download_run(request, $0, $1) } }
        }
    }
}

private func explained(_ url: String, _ result: download_result, _ message: String) -> WorkbenchError {
    if result.http_status >= 400 {
        let hint = result.http_status == 404 ? "the address is wrong or the file is gone" : nil
        return WorkbenchError(.data, "cannot download '\(url)': the server answers \(result.http_status)", hint: hint)
    }
    return WorkbenchError(
        .data, "cannot download '\(url)': \(message)", hint: "what has arrived is kept; try again to go on")
}

/// Carries a throwing closure through C.
private final class Listener {
    private let progress: ((Int, Int?) throws -> Void)?
    var failure: (any Error)?

    init(_ progress: ((Int, Int?) throws -> Void)?) { self.progress = progress }

    func hear(_ received: Int64, _ total: Int64) -> Int32 {
        guard let progress else { return 0 }
        do {
            try progress(Int(received), total > 0 ? Int(total) : nil)
            return 0
        } catch {
            failure = error
            return 1
        }
    }
}
