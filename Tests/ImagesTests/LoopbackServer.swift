import Glibc

/// A web server on 127.0.0.1 that answers one connection at a time with what a test asks for.
final class LoopbackServer: @unchecked Sendable {
    /// What a request gets.
    struct Reply {
        var status = "200 OK"
        var headers: [String] = []
        var body: [UInt8] = []
        /// Send only so many bytes of the body, then hang up.
        var cutAfter: Int?
        /// Send nothing and hold the connection until the server stops.
        var hangs = false
    }

    let port: UInt16
    private let listener: Int32
    private let answer: @Sendable (_ path: String, _ rangeStart: Int?) -> Reply
    private var thread = pthread_t()
    private var lock = pthread_mutex_t()
    private var seen: [String] = []
    private var isStopping = false

    init(_ answer: @escaping @Sendable (String, Int?) -> Reply) {
        self.answer = answer
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        port = LoopbackServer.open(listener)
        pthread_mutex_init(&lock, nil)
        pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<LoopbackServer>.fromOpaque(argument).takeRetainedValue().serve()
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
    }

    /// Binds to a free port.
    private static func open(_ listener: Int32) -> UInt16 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                _ = bind(listener, generic, length)
                _ = getsockname(listener, generic, &length)
            }
        }
        listen(listener, 8)
        return UInt16(bigEndian: address.sin_port)
    }

    /// Requests so far, as path and first byte asked for: `/file@100`.
    var requests: [String] {
        pthread_mutex_lock(&lock)
        defer { pthread_mutex_unlock(&lock) }
        return seen
    }

    func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

    func stop() {
        pthread_mutex_lock(&lock)
        isStopping = true
        pthread_mutex_unlock(&lock)
        shutdown(listener, Int32(SHUT_RDWR))
        pthread_join(thread, nil)
        close(listener)
    }

    private var stopping: Bool {
        pthread_mutex_lock(&lock)
        defer { pthread_mutex_unlock(&lock) }
        return isStopping
    }

    private func serve() {
        while !stopping {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { break }
            handle(connection)
            close(connection)
        }
    }

    private func handle(_ connection: Int32) {
        var request: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        let end = Array("\r\n\r\n".utf8)
        while request.suffix(4) != end[...] {
            let step = recv(connection, &buffer, buffer.count, 0)
            guard step > 0 else { return }
            request += buffer[..<step]
        }
        let text = String(decoding: request, as: UTF8.self)
        let path = text.split(separator: " ").dropFirst().first.map { String($0) } ?? "/"
        var start: Int?
        for line in text.split(whereSeparator: { $0.isNewline }) where line.lowercased().hasPrefix("range: bytes=") {
            start = Int(line.dropFirst(13).prefix { $0.isNumber })
        }
        pthread_mutex_lock(&lock)
        seen.append(start.map { "\(path)@\($0)" } ?? path)
        pthread_mutex_unlock(&lock)
        let reply = answer(path, start)
        if reply.hangs {
            while !stopping { usleep(5000) }
            return
        }
        var head = "HTTP/1.1 \(reply.status)\r\nContent-Length: \(reply.body.count)\r\nConnection: close\r\n"
        for header in reply.headers { head += header + "\r\n" }
        let bytes = Array((head + "\r\n").utf8) + reply.body.prefix(reply.cutAfter ?? reply.body.count)
        var done = 0
        bytes.withUnsafeBytes { pointer in
            while done < bytes.count, let base = pointer.baseAddress {
                let step = send(connection, base + done, bytes.count - done, Int32(MSG_NOSIGNAL))
                guard step > 0 else { return }
                done += step
            }
        }
    }
}
