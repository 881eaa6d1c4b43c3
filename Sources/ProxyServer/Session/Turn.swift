import NIOCore
import SMTPSession
import SMTPWire

/// The shell of one session: hands what happens to the engine, one thing at a time, and carries out what the engine says.
///
/// Channels call back while we are still writing, flushing or closing (`channelInactive`, `channelRead` and `channelWritabilityChanged` all arrive that way).
/// So callbacks only take notes; one turn at a time does the work, and each turn flushes once. Everything happens on one event loop.
final class Turn {
    private enum Note {
        case event(Event)
        case bytes(ByteBuffer, Leg)
        case ended(Leg)
    }

    let handle: SessionHandle
    private let house: House
    private let loop: any EventLoop
    /// The gateway's address, and where it wanted to go.
    private let ends: Loops.Ends

    private var dialogue: Dialogue
    private var relay: Relay?
    private var gateway: Leg?
    private var remote: Leg?
    /// Connections that are gone; the session hears of it when it has consumed their bytes.
    private var departed: [Leg] = []
    private var notes: [Note] = []

    private var route: Route?
    private var facts = RemoteFacts()
    private var terms = PlaceQueue.Terms()
    private var dialling: Dialling?
    /// Numbers the remote connections.
    private var connections = 0

    private var alarm: (at: NIODeadline, task: Scheduled<Void>)?
    /// Somebody waits for the place of the connection that stands; the session gives it away when it is idle.
    private var isPlaceWanted = false
    private var isTurning = false
    private var isOver = false

    /// A remote connection that does not stand yet.
    private struct Dialling {
        let connection: Int
        let isExtra: Bool
        var place: Place?
        var leg: Leg?
    }

    init(_ handle: SessionHandle, _ ends: Loops.Ends, in house: House, on loop: any EventLoop) {
        (self.handle, self.ends, self.house, self.loop) = (handle, ends, house, loop)
        self.dialogue = Dialogue(Session(settings: house.settings, catalogue: house.catalogue))
        handle.attach(self)
    }

    /// Begins the session: from now on it is known where the remote is.
    func begin(_ route: Route) {
        guard self.route == nil, !self.isOver else { return }
        self.route = route
        self.facts.address = route.addresses.first
        self.facts.host = route.name
        let profile = self.profile()  // first, since `connections` and `pause` hold for the first connection too
        self.notes += [.event(.opened(Opening(remote: route.text))), .event(profile)]
        self.turn()
    }

    // MARK: Notes

    func hear(_ message: SessionHandle.Message) {
        switch message {
        case .event(let event): self.hear(event)
        case .place(let connection, let isGranted): self.placeAnswered(connection, isGranted)
        case .placeWanted(let connection):
            guard let remote, remote.isOpen, connection == self.connections, self.dialling == nil, self.relay == nil else { return }
            self.isPlaceWanted = true
            self.turn()
        case .abort:
            self.gateway?.abort()
            self.remote?.abort()
            self.turn()
        }
    }

    private func hear(_ event: Event) {
        self.notes.append(.event(event))
        self.turn()
    }

    func opened(_ leg: Leg) {
        switch leg.side {
        case .gateway: self.gateway = leg
        case .remote:
            guard let dialling, dialling.leg === leg else { return leg.abort() }
            self.dialling = nil
            self.connected(leg)
        }
    }

    func read(_ bytes: ByteBuffer, from leg: Leg) {
        if self.isTurning { self.notes.append(.bytes(bytes, leg)) } else { self.take(bytes, leg) }
    }

    func ended(_ leg: Leg) {
        self.notes.append(.ended(leg))
        self.turn()
    }

    func closed(_ leg: Leg) {
        if !leg.hasEnded { self.notes.append(.ended(leg)) }
        self.departed.append(leg)
        self.turn()
    }

    // MARK: The turn

    /// Does what there is to do. Called from within itself it does nothing: the turn that is under way sees the notes.
    func turn() {
        guard !self.isTurning, !self.isOver else { return }
        self.isTurning = true
        repeat {
            let now = NIODeadline.now()
            while self.step(at: now) {}
            if self.isPlaceWanted, self.remote?.isOpen == true { self.carryOut(self.dialogue.receive(.placeWanted, at: now), at: now) }
            self.gateway?.flush()
            self.remote?.flush()
        } while !self.notes.isEmpty || !self.departed.isEmpty
        self.isTurning = false
        self.settle()
    }

