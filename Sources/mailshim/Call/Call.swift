import NIOCore
import Rules
import SMTPWire

/// A conversation with a host, one thing after the other: for `probe`, and for the gateway of the demonstration. Blocks its thread.
final class Call {
    private let socket: Socket
    private let patience: Int
    private var parser = ReplyParser()

    /// - Parameter patience: seconds that a connection, or one whole reply, may take.
    init(to endpoint: SocketEndpoint, patience: Int) throws(CallFault) {
        self.socket = try Socket(to: endpoint, patience: patience)
        self.patience = patience
    }

    /// The address that answered.
    var address: String { self.socket.address }

    func hear() throws(CallFault) -> Reply {
        let end = ContinuousClock.now + .seconds(self.patience)
        while true {
            if let reply = try self.next() { return reply }
            self.parser.append(ByteBuffer(bytes: try self.socket.read(until: end)))
        }
    }

    /// Says lines, and hears one reply.
    func ask(_ lines: String...) throws(CallFault) -> Reply { try self.ask(lines) }

    func ask(_ lines: [String]) throws(CallFault) -> Reply {
        try self.socket.write(lines.map { $0 + "\r\n" }.joined())
        return try self.hear()
    }

    private func next() throws(CallFault) -> Reply? {
        do throws(ReplyFault) { return try self.parser.next() } catch { throw .garbled(error) }
    }
}
