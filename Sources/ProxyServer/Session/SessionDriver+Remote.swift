import NIOCore
import SMTPSession
import Synchronization

/// The session's connections to its remote, one after another: a place first, then the connection, then the look whether it leads to ourselves.
extension SessionDriver {
    /// A remote connection that does not stand yet.
    struct ConnectAttempt {
        let connection: Int
        let isExtra: Bool
        var place: ConnectionSlot?
        var leg: ConnectionHandler?
    }

    func connect(isExtra: Bool) {
        self.forgetRemote()
        guard let route = self.route, let key = route.places else {
            return self.answer(.connectFailed(.failed(self.route?.failure ?? "")))
        }
        if isExtra, !self.snapshot.policies.mayOpenExtra(to: self.facts) { return self.answer(.connectFailed(.backedOff)) }
        self.connections += 1
        let (connection, handle) = (self.connections, self.handle)
        self.connecting = ConnectAttempt(connection: connection, isExtra: isExtra)
        let (place, isGranted) = self.snapshot.places.ask(
            key, self.places, on: self.loop,
            wanted: { handle.tell(.placeWanted(connection: connection)) },
            answer: { handle.tell(.place(connection: connection, isGranted: $0)) })
        self.connecting?.place = place
        if isGranted { self.dial() }
    }

    func placeAnswered(_ connection: Int, _ isGranted: Bool) {
        guard let connecting, connecting.connection == connection, connecting.leg == nil else { return }
        self.snapshot.metrics.slotWaits.add(at: isGranted ? 0 : 1)
        if isGranted { return self.dial() }
        self.connecting = nil
        self.hear(.connectFailed(.noPlace))
    }

    private func dial() {
        guard let route = self.route else { return }
        let leg = ConnectionHandler(.remote, of: self)
        if let place = self.connecting?.place {
            leg.whenGone = { place.release() }
            self.slot = place
        }
        self.connecting?.place = nil
        self.connecting?.leg = leg
        route.dial(leg, within: self.snapshot.connectTimeout, on: self.loop).assumeIsolated().whenFailure { error in
            leg.giveUp()
            self.dialFailed(leg, error)
        }
    }

    func connected(_ leg: ConnectionHandler, isExtra: Bool) {
        self.snapshot.metrics.dials.add(at: (isExtra ? Metrics.Dial.extraOK : .firstOK).rawValue)
        if let route, !route.isTransparent, let local = leg.localAddress, let address = route.addresses.first {
            let (ends, loopDetector, release) = (LoopDetector.Ends(near: local, far: address), self.snapshot.loopDetector, leg.whenGone)
            guard loopDetector.went(ends) else {
                leg.detach()
                leg.abort()
                return self.hear(.connectFailed(.failed("the way there leads back to Mailshim; see mailshim firewall")))
            }
            leg.whenGone = {
                loopDetector.ended(outgoing: ends)
                release?()
            }
        }
        if let host = self.route?.addresses.first {
            let loopDetector = self.snapshot.loopDetector
            loopDetector.awaits(host)
            leg.whenHeard = { loopDetector.heard(host) }
        }
        self.remote = leg
        self.remoteSecurity = nil
        self.placeWantedUntil = .distantPast
        self.route?.settle(from: leg.localAddress)
        let isWhole = !self.snapshot.places.isDraining.load(ordering: .relaxed)
        self.hear(.connected(alongside: isWhole ? self.slot?.alongside() ?? 0 : 0))
    }

    private func dialFailed(_ leg: ConnectionHandler, _ error: any Error) {
        guard let connecting, connecting.leg === leg else { return }
        self.connecting = nil
        self.snapshot.metrics.dials.add(at: (connecting.isExtra ? Metrics.Dial.extraFailed : .firstFailed).rawValue)
        guard self.route?.hasStood == false, let others = self.route?.addresses.dropFirst(), !others.isEmpty else {
            return self.hear(.connectFailed(.failed(RemoteEndpoint.words(for: error))))
        }
        self.route?.addresses = Array(others)
        self.facts.address = others.first
        self.answer(self.profile())
        self.connect(isExtra: connecting.isExtra)
        self.turn()
    }

    func stopDialling() {
        guard let connecting = exchange(&self.connecting, with: nil) else { return }
        connecting.place?.release()
        connecting.leg?.abort()
    }

    /// From now on nothing is heard of the remote connection that stands.
    func forgetRemote() {
        self.stopDialling()
        guard let remote = exchange(&self.remote, with: nil) else { return }
        remote.detach()
        if remote.isOpen { remote.abort() }
    }
}