    /// Notes first, then what the bytes say, then the end of connections whose bytes are consumed.
    private func step(at now: NIODeadline) -> Bool {
        if !self.notes.isEmpty {
            for note in exchange(&self.notes, with: []) {
                switch note {
                case .event(let event): self.carryOut(self.dialogue.receive(event, at: now), at: now)
                case .bytes(let bytes, let leg): self.take(bytes, leg)
                case .ended(let leg): self.takeEnd(of: leg)
                }
            }
            return true
        }
        if self.relay == nil, self.route != nil, let actions = self.dialogue.next(at: now) {
            self.carryOut(actions, at: now)
            return true
        }
        guard !self.departed.isEmpty else { return false }
        let leg = self.departed.removeFirst()
        guard self.isCurrent(leg), self.route != nil else { return true }
        if leg.side == .remote { self.remote = nil }
        self.carryOut(self.dialogue.receive(.closed(leg.side), at: now), at: now)
        if self.relay != nil { self.other(of: leg)?.leave() }
        return true
    }

    private func isCurrent(_ leg: Leg) -> Bool { leg === (leg.side == .gateway ? self.gateway : self.remote) }

    private func other(of leg: Leg) -> Leg? { leg.side == .gateway ? self.remote : self.gateway }

    private func take(_ bytes: ByteBuffer, _ leg: Leg) {
        guard self.isCurrent(leg) else { return }
        if self.relay != nil {
            self.relay?.count(bytes.readableBytes, from: leg.side, at: .now())
            self.other(of: leg)?.write(bytes)
        } else if leg.phase != .leaving {
            self.dialogue.read(bytes, from: leg.side)
        }
    }

    private func takeEnd(of leg: Leg) {
        guard self.isCurrent(leg) else { return }
        if self.relay != nil { self.other(of: leg)?.endOutput() } else if leg.phase != .leaving { self.dialogue.ended(leg.side) }
    }

    private func carryOut(_ actions: [Action], at now: NIODeadline) {
        for action in actions {
            switch action {
            case .send(let bytes, .gateway): self.gateway?.write(bytes)
            case .send(let bytes, .remote): self.remote?.write(bytes)
            case .connect(let isExtra): self.connect(isExtra: isExtra)
            case .close(.gateway): self.gateway?.leave()
            case .close(.remote):
                self.stopDialling()
                self.remote?.leave()
            case .abort(.gateway): self.gateway?.abort()
            case .abort(.remote): self.forgetRemote()
            case .relay: self.splice(at: now)
            case .lookUp(let lookUp):
                self.learn(lookUp)
                self.notes.append(.event(self.profile()))
            case .route:
                self.notes.append(.event(.routed(.failed(Reply(451, "4.3.5 \(self.house.settings.hostname) cannot route by recipient domain")))))
            case .note(let note):
                self.notes += self.house.counsel.note(note, of: self.facts, session: self.handle.id).map { .event($0) }
            case .log(let record):
                self.house.log.write(Line(record, session: self.handle.id, remote: self.route?.text ?? ""))
            }
        }
    }

    private func learn(_ lookUp: LookUp) {
        switch lookUp {
        case .host(let host): self.facts.host = host
        case .domain(let domain):
            if self.facts.domains.count < RemoteFacts.mostDomains, self.house.counsel.matters(domain: domain) { self.facts.domains.append(domain) }
        }
    }

    private func profile() -> Event {
        let advice = self.house.counsel.advice(on: self.facts)
        self.terms = advice.terms
        return .profile(advice.profile)
    }

    /// Back pressure, the timer, and the end.
    private func settle() {
        if self.gateway?.isGone != false, self.remote == nil, self.dialling == nil { return self.finish() }
        let remoteWaits = self.remote.map { !$0.isWritable } ?? false
        let gatewayWaits = self.gateway.map { !$0.isWritable } ?? false
        if self.gateway?.isOpen == true {
            // Who does not read our replies is not read either; what is relayed unread may well go one way only.
            let isFull = self.relay == nil && (gatewayWaits || self.dialogue.waiting >= Dialogue.highWater)
            self.gateway?.pause(remoteWaits || isFull)
        }
        if self.relay != nil, self.remote?.isOpen == true { self.remote?.pause(gatewayWaits) }
        self.setAlarm()
    }

    private func finish() {
        self.isOver = true
        self.alarm?.task.cancel()
        self.alarm = nil
        self.gateway = nil
        if let relay {
            let octets = relay.octets
            self.house.log.write(
                Line("passed-through", self.handle.id).with("remote", self.route?.text ?? "").with("from-gateway", octets.fromGateway)
                    .with("from-remote", octets.fromRemote))
        }
        self.handle.detach()
        self.house.loops.ended(incoming: self.ends)
        self.house.sessions.remove(self.handle.id, from: self.ends.near)
    }

