import Glibc
import NIOCore

/// What the host hears: commands, content, early replies.
extension VisitHandler {
    var lenient: Bool { self.conversation?.behaviour.endsContentAtAnyLineFeed ?? false }

    /// Takes the next whole thing off the inbox; false where there is none.
    func hear() -> Bool {
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

    func hearCommand() -> Bool {
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

    func contentEnded(_ reader: ContentReader, _ answered: String?) {
        self.noteContent(reader)
        if let answered {
            self.conversation?.contentAnswered(reader.content, size: reader.size, answered)
            self.file()
        } else {
            self.go { $0.contentEnded(reader.content, size: reader.size) }
        }
    }

    func answerEarly(_ reader: ContentReader) -> Bool {
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
    func go(_ body: (inout Conversation) -> [Step]) {
        guard var conversation = self.conversation else { return }
        self.conversation = nil
        self.steps.append(contentsOf: body(&conversation))
        self.conversation = conversation
        self.file()
    }

    func file() {
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
}
