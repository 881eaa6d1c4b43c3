import NIOCore
import OpenSSLTLS
import SMTPSession
import SMTPWire

/// The shell of one session: hands what happens to the engine, one thing at a time, and carries out what the engine says.
///
/// Channels call back while we are still writing, flushing or closing (`channelInactive`, `channelRead` and `channelWritabilityChanged` all arrive that way).
/// So callbacks only take notes; one turn at a time does the work, and each turn flushes once. Everything happens on one event loop.
final class SessionDriver {
    private enum Note {
        case event(Event)
        case bytes(ByteBuffer, ConnectionHandler)
        case ended(ConnectionHandler)
    }

    let handle: SessionHandle
    let snapshot: ConfigSnapshot
    let loop: any EventLoop
    /// The gateway's address, and where it wanted to go.
    private let ends: LoopDetector.Ends
    let terms: Terms

    /// What the listener says of the gateway's leg.
    struct Terms {
        var gateway = GatewayTerms()
        /// For STARTTLS, or for TLS from the first byte.
        var context: TLSServerContext?
    }

    var codec: SessionCodec
    var gateway: ConnectionHandler?
    var remote: ConnectionHandler?
    var relay: Tunnel?
    private var notes: [Note] = []
    /// Connections that are gone; the session hears of it when it has consumed their bytes.
    private var departed: [ConnectionHandler] = []
    private var alarm: (at: NIODeadline, callback: NIOScheduledCallback)?
    private var isTurning = false
    private var isOver = false

    /// Nil until it is known where the remote is: until then what happens only piles up.
    var route: RemoteEndpoint?
    /// As they are logged.
    var remoteText: String { self.route?.text ?? "" }
    let gatewayText: String
    var facts = RemoteFacts()
    var places = SlotQueue.Terms()
    /// Of the remote's TLS.
    var expectation = Expectation()
    /// The TLS of the remote connection that stands, or of the last.
    var remoteSecurity: Security?
    /// The gateway's TLS, from the first byte, is not finished: the session has not begun.
    var isAwaitingHandshake = false
    private var plannedRoute: RemoteEndpoint?
    var connecting: ConnectAttempt?
    /// That of the connection that stands, or of the last.
    var slot: ConnectionSlot?
    /// Numbers the remote connections.
    var connections = 0
    /// Until then somebody is known to wait for the place of the connection that stands; the session gives it away when it is idle. Told again each second.
    var placeWantedUntil = NIODeadline.distantPast
    private static let wish = TimeAmount.seconds(3)
    var tally = Tally()
    /// There is more to do, in a next turn of the event loop.
    private var isGoingOn = false

    init(
        _ handle: SessionHandle, _ ends: LoopDetector.Ends, _ terms: Terms = Terms(), countedFor listener: ListenerMetrics? = nil,
        in snapshot: ConfigSnapshot, on loop: any EventLoop
    ) {
        (self.handle, self.ends, self.terms, self.snapshot, self.loop) = (handle, ends, terms, snapshot, loop)
        self.gatewayText = ends.near.host
        self.codec = SessionCodec(Session(settings: snapshot.settings, catalogue: snapshot.catalogue))
        handle.attach(self)
        self.beginTally(listener)
    }

    /// Begins the session: from now on it is known where the remote is.
    func begin(_ route: RemoteEndpoint) {
        guard self.route == nil else { return }
        self.plannedRoute = route
        self.beginIfReady()
    }

    func beginIfReady() {
        guard !self.isOver, !self.isAwaitingHandshake, let route = exchange(&self.plannedRoute, with: nil) else { return }
        self.route = route
        self.facts.address = route.addresses.first
        self.facts.name = route.name
        let profile = self.profile()  // first, since `connections` and `pause` hold for the first connection too
        self.notes.insert(contentsOf: [.event(.opened(Opening(remote: route.text, gateway: self.terms.gateway))), .event(profile)], at: 0)
        self.turn()
    }

    // MARK: Notes

