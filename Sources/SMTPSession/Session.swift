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
/// The way of a command: `take` keeps it in `pending` until the replies before it allow it to go (`isReady`), `perform` does it,
/// `heard` (Session+Replies) tells the gateway what came back, or has it repaired (Session+Repair).
public struct Session: Sendable {
    let settings: Settings
    let catalogue: [any Quirk]
    /// What any of them wants to be asked about.
    let watches: Watches
    var layers = Layers()
    /// How far down opportunistic TLS has fallen back in this session: extra connections stay where the first is.
    var fallback = TLSFallback.modern
    /// The quirk on whose word it has.
    var fallbackQuirk: String?
    var profile = Profile()
    var phase = Phase.waiting
    var gateway = Gateway()
    var connection = Connection()
    var transaction: Transaction?
    var repair: Repair?
    /// A command that was read and has to wait: for replies, for a connection, for leave to probe.
    var pending: Command?
    /// What a refusal is taken for that could not be repaired: found out for good when the next message passes.
    var suspicion: Cause?
    /// Why the next connection is an extra one, where the last did not end in the normal way.
    var dueCause: Cause?
    /// A refusal of more than the last connection, which came while the gateway waited for nothing: its next `MAIL` hears it.
    var dueRefusal: Reply?
    /// The quirk that ended the last connection after a completed message: to be named with the next.
    var spentQuirk: String?
    var seenDomains: Set<String> = []
    var probe = Probe.unasked
    var remoteName = "the remote"
    var route = Route.known
    /// The TLS of the connection that stands, or stood last: the one that replaces it may not have less (law 7).
    var minimumSecurity: Security?
    /// Why there is no TLS where there must be: every message of this session hears it.
    var tlsFailure: String?
    /// Why the first EHLO is said once more: what a quirk made of the attempt before.
    var establishing: Cause?
    /// When work of our own began behind the gateway's first EHLO: TLS, and what takes its place.
    var ownWorkBegan: NIODeadline?
    /// The AUTH command that waits in `pending`, whole.
    var pendingSecret: Secret?
    /// On an extra connection: so much of AUTH was said again.
    var authenticationStep = 0
    /// A recipient domain whose rules are awaited; the RCPT waits in `pending`.
    var lookingUp: String?
    /// Messages that ended, for the log.
    var messages = 0
    var ownReplies = OwnReplies()
    /// Octets of the remote wait that came before all that is done now.
    var remoteSaysMore = false
    /// Octets of the gateway wait that came before all that is done now.
    var gatewaySaysMore = false
    var isStopping = false
    var now = NIODeadline.uptimeNanoseconds(0)
    var actions: [Action] = []

    /// Whether to do without a learned quirk on this connection, to see if it is still needed.
    enum Probe: Hashable, Sendable {
        case unasked
        case asking(quirk: String)
        case denied
        /// On this connection, for these quirks.
        case running(quirk: String, connection: Int)
    }

    /// Where the remote comes from.
    enum Route: Hashable, Sendable {
        case known
        /// It is chosen at the first RCPT of a transaction.
        case atRecipient
        /// The answer to `.route` is awaited.
        case asking
    }

    public init(settings: Settings, catalogue: [any Quirk]) {
        self.settings = settings
        self.catalogue = catalogue
        self.watches = catalogue.reduce(into: .none) { $0.formUnion($1.watches) }
    }

