import NIOCore
import OpenSSLTLS
import Rules
import SMTPWire

/// A conversation with a host, one thing after the other: for `probe`, and for the gateway of the demonstration. Blocks its thread.
final class Call {
    private let socket: Socket
    private let patience: Int
    private var parser = ReplyParser()
    private var tls: TLSClientPipe?

    /// - Parameter patience: seconds that a connection, or one whole reply, may take.
    init(to endpoint: SocketEndpoint, patience: Int) throws(CallFault) {
        self.socket = try Socket(to: endpoint, patience: patience)
        self.patience = patience
    }

    /// The address that answered.
    var address: String { self.socket.address }

    func hear() throws(CallFault) -> Reply { try self.hear(within: .seconds(self.patience)) }

    func hear(within time: Duration) throws(CallFault) -> Reply {
        let end = ContinuousClock.now + time
        while true {
            if let reply = try self.next() { return reply }
            self.parser.append(try self.read(until: end))
        }
    }

    /// Says lines, and hears one reply.
    func ask(_ lines: String...) throws(CallFault) -> Reply { try self.ask(lines) }

    func ask(_ lines: [String]) throws(CallFault) -> Reply {
        try self.say(lines)
        return try self.hear()
    }

    /// In one piece.
    func say(_ lines: [String]) throws(CallFault) {
        let text = lines.map { $0 + "\r\n" }.joined()
        guard let tls else { return try self.socket.write(Array(text.utf8)) }
        do throws(TLSError) { try tls.write(ByteBuffer(string: text)) } catch { throw .lost(error.description) }
        try self.flush(tls)
    }

    private func next() throws(CallFault) -> Reply? {
        do throws(ReplyFault) { return try self.parser.next() } catch { throw .garbled(error) }
    }

    private func read(until end: ContinuousClock.Instant) throws(CallFault) -> ByteBuffer {
        let bytes = ByteBuffer(bytes: try self.socket.read(until: end))
        guard let tls else { return bytes }
        tls.receive(bytes)
        var clear = ByteBuffer()
        let isOpen: Bool
        do throws(TLSError) { isOpen = try tls.read(into: &clear) } catch { throw .lost(error.description) }
        if !isOpen, clear.readableBytes == 0 { throw .closed }
        return clear
    }

    private func flush(_ tls: TLSClientPipe) throws(CallFault) {
        while let bytes = tls.takeOutput() { try self.socket.write(Array(bytes.readableBytesView)) }
    }
}

extension Call {
    /// Begins TLS behind a 220 to STARTTLS (RFC 3207).
    /// - Parameter name: the host's; nil: none is expected in its certificate.
    /// - Throws: `.tls`, `.silent`, `.lost`.
    func secure(_ context: TLSClientContext, name: String?) throws(CallFault) -> TLSFacts {
        // What came in clear text must not be heard over TLS.
        guard self.parser.isEmpty else { throw .tls(.plaintext(octets: 1)) }
        let pipe: TLSClientPipe
        do throws(TLSError) { pipe = try TLSClientPipe(context, name: name) } catch { throw .tls(error) }
        let end = ContinuousClock.now + .seconds(self.patience)
        while true {
            let facts: TLSFacts?
            do throws(TLSError) {
                facts = try pipe.shakeHands()
            } catch {
                try? self.flush(pipe)  // the alert
                throw .tls(error)
            }
            try self.flush(pipe)
            if let facts {
                self.tls = pipe
                return facts
            }
            do throws(CallFault) {
                pipe.receive(ByteBuffer(bytes: try self.socket.read(until: end)))
            } catch {
                if case .silent = error { throw error }
                throw .tls(pipe.hungUp)
            }
        }
    }
}
