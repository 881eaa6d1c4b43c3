public import NIOCore
import SMTPWire

/// Bytes in, actions out: a session with its two inboxes. The shell and the transcripts drive sessions through this alone.
///
/// Replies before commands; bytes before the end of them; commands only when the session is ready for the next.
public struct SessionCodec: Sendable {
    /// When so many of the gateway's octets wait, stop reading it until they are fewer.
    public static let highWater = 64 * 1024

    public private(set) var session: Session
    private var inbox = GatewayInbox()
    private var replies: ReplyParser
    private var scanner: MailDataScanner
    private var gatewayEnd = End.none
    private var remoteEnd = End.none
    /// Octets of the remote have come since its replies were compared with what it was asked.
    private var isUncounted = false

    /// The gateway's octets that wait here.
    public private(set) var waiting = 0
    /// Whether the gateway's next octets are content.
    public private(set) var wantsContent = false
    /// Whether the gateway has said QUIT, and nothing of it waits behind that.
    public var hasQuit: Bool { self.saidQuit && self.inbox.count == 0 }
    private var saidQuit = false
    /// What the session is doing.
    public private(set) var activity = Activity(.connect, awaits: .us)
    /// When to send `.tick`; nil: never.
    // Stored, as the others are: to ask a session for it would copy the session, from where it is kept.
    public private(set) var deadline: NIODeadline?

    private enum End { case none, due, told }

    public init(_ session: Session) {
        self.session = session
        self.scanner = MailDataScanner(session.lineEndings)
        self.replies = ReplyParser(maximumLines: session.replyLines)
    }

    /// Takes bytes of the gateway, or of the remote connection that stands now (not of one that was closed or aborted).
    public mutating func read(_ bytes: ByteBuffer, from side: Side) {
        switch side {
        case .gateway:
            self.inbox.append(bytes)
            self.waiting = self.inbox.count
        case .remote:
            self.replies.append(bytes)
            self.isUncounted = true
        }
    }

    /// Takes note that a peer will say no more. Heard by the session when its bytes have been consumed.
    public mutating func ended(_ side: Side) {
        switch side {
        case .gateway: if self.gatewayEnd == .none { self.gatewayEnd = .due }
        case .remote: if self.remoteEnd == .none { self.remoteEnd = .due }
        }
    }

    /// Anything that is not bytes: `.opened`, `.connected`, `.closed`, `.profile`, `.tick`, ...
    public mutating func receive(_ event: Event, at now: NIODeadline) -> [Action] {
        if case .connected = event {
            self.replies.removeAll()
            self.remoteEnd = .none
        }
        return self.hand(event, at: now)
    }

    private mutating func hand(_ event: Event, at now: NIODeadline) -> [Action] {
        self.forgetWhatIsGone()
        self.session.remote.saysMore = !self.replies.isEmpty
        self.session.gateway.saysMore = self.inbox.count > 0
        let actions = self.session.receive(event, at: now)
        self.waiting = self.inbox.count
        self.deadline = self.session.deadline
        self.activity = self.session.activity
        self.saidQuit = self.session.gateway.hasQuit
        switch self.session.wanted {
        case .content, .octets: self.wantsContent = true
        case .nothing, .command, .response: self.wantsContent = false
        }
        return actions
    }

    /// What a connection said that is gone concerns nobody, and holds up nothing; nor does its end concern the connection that is made next.
    private mutating func forgetWhatIsGone() {
        guard !self.session.hasRemote else { return }
        if !self.replies.isEmpty { self.replies.removeAll() }
        self.remoteEnd = .none
    }

    /// What the waiting bytes say next; nil when there is nothing more to do. Call it until nil after each read and each event.
    public mutating func next(at now: NIODeadline) -> [Action]? {
        guard let event = self.nextEvent() else {
            self.inbox.settle()
            self.waiting = self.inbox.count
            return nil
        }
        return self.hand(event, at: now)
    }

    private mutating func nextEvent() -> Event? {
        self.forgetWhatIsGone()
        do {
            if let reply = try self.replies.next() {
                self.countReplies()
                guard self.session.isStartingTLS, reply.isPositive else { return .reply(reply) }
                // What waits behind the gateway's EHLO was not said behind a STARTTLS.
                if self.session.relaysSTARTTLS, self.inbox.count > 0 { return .injected(.gateway) }
                return self.replies.isEmpty ? .reply(reply) : .injected(.remote)
            }
        } catch {
            self.replies.removeAll()
            return .garbled(error)
        }
        if self.remoteEnd == .due {
            self.remoteEnd = .told
            return .ended(.remote)
        }
        if self.session.isHeldUpByRemote { return .outOfStep }
        if self.session.hasSTARTTLSWaiting, self.inbox.count > 0 { return .injected(.gateway) }
        if let event = self.nextOfGateway() { return event }
        guard self.gatewayEnd == .due, self.session.wanted != .nothing || self.inbox.count == 0 else { return nil }
        self.gatewayEnd = .told
        return .ended(.gateway)
    }

    /// Once a read, and only of a group: whether there are more replies than commands, this one among them (law 3).
    private mutating func countReplies() {
        guard exchange(&self.isUncounted, with: false) else { return }
        let unanswered = self.session.unansweredOfGroup
        self.session.remote.saysTooMuch = unanswered > 0 && self.replies.holds(atLeast: unanswered)
    }

    private mutating func nextOfGateway() -> Event? {
        switch self.session.wanted {
        case .nothing: return nil
        case .command:
            guard let command = self.inbox.command() else { return nil }
            if case .starttls = command.body, self.inbox.count > 0 { return .injected(.gateway) }
            if case .auth(let mechanism) = command.body { return .authenticate(mechanism: mechanism, Secret(command.bytes)) }
            return .command(command)
        case .response:
            do { return try self.inbox.line().map { .response(Secret($0)) } } catch { return .faultyResponse(error) }
        // The first byte of an early reply stops the content: an end written now could be taken for what the reply is about.
        case .content where !self.replies.isEmpty, .octets where !self.replies.isEmpty: return nil
        case .content:
            guard let piece = self.inbox.content(&self.scanner) else { return nil }
            if piece.isEnd { self.scanner = MailDataScanner(self.session.lineEndings) }
            return .content(piece)
        case .octets(let count): return self.inbox.octets(upTo: count).map { .octets($0) }
        }
    }

    /// After `.relay`: what was read of a side but not consumed.
    public mutating func remains(of side: Side) -> ByteBuffer {
        switch side {
        case .gateway:
            self.waiting = 0
            return self.inbox.takeAll()
        case .remote: return ByteBuffer()
        }
    }
}