    public mutating func receive(_ event: Event, at now: NIODeadline) -> [Action] {
        self.now = now
        self.watchTurn()
        switch event {
        case .opened(let opening): self.open(opening)
        case .connected: self.connected()
        case .connectFailed(let failure): self.connectFailed(failure)
        case .profile(let profile): self.apply(profile)
        case .routed(let answer): self.routed(answer)
        case .secured(let side, let security): self.secured(side, security)
        case .securingFailed(.remote, let failure): if self.connection.state == .securing { self.insecure(failure) }
        case .securingFailed(.gateway, let failure): self.gatewayNotSecured(failure)
        case .command(let command): self.take(command)
        case .authenticate(let mechanism, let line): self.authenticate(mechanism, line)
        case .response(let line): self.response(line)
        case .faultyResponse(let fault): self.faultyResponse(fault)
        case .content(let piece): self.content(piece)
        case .octets(let octets): self.octets(octets)
        case .reply(let reply): self.heard(reply.ofRemote)
        case .garbled(let fault): self.garbled(fault)
        case .outOfStep: self.remoteGone(Self.spokeUnasked, isClose: false)
        case .injected(let side): self.injected(side)
        case .drained: self.endWritten()
        case .notDrained: self.endNotWritten()
        case .ended(.gateway): self.gatewayEnded()
        case .closed(.gateway): self.gatewayClosed()
        case .ended(.remote), .closed(.remote): self.remoteGone("connection closed", isClose: true)
        case .placeWanted: self.placeWanted()
        case .probe(let granted): self.probeAnswered(granted)
        case .tick: self.tick()
        case .remoteFull: self.remoteFull()
        case .shutdown: self.isStopping = true
        case .timeIsUp: self.endNow()
        }
        self.advance()
        if self.connection.isDesynchronised {
            self.remoteGone(Self.spokeUnasked, isClose: false)
            self.advance()
        }
        return exchange(&self.actions, with: [])
    }

    private static let spokeUnasked = "it spoke unasked"

    /// Whether a connection to the remote stands.
    var hasRemote: Bool { self.connection.state != .none && self.connection.state != .connecting }

    /// Whether a command waits, and the remote owes nothing but is in the middle of saying something.
    var isHeldUpByRemote: Bool { self.remoteSaysMore && self.pending != nil && self.connection.state == .ready && self.connection.flight.isEmpty }

    /// What the gateway's next octets are read as.
    public var wanted: ExpectedInput {
        switch self.phase {
        // What follows DATA is content or commands, and the reply to it tells which.
        case .commands: self.pending == nil && self.gateway.presence != .gone && !self.connection.awaitsInvitation ? .command : .nothing
        case .authenticating(_, awaits: .gateway): .response
        case .data: .content
        case .chunk(let transfer): .octets(transfer.remaining)
        case .waiting, .opening, .startingTLS, .securing, .authenticating, .holdingEnd, .final, .relaying, .ending, .over: .nothing
        }
    }

    public var isOver: Bool { if case .over = self.phase { true } else { false } }

    /// Whether STARTTLS went to the remote, so that nothing of the remote's may wait unread behind its 220 (docs/quirks.md 5.3).
    var isStartingTLS: Bool { self.relaysSTARTTLS || self.connection.state == .startingTLS }

    /// Whether it was the gateway's own: then nothing of the gateway's may wait either.
    var relaysSTARTTLS: Bool { if case .startingTLS = self.phase { true } else { false } }

    /// Whether the gateway's STARTTLS waits for something: nothing may come behind it then.
    var hasSTARTTLSWaiting: Bool { self.pending?.body == .starttls }

    public var lineEndings: MailDataScanner.LineEndings { self.settings.lineEndings }
    public var replyLines: Int { self.settings.replyLines }
}

extension Session {
    mutating func tell(_ reply: Reply) {
        self.gateway.lastHeard = self.now
        self.actions.append(.send(ByteBuffer(bytes: reply.bytes), to: .gateway))
        if reply.code >= 400, case .own(let because) = reply.origin { self.explain(reply, because) }
    }

    mutating func log(_ record: Record) { self.actions.append(.log(record)) }
    mutating func note(_ note: Note) { self.actions.append(.note(note)) }

    /// All that is left of the transaction hears this.
    mutating func failTransaction(_ answer: Reply) {
        self.transaction?.failed = answer
        if self.transaction?.refusal == nil { self.refuseTransaction(answer) }
    }

    /// What the log will say of the transaction.
    mutating func refuseTransaction(_ answer: Reply) { self.transaction?.refusal = answer }

    /// Does what has become possible, until nothing more is.
    mutating func advance() {
        while let command = self.pending, self.isReady(for: command) {
            self.pending = nil
            self.perform(command)
        }
        self.endIfDone()
    }
}
