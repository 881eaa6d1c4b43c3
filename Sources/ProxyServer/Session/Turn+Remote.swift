import NIOCore
import SMTPSession

/// The session's connections to its remote, one after another: a place first, then the connection, then the look whether it leads to ourselves.
extension Turn {
    /// A remote connection that does not stand yet.
    struct Dialling {
        let connection: Int
        let isExtra: Bool
        var place: Place?
        var leg: Leg?
    }

    func connect(isExtra: Bool) {
        self.forgetRemote()
        guard let route = self.route, let key = route.places else {
            return self.answer(.connectFailed(.failed(self.route?.failure ?? "")))
        }
        if isExtra, !self.house.counsel.mayOpenExtra(to: self.facts) { return self.answer(.connectFailed(.backedOff)) }
        self.connections += 1
        let (connection, handle) = (self.connections, self.handle)
        self.dialling = Dialling(connection: connection, isExtra: isExtra)
        let (place, isGranted) = self.house.places.ask(
            key, self.places, on: self.loop,
            wanted: { handle.tell(.placeWanted(connection: connection)) },
            answer: { handle.tell(.place(connection: connection, isGranted: $0)) })
        self.dialling?.place = place
        if isGranted { self.dial() }
    }

    func placeAnswered(_ connection: Int, _ isGranted: Bool) {
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

    func connected(_ leg: Leg) {
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
        if let host = self.route?.addresses.first {
            let loops = self.house.loops
            loops.awaits(host)
            leg.whenHeard = { loops.heard(host) }
        }
        self.remote = leg
        self.remoteSecurity = nil
        self.placeWantedUntil = .distantPast
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
        self.answer(self.profile())
        self.connect(isExtra: dialling.isExtra)
        self.turn()
    }

    func stopDialling() {
        guard let dialling = exchange(&self.dialling, with: nil) else { return }
        dialling.place?.release()
        dialling.leg?.abort()
    }

    /// From now on nothing is heard of the remote connection that stands.
    func forgetRemote() {
        self.stopDialling()
        guard let remote = exchange(&self.remote, with: nil) else { return }
        remote.detach()
        if remote.isOpen { remote.abort() }
    }
}
