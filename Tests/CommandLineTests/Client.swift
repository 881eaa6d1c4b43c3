import Foundation

/// A gateway in a few lines: says something and waits for the reply, at most 20 s.
final class Client {
    private let descriptor: Int32
    private var rest = ""

    struct Failure: Error {}

    init(port: Int) throws {
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(self.descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let answer = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(self.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard answer == 0 else { throw Failure() }
    }

    deinit { close(self.descriptor) }

    /// The last line of the next reply; "" where there is none.
    func hear() -> String {
        while true {
            while let end = self.rest.range(of: "\r\n") {
                let line = String(self.rest[..<end.lowerBound])
                self.rest.removeSubrange(..<end.upperBound)
                if line.utf8.dropFirst(3).first != UInt8(ascii: "-") { return line }
            }
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = recv(self.descriptor, &bytes, bytes.count, 0)
            guard count > 0 else { return "" }
            self.rest += String(decoding: bytes.prefix(count), as: UTF8.self)
        }
    }

    func ask(_ command: String) -> String {
        let bytes = Array((command + "\r\n").utf8)
        _ = bytes.withUnsafeBytes { send(self.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        return self.hear()
    }

    /// One message; the reply to its end, or the first that was not positive.
    func message(from sender: String, to recipients: [String] = ["you@example.net"]) -> String {
        for command in ["MAIL FROM:<\(sender)>"] + recipients.map({ "RCPT TO:<\($0)>" }) + ["DATA"] {
            let reply = self.ask(command)
            guard reply.first == "2" || reply.first == "3" else { return reply }
        }
        return self.ask("Subject: x\r\n\r\nx\r\n.")
    }
}

/// A port that was free a moment ago.
func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0 }
    }
    guard isBound else { throw Client.Failure() }
    return Int(in_port_t(bigEndian: address.sin_port))
}
