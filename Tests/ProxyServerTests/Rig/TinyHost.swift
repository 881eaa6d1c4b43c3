import Foundation
import Synchronization

/// A host of shape B on port 25 of a namespace: one message a connection, whatever is tried. Blocking, one thread a connection.
final class TinyHost: Sendable {
    private let descriptor: Int32
    private let seen = Mutex(Seen())

    struct Seen {
        /// Of each connection, in order.
        var peers: [String] = []
        var messages = 0
    }

    var peers: [String] { self.seen.withLock { $0.peers } }
    var messages: Int { self.seen.withLock { $0.messages } }

    /// IPv4 and IPv6. Call it inside the namespace.
    init() throws {
        self.descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
        var (off, on): (Int32, Int32) = (0, 1)
        setsockopt(self.descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &off, 4)
        setsockopt(self.descriptor, SOL_SOCKET, SO_REUSEADDR, &on, 4)
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = in_port_t(25).bigEndian
        let descriptor = self.descriptor
        let bound = withUnsafeBytes(of: &address) { bind(descriptor, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t($0.count)) }
        guard bound == 0, listen(self.descriptor, 64) == 0 else { throw Namespaces.Trouble(command: "bind", output: "errno \(errno)") }
    }

    func serve() {
        Thread.detachNewThread {
            while true {
                var peer = sockaddr_in6()
                var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
                let descriptor = self.descriptor
                let connection = withUnsafeMutableBytes(of: &peer) {
                    accept(descriptor, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, &length)
                }
                guard connection >= 0 else { return }
                var text = [CChar](repeating: 0, count: 64)
                inet_ntop(AF_INET6, &peer.sin6_addr, &text, 64)
                let name = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                self.seen.withLock { $0.peers.append(name.replacing("::ffff:", with: "")) }
                Thread.detachNewThread { self.converse(connection) }
            }
        }
    }

    func stop() { shutdown(self.descriptor, Int32(SHUT_RDWR)) }

    private func converse(_ connection: Int32) {
        guard let file = fdopen(connection, "r+") else { return }
        defer { fclose(file) }
        func say(_ text: String) { _ = text.withCString { send(connection, $0, strlen($0), Int32(MSG_NOSIGNAL)) } }
        func hear() -> String? {
            var line = [CChar](repeating: 0, count: 4096)
            guard fgets(&line, 4096, file) != nil else { return nil }
            return String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        var hasMail = false
        say("220 tiny.example ESMTP\r\n")
        while let line = hear() {
            switch line.prefix(4).uppercased() {
            case "MAIL":
                say(hasMail ? "503 Sender already specified\r\n" : "250 Ok\r\n")
                hasMail = true
            case "DATA":
                say("354 Go on\r\n")
                while let line = hear(), line != ".\r\n" {}
                self.seen.withLock { $0.messages += 1 }
                say("250 Ok\r\n")
            case "QUIT":
                say("221 Bye\r\n")
                return
            default: say("250 Ok\r\n")
            }
        }
    }
}
