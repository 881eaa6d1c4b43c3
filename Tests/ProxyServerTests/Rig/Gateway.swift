import Dispatch
import Glibc

/// A gateway as a test plays it: a plain blocking socket, on a queue of its own so that no thread of the test pool is ever blocked.
final class Gateway: Sendable {
    struct Trouble: Error { let number: Int32 }

    let descriptor: Int32
    private let queue = DispatchQueue(label: "gateway")
    private let inbox = Inbox()

    /// Touched on the queue only.
    private final class Inbox: @unchecked Sendable { var bytes: [UInt8] = [] }

    init(port: Int, host: String = "127.0.0.1", receiveBuffer: Int32? = nil) throws {
        let isV6 = host.contains(":")
        self.descriptor = socket(isV6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var time = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(self.descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        if var receiveBuffer { setsockopt(self.descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, 4) }
        var v4 = sockaddr_in()
        v4.sin_family = sa_family_t(AF_INET)
        v4.sin_port = in_port_t(port).bigEndian
        inet_pton(AF_INET, host, &v4.sin_addr)
        var v6 = sockaddr_in6()
        v6.sin6_family = sa_family_t(AF_INET6)
        v6.sin6_port = in_port_t(port).bigEndian
        inet_pton(AF_INET6, host, &v6.sin6_addr)
        let descriptor = self.descriptor
        let answer =
            isV6
            ? withUnsafeBytes(of: &v6) { connect(descriptor, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t($0.count)) }
            : withUnsafeBytes(of: &v4) { connect(descriptor, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t($0.count)) }
        guard answer == 0 else { throw Trouble(number: errno) }
    }

    deinit { close(self.descriptor) }

    /// False: the connection broke before all was written.
    @discardableResult
    func send(_ text: String) async -> Bool { await self.send(Array(text.utf8)) }

    @discardableResult
    func send(_ bytes: [UInt8]) async -> Bool {
        await self.onQueue {
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes { Glibc.send(self.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                guard count > 0 else { return false }
                sent += count
            }
            return true
        }
    }

    /// FIN.
    func endOutput() { shutdown(self.descriptor, Int32(SHUT_WR)) }

    /// RST.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(self.descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        dup2(open("/dev/null", O_RDONLY), self.descriptor)
    }

    /// The next line without its end; nil at the end of the connection, on a reset or after 30 s.
    func line() async -> String? {
        await self.onQueue {
            while true {
                if let end = self.inbox.bytes.firstIndex(of: 10) {
                    let line = self.inbox.bytes[..<end]
                    defer { self.inbox.bytes.removeFirst(end + 1) }
                    return String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self)
                }
                guard self.receive() > 0 else { return nil }
            }
        }
    }

    /// All there is up to the end of the connection. `isReset`: it ended in one.
    func rest() async -> (text: String, isReset: Bool) {
        await self.onQueue {
            var count = 1
            while count > 0 { count = self.receive() }
            return (String(decoding: self.inbox.bytes, as: UTF8.self), count < 0)
        }
    }

    /// The last line of the next reply.
    func reply() async -> String? {
        while let line = await self.line() {
            if line.utf8.dropFirst(3).first != UInt8(ascii: "-") { return line }
        }
        return nil
    }

    func ask(_ command: String) async -> String? {
        await self.send(command + "\r\n")
        return await self.reply()
    }

    /// Sends one message; its replies from `MAIL` to the final dot, as codes.
    func message(from sender: String, to recipient: String = "b@example.net", _ content: String = "Subject: x\r\n\r\nx\r\n") async -> [String] {
        var codes: [String] = []
        for command in ["MAIL FROM:<\(sender)>", "RCPT TO:<\(recipient)>", "DATA"] {
            guard let code = await self.ask(command)?.prefix(3) else { return codes + ["closed"] }
            codes.append(String(code))
            guard code.first == "2" || code.first == "3" else { return codes }
        }
        await self.send(content + ".\r\n")
        return codes + [await self.reply().map { String($0.prefix(3)) } ?? "closed"]
    }

    static let delivered = ["250", "250", "354", "250"]

    private func receive() -> Int {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(self.descriptor, &buffer, buffer.count, 0)
        if count > 0 { self.inbox.bytes += buffer[..<count] }
        return count
    }

    private func onQueue<T: Sendable>(_ body: @escaping @Sendable () -> T) async -> T {
        await withCheckedContinuation { continuation in self.queue.async { continuation.resume(returning: body()) } }
    }
}
