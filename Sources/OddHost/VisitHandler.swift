import Glibc
import NIOCore
import OpenSSLTLS

/// One connection's socket: cuts what comes into commands and content, and carries out what the conversation says, in order.
final class VisitHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Mode {
        case commands
        case content(ContentReader, answered: String?)
        case chunk(ByteBuffer, left: Int, size: Int)
        /// The first octets of a handshake are answered so.
        case handshake(answer: String)
        /// Closing: nothing is heard any more.
        case deaf
    }

    let ledger: Ledger
    var conversation: Conversation?
    var manners = Manners([])
    var number = 0
    var refused = false
    var mode = Mode.commands
    var steps = CircularBuffer<Step>()
    var inbox = ByteBuffer()
    var busy = false
    var unflushed = false
    var inputEnded = false
    var spoken = false
    var idleTimer: Scheduled<Void>?

    init(_ ledger: Ledger) { self.ledger = ledger }

    func channelActive(context: ChannelHandlerContext) {
        let (number, refused, behaviour) = self.ledger.open(context.channel)
        (self.number, self.refused) = (number, refused)
        var conversation = Conversation(behaviour, number: number, peer: context.remoteAddress)
        self.manners = Manners(conversation.keywords)
        let steps = refused ? conversation.refuse() : conversation.greet()
        if let tls = behaviour.tls, tls.isImplicit, tls.manner != .shakesHands, tls.connections(number) {
            self.steps.append(.startTLS)
        } else {
            self.steps.append(contentsOf: steps)
        }
        self.conversation = conversation
        self.advance(context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = self.unwrapInboundIn(data)
        if case .deaf = self.mode { return }
        if !self.spoken, self.conversation?.behaviour.greeting != nil { self.complain("spoke before the greeting") }
        if self.inbox.readableBytes == 0 { self.inbox = bytes } else { self.inbox.writeBuffer(&bytes) }
        self.advance(context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .established(let facts)? = event as? TLSEvent { return self.encrypted(facts) }
        guard case .inputClosed? = event as? ChannelEvent else { return context.fireUserInboundEventTriggered(event) }
        self.inputEnded = true
        self.advance(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.idleTimer?.cancel()
        self.steps.removeAll()
        switch self.mode {
        case .content(_, answered: nil), .chunk:
            self.ledger.change(self.number) {
                $0.abandonedContent = true; $0.transcript.append("! C closes in the middle of content")
            }
        case .commands: self.ledger.change(self.number) { $0.transcript.append("! C closes") }
        case .content, .handshake, .deaf: break
        }
        self.mode = .deaf
        self.ledger.close(self.number, refused: self.refused)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    // MARK: One thing after the other

    func advance(_ context: ChannelHandlerContext) {
        guard !self.busy else { return }
        self.busy = true
        repeat {
            while let step = self.steps.popFirst() {
                guard self.carryOut(step, context) else { return }
            }
        } while self.hear()
        self.busy = false
        self.flush(context)
        if self.inbox.readableBytes == 0 { self.inbox = ByteBuffer() }
        if self.inputEnded { context.close(promise: nil) } else { self.watch(context) }
    }

    func flush(_ context: ChannelHandlerContext) {
        guard exchange(&self.unflushed, with: false) else { return }
        context.flush()
    }

    /// False where what follows has to wait; `advance` is called again then, or never.
    func carryOut(_ step: Step, _ context: ChannelHandlerContext) -> Bool {
        switch step {
        case .say(let text): self.say(Self.lines(text), context)
        case .raw(let octets): self.say(octets, context)
        case .takeContent: self.mode = .content(ContentReader(lenient: self.lenient, keeps: self.ledger.recording >= .contents), answered: nil)
        case .takeChunk(let size): self.mode = .chunk(ByteBuffer(), left: size, size: size)
        case .pause(let time):
            self.flush(context)
            context.eventLoop.assumeIsolated().scheduleTask(in: time) {
                self.busy = false
                self.advance(context)
            }
            return false
        case .close:
            self.end(context, "! S closes")
            context.close(mode: .output, promise: nil)
            let channel = context.channel
            context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
            if self.inputEnded { context.close(promise: nil) }
            self.busy = false
            return false
        case .leave:
            self.end(context, "! S closes")
            context.close(promise: nil)
            return false
        case .abort:
            self.end(context, "! S resets")
            _ = (context.channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
            context.close(promise: nil)
            return false
        case .startTLS: return self.startTLS(context)
        case .stopReading:
            try? context.channel.syncOptions?.setOption(.autoRead, value: false)
        }
        return true
    }
}
