import Foundation

/// A plain blocking connection that speaks lines: the tests' own client, which shares no code with what it tests.
final class PlainClient {
    private let descriptor: Int32
    private var rest: [UInt8] = []

    init(port: Int, host: String = "127.0.0.1") throws {
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        var time = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(self.descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        let answer = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(self.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard answer == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }

    deinit { close(self.descriptor) }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.send(self.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// The next line without its end; nil at the end of the connection, or after 20 s.
    func line() -> String? {
        while true {
            if let end = self.rest.firstIndex(of: 10) {
                let line = self.rest[..<end]
                self.rest.removeFirst(end + 1)
                return String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self)
            }
            var buffer = [UInt8](repeating: 0, count: 65536)
            let count = recv(self.descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            self.rest.append(contentsOf: buffer[..<count])
        }
    }

    /// The next reply's last line.
    func reply() -> String? {
        while let line = self.line() {
            if line.utf8.dropFirst(3).first != UInt8(ascii: "-") { return line }
        }
        return nil
    }

    /// Sends a command and returns the last line of its reply.
    func ask(_ command: String) -> String? {
        self.send(command + "\r\n")
        return self.reply()
    }

    /// Sends one message; its replies from `MAIL` to the final dot, as codes.
    func message(from sender: String, to recipient: String = "b@example.net", _ content: String = "Subject: x\r\n\r\nx\r\n") -> [String] {
        var codes: [String] = []
        for command in ["MAIL FROM:<\(sender)>", "RCPT TO:<\(recipient)>", "DATA"] {
            guard let code = self.ask(command)?.prefix(3) else { return codes + ["closed"] }
            codes.append(String(code))
            guard code.first == "2" || code.first == "3" else { return codes }
        }
        self.send(content + ".\r\n")
        return codes + [self.reply().map { String($0.prefix(3)) } ?? "closed"]
    }
}
