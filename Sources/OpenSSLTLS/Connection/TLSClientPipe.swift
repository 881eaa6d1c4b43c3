public import NIOCore

/// TLS towards a server for a caller that reads and writes the socket itself, one thing after the other: octets in,
/// octets out. What a channel needs is ``TLSHandler``.
///
/// Whatever fails, the connection is good for nothing more but ``takeOutput()``: an alert may be in it.
public final class TLSClientPipe {
    private let connection: TLSConnection
    private let names: [HostName]
    private var hasBegun = false

    /// - Parameter name: the server's name, for SNI and to be looked for in its certificate; or its address, to be
    ///   looked for only. With nil no name is expected.
    /// - Throws: ``TLSError/name(_:)``, ``TLSError/setting(_:reason:)``.
    public init(_ context: TLSClientContext, name: String?) throws(TLSError) {
        let own: HostName? = if let name { try HostName(name) } else { nil }
        self.names = own.map { [$0] } ?? []
        self.connection = try TLSConnection(to: own, context, resuming: nil, onSession: nil)
    }

    /// What the socket gave.
    public func receive(_ bytes: ByteBuffer) { self.connection.receive(bytes) }

    /// What the socket is to get; nil: nothing.
    public func takeOutput() -> ByteBuffer? { self.connection.takeOutput() }

    /// One step of the handshake. Output may have come of it, also where it throws.
    /// - Returns: what it came to; nil: more of the server is needed.
    /// - Throws: ``TLSError/notTLS(start:)``, ``TLSError/alert(_:step:)``, ``TLSError/handshake(reason:step:)``.
    public func shakeHands() throws(TLSError) -> TLSFacts? {
        let unread = self.connection.unread.readableBytesView
        if !self.hasBegun, let first = unread.first {
            self.hasBegun = true
            // A handshake record or an alert (RFC 8446 §5.1).
            if first != 22, first != 21 { throw .notTLS(start: String(printable: unread, limit: 64)) }
        }
        return try self.connection.shakeHands() ? self.connection.facts(expecting: self.names) : nil
    }

    /// The socket ended in the middle of the handshake: the error for that.
    public var hungUp: TLSError { .hungUp(reason: "the connection was closed", step: self.connection.step) }

    /// What came, in clear text.
    /// - Returns: whether more may come; false: the server said close_notify.
    /// - Throws: ``TLSError/alert(_:step:)``, ``TLSError/record(reason:)``.
    public func read(into buffer: inout ByteBuffer) throws(TLSError) -> Bool {
        while true {
            buffer.reserveCapacity(
                minimumWritableBytes: max(256, min(self.connection.unread.readableBytes, TLSBounds.read)))
            switch try self.connection.read(into: &buffer) {
            case .hungry?: return true
            case .ended?: return false
            case nil: continue
            }
        }
    }

    /// Encrypts; ``takeOutput()`` has it then.
    /// - Throws: ``TLSError/record(reason:)``, also where the server would have to speak first (renegotiation).
    public func write(_ bytes: ByteBuffer) throws(TLSError) {
        var rest = bytes
        while rest.readableBytes > 0 {
            let count = try self.connection.write(rest)
            guard count > 0 else { throw .record(reason: "the server wants to renegotiate") }
            rest.moveReaderIndex(forwardBy: count)
        }
    }
}
