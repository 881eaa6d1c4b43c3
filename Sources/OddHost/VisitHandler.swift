import Glibc
import NIOCore
import OpenSSLTLS

/// One connection's socket: cuts what comes into commands and content, and carries out what the conversation says, in order.
final class VisitHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Mode {
        case commands
        case content(ContentReader, answered: String?)
        case chunk(ByteBuffer, left: Int, size: Int)
        /// The first octets of a handshake are answered so.
        case handshake(answer: String)
        /// Closing: nothing is heard any more.
        case deaf
    }

    private let ledger: Ledger
    private var conversation: Conversation?
    private var manners = Manners([])
    private var number = 0
    private var refused = false
    private var mode = Mode.commands
    private var steps = CircularBuffer<Step>()
    private var inbox = ByteBuffer()
    private var busy = false
    private var unflushed = false
    private var inputEnded = false
    private var spoken = false
    private var idleTimer: Scheduled<Void>?

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

    private func advance(_ context: ChannelHandlerContext) {
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

    private func flush(_ context: ChannelHandlerContext) {
        guard exchange(&self.unflushed, with: false) else { return }
        context.flush()
    }

    /// False where what follows has to wait; `advance` is called again then, or never.
    private func carryOut(_ step: Step, _ context: ChannelHandlerContext) -> Bool {
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

    private func encrypted(_ facts: TLSFacts) {
        self.conversation?.encrypted()
        self.manners = Manners(self.conversation?.keywords ?? [])
        self.ledger.change(self.number) {
            $0.handshake = Handshake(version: facts.version.description, isResumed: facts.resumed, name: facts.requestedName)
            $0.transcript.append("% TLS")
        }
    }

    private func startTLS(_ context: ChannelHandlerContext) -> Bool {
        guard let tls = self.conversation?.behaviour.tls else { return true }
        self.flush(context)
        if self.inbox.readableBytes > 0 { self.complain("\(self.inbox.readableBytes) octets behind STARTTLS") }
        self.inbox = ByteBuffer()
        if let (delay, text) = tls.injectsLater {
            context.eventLoop.assumeIsolated().scheduleTask(in: delay) {
                context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
                self.shakeHands(tls, context)
                self.busy = false
            }
            return false
        }
        return self.shakeHands(tls, context)
    }

    @discardableResult
    private func shakeHands(_ tls: HostTLS, _ context: ChannelHandlerContext) -> Bool {
        switch tls.manner {
        case .shakesHands:
            guard let handler = try? TLSHandler(server: tls.context) else { return true }
            try? context.pipeline.syncOperations.addHandler(handler, position: .first)
            return true
        case .stalls:
            self.mode = .deaf
            return true
        case .garbage(let text):
            self.mode = .handshake(answer: text)
            return true
        case .closes: return self.carryOut(.leave, context)
        case .resets: return self.carryOut(.abort, context)
        }
    }

    private func end(_ context: ChannelHandlerContext, _ note: String) {
        self.mode = .deaf
        self.inbox = ByteBuffer()
        self.ledger.change(self.number) { $0.transcript.append(note) }
        self.flush(context)
    }

    /// Every line with its CRLF, the last with a space behind its code, those before with a hyphen.
    private static func lines(_ text: String) -> String {
        guard text.utf8.contains(10) else { return text + "\r\n" }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.enumerated().map { index, line in
            let more = index < lines.count - 1
            guard more, line.utf8.count > 3, line.utf8.dropFirst(3).first == 32 else { return line + "\r\n" }
            return line.prefix(3) + "-" + line.dropFirst(4) + "\r\n"
        }.joined()
    }

    private func say(_ octets: String, _ context: ChannelHandlerContext) {
        self.spoken = true
        if self.ledger.recording >= .everything {
            let lines = octets.split(whereSeparator: \.isNewline).map { "S: \($0)" }
            self.ledger.change(self.number) { $0.transcript.append(contentsOf: lines) }
        }
        guard let pause = self.conversation?.behaviour.bytewise else {
            context.write(self.wrapOutboundOut(context.channel.allocator.buffer(string: octets)), promise: nil)
            self.unflushed = true
            return
        }
        var rest = ByteBuffer(string: octets)
        var delay = TimeAmount.zero
        while let byte = rest.readSlice(length: 1) {
            context.eventLoop.assumeIsolated().scheduleTask(in: delay) { context.writeAndFlush(self.wrapOutboundOut(byte), promise: nil) }
            delay = delay + pause
        }
        self.steps.prepend(.pause(delay))
    }

    // MARK: Hearing

    private var lenient: Bool { self.conversation?.behaviour.endsContentAtAnyLineFeed ?? false }

    /// Takes the next whole thing off the inbox; false where there is none.
    private func hear() -> Bool {
        switch exchange(&self.mode, with: .deaf) {
        case .deaf:
            return false
        case .commands:
            self.mode = .commands
            return self.hearCommand()
        case .handshake(let answer):
            guard self.inbox.readableBytes > 0 else {
                self.mode = .handshake(answer: answer)
                return false
            }
            self.inbox = ByteBuffer()
            self.steps.append(.raw(answer))
            return true
        case .content(var reader, let answered):
            let ended = reader.read(&self.inbox)
            if ended { self.mode = .commands } else { self.mode = .content(reader, answered: answered) }
            if ended { self.contentEnded(reader, answered) } else if answered == nil { return self.answerEarly(reader) }
            return ended
        case .chunk(var octets, let left, let size):
            let count = min(left, self.inbox.readableBytes)
            if let piece = self.inbox.readSlice(length: count), self.ledger.recording >= .contents { octets.writeImmutableBuffer(piece) }
            guard count == left else { self.mode = .chunk(octets, left: left - count, size: size); return false }
            self.mode = .commands
            self.note("C: … \(size) octets …")
            self.go { $0.chunkEnded(octets, size: size) }
            return true
        }
    }

    private func hearCommand() -> Bool {
        let length = self.inbox.withUnsafeReadableBytes { bytes -> Int? in
            guard let start = bytes.baseAddress, let found = memchr(start, 10, bytes.count) else { return nil }
            return UnsafeRawPointer(found) - start + 1
        }
        guard let length, var bytes = self.inbox.readSlice(length: length) else { return false }
        let carriage = length > 1 && bytes.getInteger(at: bytes.readerIndex + length - 2, as: UInt8.self) == 13
        let line = bytes.readString(length: length - (carriage ? 2 : 1)) ?? ""
        self.note("C: \(line)")
        if self.ledger.recording >= .envelopes {
            let complaints = self.manners.complaints(line, bareLineFeed: !carriage, more: self.inbox.readableBytes > 0)
            self.ledger.change(self.number) { visit in
                visit.commands.append(line)
                visit.complaints.append(contentsOf: complaints)
            }
        }
        self.go { $0.command(line) }
        return true
    }

    private func contentEnded(_ reader: ContentReader, _ answered: String?) {
        self.noteContent(reader)
        if let answered {
            self.conversation?.contentAnswered(reader.content, size: reader.size, answered)
            self.file()
        } else {
            self.go { $0.contentEnded(reader.content, size: reader.size) }
        }
    }

    private func answerEarly(_ reader: ContentReader) -> Bool {
        guard let early = self.conversation?.behaviour.early, reader.size >= early.octets, early.connections(self.number) else { return false }
        self.mode = .content(reader, answered: early.reply)
        self.steps.append(.say(early.reply))
        switch early.then {
        case .readsOn: break
        case .closes: self.steps.append(.leave)
        case .stopsReading: self.steps.append(.stopReading)
        }
        return true
    }

    /// Lets the conversation speak, and keeps what it finished.
    private func go(_ body: (inout Conversation) -> [Step]) {
        guard var conversation = self.conversation else { return }
        self.conversation = nil
        self.steps.append(contentsOf: body(&conversation))
        self.conversation = conversation
        self.file()
    }

    private func file() {
        if let credentials = self.conversation?.takeCredentials(), !credentials.isEmpty {
            let isEncrypted = self.conversation?.isEncrypted == true
            self.ledger.change(self.number) {
                $0.credentials += credentials
                $0.credentialsInClear = $0.credentialsInClear || !isEncrypted
            }
        }
        if let message = self.conversation?.takeFinished() { self.ledger.add(message) }
        guard let conversation = self.conversation else { return }
        self.ledger.change(self.number) { ($0.mails, $0.messages) = (conversation.mails, conversation.messages) }
    }

    // MARK: Notes

    private func note(_ line: String) {
        guard self.ledger.recording >= .everything else { return }
        self.ledger.change(self.number) { $0.transcript.append(line) }
    }

    /// A short message is shown as it is, a long one by its size.
    private func noteContent(_ reader: ContentReader) {
        if !reader.complaints.isEmpty { self.ledger.change(self.number) { $0.complaints.append(contentsOf: reader.complaints.sorted()) } }
        guard self.ledger.recording >= .everything else { return }
        let lines =
            reader.size <= 1024
            ? String(buffer: reader.content).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).dropLast().map { "C: \($0)" }
            : ["C: … \(reader.size) octets …"]
        self.ledger.change(self.number) { $0.transcript.append(contentsOf: lines + ["C: ."]) }
    }

    private func complain(_ what: String) { self.ledger.change(self.number) { $0.complaints.append(what) } }

    private func watch(_ context: ChannelHandlerContext) {
        guard let idle = self.conversation?.behaviour.idle else { return }
        self.idleTimer?.cancel()
        self.idleTimer = context.eventLoop.assumeIsolated().scheduleTask(in: idle) {
            guard !self.busy, context.channel.isActive else { return }
            if case .deaf = self.mode { return }
            self.steps.append(contentsOf: [.say("421 4.4.2 \(self.conversation?.behaviour.hostname ?? "") Error: timeout exceeded"), .close])
            self.advance(context)
        }
    }
}
