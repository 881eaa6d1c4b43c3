import Foundation
import Synchronization

/// A host on loopback that answers each command as a test says; it keeps what came, piece by piece as the socket gave it. Blocking, one thread a connection.
final class ScriptedHost: Sendable {
    struct Seen: Sendable {
        /// Of each connection, in order.
        var connections: [[String]] = []
    }

    /// What is said to a command; nil: the connection is closed instead.
    typealias Script = @Sendable (_ command: String, _ connection: Int) -> String?

    let port: Int
    private let descriptor: Int32
    private let greeting: @Sendable (_ connection: Int) -> String
    private let script: Script
    private let seen = Mutex(Seen())

    var connections: [[String]] { self.seen.withLock { $0.connections } }

    convenience init(greeting: String = "220 mx.example ESMTP", _ script: @escaping Script) throws {
        try self.init(greetings: { _ in greeting }, script)
    }

    /// - Parameter greetings: of each connection, numbered from 1. Who is refused is hung up on; "": none is said.
    init(greetings greeting: @escaping @Sendable (_ connection: Int) -> String, _ script: @escaping Script) throws {
        self.greeting = greeting
        self.script = script
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = self.descriptor
        let isOpen = withUnsafeMutableBytes(of: &address) { bytes in
            guard let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress else { return false }
            return bind(descriptor, pointer, length) == 0 && listen(descriptor, 16) == 0 && getsockname(descriptor, pointer, &length) == 0
        }
        guard isOpen else { throw Gateway.Trouble(number: errno) }
        self.port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { self.serve() }
    }

    func stop() { shutdown(self.descriptor, Int32(SHUT_RDWR)) }

    private func serve() {
        while true {
            let connection = accept(self.descriptor, nil, nil)
            guard connection >= 0 else { return }
            let number = self.seen.withLock { seen in
                seen.connections.append([])
                return seen.connections.count
            }
            Thread.detachNewThread { self.converse(connection, number) }
        }
    }

    private func converse(_ connection: Int32, _ number: Int) {
        defer { close(connection) }
        func say(_ text: String) { _ = text.withCString { send(connection, $0, strlen($0), Int32(MSG_NOSIGNAL)) } }
        let greeting = self.greeting(number)
        if !greeting.isEmpty { say(greeting + "\r\n") }
        guard greeting.isEmpty || greeting.hasPrefix("2") else { return }
        var isInData = false
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            let piece = String(decoding: buffer[..<count], as: UTF8.self)
            self.seen.withLock { $0.connections[number - 1].append(piece) }
            if isInData {
                guard piece.hasSuffix(".\r\n") else { continue }
                isInData = false
                say("250 2.0.0 queued\r\n")
                continue
            }
            for command in piece.split(separator: "\r\n").map(String.init) {
                guard let reply = self.script(command, number) else { return }
                isInData = reply.hasPrefix("354")
                say(reply + "\r\n")
                if command.uppercased() == "QUIT" { return }
            }
        }
    }
}
