import NIOCore
import OpenSSLTLS

/// What the host says, and how it begins TLS and ends.
extension VisitHandler {
    func encrypted(_ facts: TLSFacts) {
        self.conversation?.encrypted()
        self.manners = Manners(self.conversation?.keywords ?? [])
        self.ledger.change(self.number) {
            $0.handshake = Handshake(version: facts.version.description, isResumed: facts.resumed, name: facts.requestedName)
            $0.transcript.append("% TLS")
        }
    }

    func startTLS(_ context: ChannelHandlerContext) -> Bool {
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
    func shakeHands(_ tls: HostTLS, _ context: ChannelHandlerContext) -> Bool {
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

    func end(_ context: ChannelHandlerContext, _ note: String) {
        self.mode = .deaf
        self.inbox = ByteBuffer()
        self.ledger.change(self.number) { $0.transcript.append(note) }
        self.flush(context)
    }

    /// Every line with its CRLF, the last with a space behind its code, those before with a hyphen.
    static func lines(_ text: String) -> String {
        guard text.utf8.contains(10) else { return text + "\r\n" }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.enumerated().map { index, line in
            let more = index < lines.count - 1
            guard more, line.utf8.count > 3, line.utf8.dropFirst(3).first == 32 else { return line + "\r\n" }
            return line.prefix(3) + "-" + line.dropFirst(4) + "\r\n"
        }.joined()
    }

    func say(_ octets: String, _ context: ChannelHandlerContext) {
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
}
