public import NIOCore
public import QuirkKit
public import SMTPWire

/// One SMTP session between a gateway and a remote: events in, actions out; no socket, no clock, no file.
///
/// The laws that this type keeps (docs/laws.md):
/// 1. Nothing is acknowledged but by the remote.
/// 2. After the final dot, never again.
/// 3. One reply for one command, in order. What a remote says unasked costs it the connection, and teaches nothing.
/// 4. No message travels in another's envelope: no octet of content without this transaction's own `MAIL` and a `RCPT` accepted on this connection.
/// 5. What the gateway did not ask for fails as 4xx.
/// 6. A healthy remote notices nothing.
///
/// The way of a command: `take` keeps it in `waiting` until the replies before it allow it to go (`isReady`), `perform` does it,
/// `heard` (Session+Replies) tells the gateway what came back, or has it repaired (Session+Repair).
public struct Session: Sendable {
    let settings: Settings
    let catalogue: Catalogue
    var gateway = GatewaySide()
    var remote = Remote()
    /// The gateway's message in progress. It belongs to no connection: a repair says it again on another.
    var transaction: Transaction?
    /// A repair of it that is under way: the gateway waits.
    var rescue: Rescue?
    /// A command that was read and has to wait, and what for.
    var waiting: Waiting?
    /// What the log will say.
    var journal = Journal()
    var now = NIODeadline.uptimeNanoseconds(0)
    var out: [Action] = []

    public init(settings: Settings, catalogue: Catalogue) {
        self.settings = settings
        self.catalogue = catalogue
    }

    public init(settings: Settings, catalogue: [any Quirk]) { self.init(settings: settings, catalogue: Catalogue(catalogue)) }

    public mutating func receive(_ event: Event, at now: NIODeadline) -> [Action] {
        self.now = now
        self.watchTurn()
        switch event {
        case .opened(let opening): self.open(opening)
        case .connected(let alongside): self.connected(alongside: alongside)
        case .connectFailed(let failure): self.connectFailed(failure)
        case .profile(let profile): self.apply(profile)
        case .routed(let answer): self.routed(answer)
        case .secured(let side, let security): self.secured(side, security)
        case .securingFailed(.remote, let failure): if self.remote.connection.state == .securing { self.insecure(failure) }
        case .securingFailed(.gateway, let failure): self.gatewayNotSecured(failure)
        case .command(let command): self.take(command)
        case .authenticate(let mechanism, let line): self.authenticate(mechanism, line)
        case .response(let line): self.response(line)
        case .faultyResponse(let fault): self.faultyResponse(fault)
        case .content(let piece): self.content(piece)
        case .octets(let octets): self.octets(octets)
        case .reply(let reply): self.heard(reply.ofRemote)
        case .garbled(let fault): self.garbled(fault)
        case .outOfStep: self.remoteGone(.spokeUnasked)
        case .injected(let side): self.injected(side)
        case .drained: self.endWritten()
        case .notDrained: self.endNotWritten()
        case .ended(.gateway): self.gatewayEnded()
        case .closed(.gateway): self.gatewayClosed()
        case .ended(.remote), .closed(.remote): self.remoteGone(.closed)
        case .placeWanted: self.placeWanted()
        case .probe(let granted): self.probeAnswered(granted)
        case .tick: self.tick()
        case .remoteFull: self.remoteFull()
        case .shutdown: self.gateway.mustClose = true
        case .timeIsUp: self.endNow()
        }
        self.advance()
        if self.remote.connection.isDesynchronised {
            self.remoteGone(.spokeUnasked)
            self.advance()
        }
        return exchange(&self.out, with: [])
    }

    /// Whether a connection to the remote stands.
    @inline(__always)
    var hasRemote: Bool { self.remote.connection.state != .none && self.remote.connection.state != .connecting }

    /// Whether a command waits, and the remote owes nothing but is in the middle of saying something.
    @inline(__always)
    var isHeldUpByRemote: Bool {
        self.remote.saysMore && self.waiting != nil && self.remote.connection.state == .ready && self.remote.connection.flight.isEmpty
    }

    /// What the gateway's next octets are read as.
    @inline(__always)
    public var wanted: ExpectedInput {
        switch self.gateway.phase {
        // What follows DATA is content or commands, and the reply to it tells which.
        case .commands: self.waiting == nil && self.gateway.presence != .gone && !self.remote.connection.flight.awaitsInvitation ? .command : .nothing
        case .authenticating(_, awaits: .gateway): .response
        case .data: .content
        case .chunk(let transfer): .octets(transfer.remaining)
        case .waiting, .opening, .startingTLS, .securing, .authenticating, .holdingEnd, .final, .relaying, .ending, .over: .nothing
        }
    }

    public var isOver: Bool { if case .over = self.gateway.phase { true } else { false } }

    /// Commands of a pipelined group that are unanswered; 0: there is none.
    var unansweredOfGroup: Int {
        guard self.remote.connection.state == .ready, self.remote.connection.flight.count > 1 else { return 0 }
        return self.remote.connection.flight.count
    }

    /// Whether STARTTLS went to the remote, so that nothing of the remote's may wait unread behind its 220 (docs/quirks.md 5.3).
    @inline(__always)
    var isStartingTLS: Bool { self.relaysSTARTTLS || self.remote.connection.state == .startingTLS }

    /// Whether it was the gateway's own: then nothing of the gateway's may wait either.
    @inline(__always)
    var relaysSTARTTLS: Bool { if case .startingTLS = self.gateway.phase { true } else { false } }

    /// Whether the gateway's STARTTLS waits for something: nothing may come behind it then.
    @inline(__always)
    var hasSTARTTLSWaiting: Bool { self.waiting?.command.body == .starttls }

    public var lineEndings: MailDataScanner.LineEndings { self.settings.lineEndings }
    public var replyLines: Int { self.settings.replyLines }
}

extension Session {
    mutating func tell(_ reply: Reply) {
        self.gateway.lastHeard = self.now
        let reply = self.inOneLine(reply)
        self.out.append(.send(ByteBuffer(bytes: reply.bytes), to: .gateway))
        let stage = self.gateway.unanswered.answer(reply)
        if reply.code >= 400 { self.countRefusal(reply, at: stage) }
    }

    private mutating func countRefusal(_ reply: Reply, at stage: Activity.Stage?) {
        var refusal = CountedRefusal(stage: stage, isPermanent: reply.isPermanent)
        if case .own(let because) = reply.origin {
            refusal.isOurs = true
            self.explain(reply, because)
        }
        self.out.append(.count(.refusal(refusal)))
    }

    mutating func log(_ record: Record) { self.out.append(.log(record)) }
    mutating func note(_ note: Note) { self.out.append(.note(note)) }

    /// All that is left of the transaction hears this.
    mutating func failTransaction(_ answer: Reply) {
        self.transaction?.failed = answer
        if self.transaction?.refusal == nil { self.refuseTransaction(answer) }
    }

    /// What the log will say of the transaction.
    mutating func refuseTransaction(_ answer: Reply) { self.transaction?.refusal = answer }

    /// Does what has become possible, until nothing more is.
    mutating func advance() {
        while let waiting = self.waiting, self.isReady(for: waiting.command) {
            self.waiting = nil
            self.perform(waiting)
        }
        self.endIfDone()
    }
}