    // MARK: The remote

    private func connect(isExtra: Bool) {
        self.forgetRemote()
        guard let route = self.route, let key = route.places else {
            return self.notes.append(.event(.connectFailed(.failed(self.route?.failure ?? ""))))
        }
        if isExtra, !self.house.counsel.mayOpenExtra(to: self.facts) { return self.notes.append(.event(.connectFailed(.backedOff))) }
        self.connections += 1
        let (connection, handle) = (self.connections, self.handle)
        self.dialling = Dialling(connection: connection, isExtra: isExtra)
        let (place, isGranted) = self.house.places.ask(
            key, self.terms, on: self.loop,
            wanted: { handle.tell(.placeWanted(connection: connection)) },
            answer: { handle.tell(.place(connection: connection, isGranted: $0)) })
        self.dialling?.place = place
        if isGranted { self.dial() }
    }

    private func placeAnswered(_ connection: Int, _ isGranted: Bool) {
        guard let dialling, dialling.connection == connection, dialling.leg == nil else { return }
        if isGranted { return self.dial() }
        self.dialling = nil
        self.hear(.connectFailed(.noPlace))
    }

    private func dial() {
        guard let route = self.route else { return }
        let leg = Leg(.remote, of: self)
        if let place = self.dialling?.place { leg.whenGone = { place.release() } }
        self.dialling?.place = nil
        self.dialling?.leg = leg
        route.dial(leg, within: self.house.connectTimeout, on: self.loop).assumeIsolated().whenFailure { error in
            leg.giveUp()
            self.dialFailed(leg, error)
        }
    }

    private func connected(_ leg: Leg) {
        if let route, !route.isTransparent, let local = leg.localAddress, let address = route.addresses.first {
            let (ends, loops, release) = (Loops.Ends(near: local, far: address), self.house.loops, leg.whenGone)
            guard loops.went(ends) else {
                leg.detach()
                leg.abort()
                return self.hear(.connectFailed(.failed("the way there leads back to Mailshim; see mailshim firewall")))
            }
            leg.whenGone = {
                loops.ended(outgoing: ends)
                release?()
            }
        }
        self.remote = leg
        self.isPlaceWanted = false
        self.route?.settle(from: leg.localAddress)
        self.hear(.connected)
    }

    private func dialFailed(_ leg: Leg, _ error: any Error) {
        guard let dialling, dialling.leg === leg else { return }
        self.dialling = nil
        guard self.route?.hasStood == false, let others = self.route?.addresses.dropFirst(), !others.isEmpty else {
            return self.hear(.connectFailed(.failed(Route.words(for: error))))
        }
        self.route?.addresses = Array(others)
        self.facts.address = others.first
        self.notes.append(.event(self.profile()))
        self.connect(isExtra: dialling.isExtra)
        self.turn()
    }

    private func stopDialling() {
        guard let dialling = exchange(&self.dialling, with: nil) else { return }
        dialling.place?.release()
        dialling.leg?.abort()
    }

    /// From now on nothing is heard of the remote connection that stands.
    private func forgetRemote() {
        self.stopDialling()
        guard let remote = exchange(&self.remote, with: nil) else { return }
        remote.detach()
        if remote.isOpen { remote.abort() }
    }

    private func splice(at now: NIODeadline) {
        let timeouts = self.house.settings.timeouts
        self.relay = Relay(patience: max(timeouts.done, timeouts.idle), at: now)
        for (side, from, to) in [(Side.gateway, self.gateway, self.remote), (.remote, self.remote, self.gateway)] {
            let rest = self.dialogue.remains(of: side)
            self.relay?.count(rest.readableBytes, from: side, at: now)
            to?.write(rest)
            if from?.hasEnded != false { to?.endOutput() }
        }
    }

    // MARK: Time

    private var deadline: NIODeadline? { self.relay?.deadline ?? self.dialogue.deadline }

    private func setAlarm() {
        guard let deadline = self.deadline else { return }
        if let alarm, alarm.at <= deadline { return }
        self.alarm?.task.cancel()
        self.alarm = (deadline, self.loop.assumeIsolated().scheduleTask(deadline: deadline) { self.rang() })
    }

    private func rang() {
        self.alarm = nil
        guard let deadline = self.deadline, deadline <= .now() else { return self.setAlarm() }
        guard self.relay == nil else { return self.hear(.abort) }
        self.hear(.tick)
    }
}