    func hear(_ message: SessionHandle.Message) {
        switch message {
        case .event(let event): self.hear(event)
        case .place(let connection, let isGranted): self.placeAnswered(connection, isGranted)
        case .placeWanted(let connection):
            guard let remote, remote.isOpen, connection == self.connections, self.connecting == nil, self.relay == nil else { return }
            self.placeWantedUntil = self.loop.now + Self.wish
            self.turn()
        case .goOn:
            self.isGoingOn = false
            self.turn()
        case .abort:
            self.gateway?.abort()
            self.remote?.abort()
            self.turn()
        }
    }

    func hear(_ event: Event) {
        self.notes.append(.event(event))
        self.turn()
    }

    /// To be heard in the turn that is under way, after the present actions.
    func answer(_ event: Event) { self.notes.append(.event(event)) }

    func opened(_ leg: ConnectionHandler) {
        switch leg.side {
        case .gateway: self.gateway = leg
        case .remote:
            guard let connecting, connecting.leg === leg else { return leg.abort() }
            self.connecting = nil
            self.connected(leg, isExtra: connecting.isExtra)
        }
    }

    func read(_ bytes: ByteBuffer, from leg: ConnectionHandler) {
        if self.isTurning { self.notes.append(.bytes(bytes, leg)) } else { self.take(bytes, leg) }
    }

    func ended(_ leg: ConnectionHandler) {
        self.notes.append(.ended(leg))
        self.turn()
    }

    func closed(_ leg: ConnectionHandler) {
        if !leg.hasEnded { self.notes.append(.ended(leg)) }
        self.departed.append(leg)
        self.turn()
    }

    // MARK: The turn

    /// Does what there is to do. Called from within itself it does nothing: the turn that is under way sees the notes; nor where the next has to be awaited.
    func turn() {
        guard !self.isTurning, !self.isGoingOn, !self.isOver else { return }
        self.isTurning = true
        var share = Share()
        let began = self.loop.now
        repeat {
            let now = self.loop.now
            while share.isLeft, self.step(at: now, of: &share) {}
            if self.route == nil { break }
            if self.placeWantedUntil > now, self.remote?.isOpen == true { self.carryOut(self.codec.receive(.placeWanted, at: now), at: now) }
            self.gateway?.flush()
            self.remote?.flush()
        } while share.isLeft && (!self.notes.isEmpty || !self.departed.isEmpty)
        self.isTurning = false
        self.tallyTurn(began: began)
        if !share.isLeft { self.goOn() }
        self.settle()
    }

    /// What is left to a session in this turn of its event loop.
    private struct Share {
        private var steps = Limits.turnSteps
        private var octets = Limits.turnOctets

        var isLeft: Bool { self.steps > 0 && self.octets > 0 }

        mutating func take(octets: Int) {
            self.steps -= 1
            self.octets -= octets
        }
    }

    private func goOn() {
        guard !self.isGoingOn else { return }
        self.isGoingOn = true
        self.snapshot.nextTurns.add(self.handle, on: self.loop)
    }

    /// Notes first, then what the bytes say, then the end of connections whose bytes are consumed.
    private func step(at now: NIODeadline, of share: inout Share) -> Bool {
        guard self.route != nil else {
            self.departed = []
            return false
        }
        if !self.notes.isEmpty {
            for note in exchange(&self.notes, with: []) {
                switch note {
                case .event(let event): self.carryOut(self.codec.receive(event, at: now), at: now)
                case .bytes(let bytes, let leg): self.take(bytes, leg)
                case .ended(let leg): self.takeEnd(of: leg)
                }
            }
            return true
        }
        let waiting = self.codec.waiting
        if self.relay == nil, let actions = self.codec.next(at: now) {
            share.take(octets: waiting - self.codec.waiting)
            self.carryOut(actions, at: now)
            return true
        }
        guard !self.departed.isEmpty else { return false }
        let leg = self.departed.removeFirst()
        guard self.isCurrent(leg) else { return true }
        if leg.side == .remote { self.remote = nil }
        self.carryOut(self.codec.receive(.closed(leg.side), at: now), at: now)
        if self.relay != nil { self.other(of: leg)?.leave() }
        return true
    }

