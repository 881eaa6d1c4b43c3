import NIOCore
import NIOTLS

@testable import OpenSSLTLS

/// The last handler of a channel under test: remembers all that it is told.
final class Recorder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Seen: Equatable {
        case established, handshakeCompleted, shutdownCompleted, truncated, inputClosed, outputClosed, inactive
        case error(String)
    }

    private(set) var seen: [Seen] = []
    private(set) var bytes = ByteBuffer()
    private(set) var facts: TLSFacts?
    private(set) var errors: [any Error] = []
    /// Does not keep what is read.
    var isForgetful = false
    /// Done where it is told of the end of the handshake, or with each piece read.
    var onEstablished: ((ChannelHandlerContext) -> Void)?
    var onRead: ((ChannelHandlerContext, ByteBuffer) -> Void)?

    var text: String { String(buffer: self.bytes) }
    var tlsError: TLSError? { self.errors.lazy.compactMap { $0 as? TLSError }.first }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let piece = self.unwrapInboundIn(data)
        if !self.isForgetful { self.bytes.writeImmutableBuffer(piece) }
        self.onRead?(context, piece)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case TLSEvent.established(let facts):
            self.facts = facts
            self.seen.append(.established)
            self.onEstablished?(context)
        case TLSEvent.truncated: self.seen.append(.truncated)
        case TLSUserEvent.handshakeCompleted: self.seen.append(.handshakeCompleted)
        case TLSUserEvent.shutdownCompleted: self.seen.append(.shutdownCompleted)
        case ChannelEvent.inputClosed: self.seen.append(.inputClosed)
        case ChannelEvent.outputClosed: self.seen.append(.outputClosed)
        default: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) { self.seen.append(.inactive) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.errors.append(error)
        self.seen.append(.error("\(error)"))
    }
}
