import NIOCore

/// What the host writes down.
extension VisitHandler {
    func note(_ line: String) {
        guard self.ledger.recording >= .everything else { return }
        self.ledger.change(self.number) { $0.transcript.append(line) }
    }

    /// A short message is shown as it is, a long one by its size.
    func noteContent(_ reader: ContentReader) {
        if !reader.complaints.isEmpty { self.ledger.change(self.number) { $0.complaints.append(contentsOf: reader.complaints.sorted()) } }
        guard self.ledger.recording >= .everything else { return }
        let lines =
            reader.size <= 1024
            ? String(buffer: reader.content).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).dropLast().map { "C: \($0)" }
            : ["C: … \(reader.size) octets …"]
        self.ledger.change(self.number) { $0.transcript.append(contentsOf: lines + ["C: ."]) }
    }

    func complain(_ what: String) { self.ledger.change(self.number) { $0.complaints.append(what) } }

    func watch(_ context: ChannelHandlerContext) {
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