    /// Whether something of a leg was read and not handed to the codec yet.
    func hasUnread(_ leg: ConnectionHandler) -> Bool {
        self.notes.contains { if case .bytes(let bytes, let from) = $0 { from === leg && bytes.readableBytes > 0 } else { false } }
    }

    private func isCurrent(_ leg: ConnectionHandler) -> Bool { leg === (leg.side == .gateway ? self.gateway : self.remote) }

    private func other(of leg: ConnectionHandler) -> ConnectionHandler? { leg.side == .gateway ? self.remote : self.gateway }

    private func take(_ bytes: ByteBuffer, _ leg: ConnectionHandler) {
        guard self.isCurrent(leg) else { return }
        if self.relay != nil {
            self.relay?.count(bytes.readableBytes, from: leg.side, at: self.loop.now)
            self.other(of: leg)?.write(bytes)
        } else if leg.phase != .leaving {
            self.codec.read(bytes, from: leg.side)
        }
    }

    private func takeEnd(of leg: ConnectionHandler) {
        guard self.isCurrent(leg) else { return }
        if self.relay != nil { self.other(of: leg)?.endOutput() } else if leg.phase != .leaving { self.codec.ended(leg.side) }
    }

    /// Back pressure, the timer, and the end.
    private func settle() {
        if !self.isGoingOn, self.gateway?.isGone != false, self.remote == nil, self.connecting == nil { return self.finish() }
        self.gateway?.reads(content: self.relay != nil || self.codec.wantsContent)
        if self.relay != nil { self.remote?.reads(content: true) }
        let remoteWaits = self.remote.map { !$0.isWritable } ?? false
        let gatewayWaits = self.gateway.map { !$0.isWritable } ?? false
        if self.gateway?.isOpen == true, self.gateway?.isSecuring == false {
            // Who does not read our replies is not read either; what is relayed unread may well go one way only.
            let isFull = self.relay == nil && (gatewayWaits || self.codec.waiting >= SessionCodec.highWater)
            self.gateway?.pause(remoteWaits || isFull)
        }
        if self.relay != nil, self.remote?.isOpen == true { self.remote?.pause(gatewayWaits) }
        self.setAlarm()
    }

    private func finish() {
        self.isOver = true
        self.alarm?.callback.cancel()
        self.alarm = nil
        self.gateway = nil
        if let relay {
            let octets = relay.octets
            self.snapshot.log.write(
                Line("passed-through", self.handle.id).with("remote", self.remoteText).with("from-gateway", octets.fromGateway)
                    .with("from-remote", octets.fromRemote))
        }
        self.endTally()
        self.handle.detach()
        self.snapshot.loopDetector.ended(incoming: self.ends)
        self.snapshot.sessions.remove(self.handle.id, from: self.ends.near)
    }

    // MARK: Time

    private var deadline: NIODeadline? { self.relay?.deadline ?? self.codec.deadline }

    private func setAlarm() {
        guard let deadline = self.deadline else { return }
        if let alarm, alarm.at <= deadline { return }
        self.alarm?.callback.cancel()
        // Fails where the loop is shut down: nothing is heard there any more.
        self.alarm = (try? self.loop.scheduleCallback(at: deadline, handler: self.handle)).map { (deadline, $0) }
    }

    func rang() {
        self.alarm = nil
        guard let deadline = self.deadline, deadline <= self.loop.now else { return self.setAlarm() }
        if self.relay != nil {
            let backlog = (self.gateway?.backlog ?? 0) + (self.remote?.backlog ?? 0)
            return self.relay?.isOver(backlog: backlog, at: self.loop.now) == false ? self.setAlarm() : self.hear(.abort)
        }
        if self.remote?.isWritable == false { self.hear(.remoteFull) }
        self.hear(.tick)
    }
}
