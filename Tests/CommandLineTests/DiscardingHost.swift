import Foundation

/// A host that offers PIPELINING and loses what comes in one segment behind a command. Serves until it is gone.
final class DiscardingHost: Sendable {
    let port: Int
    private let listener: Int32

    init() throws {
        let port = try freePort()
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        let isBound = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isBound, listen(listener, 8) == 0 else { throw Client.Failure() }
        (self.port, self.listener) = (port, listener)
        Thread.detachNewThread {
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                Thread.detachNewThread { Self.serve(connection) }
            }
        }
    }

    deinit { shutdown(self.listener, Int32(SHUT_RDWR)); close(self.listener) }

    private static func serve(_ connection: Int32) {
        defer { close(connection) }
        func say(_ text: String) { _ = send(connection, text + "\r\n", text.utf8.count + 2, Int32(MSG_NOSIGNAL)) }
        say("220 discarding.example")
        var bytes = [UInt8](repeating: 0, count: 4096)
        while case let count = recv(connection, &bytes, bytes.count, 0), count > 0 {
            let line = String(decoding: bytes.prefix(count).prefix { $0 != 13 }, as: UTF8.self).uppercased()
            if line.hasPrefix("EHLO") {
                say("250-discarding.example\r\n250 PIPELINING")
            } else if line == "QUIT" {
                return say("221 Bye")
            } else {
                say("250 Ok")
            }
        }
    }
}
