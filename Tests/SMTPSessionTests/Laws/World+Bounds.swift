import NIOCore

@testable import SMTPSession

/// Law 9, after each event and all that came of it.
extension World {
    func checkBounds() {
        let session = self.codec.session
        if self.codec.waiting > SessionCodec.highWater + 64 * 1024 { self.blame(9, "\(self.codec.waiting) octets wait") }
        if session.remote.connection.flight.count > Flight.limit + 2 {
            self.blame(9, "\(session.remote.connection.flight.count) commands are owed")
        }
        if self.dials > 4 * (self.mailsSaid + 2) { self.blame(9, "\(self.dials) connections for \(self.mailsSaid) MAIL commands") }
        if let began = session.firstHello?.ownWorkBegan, self.codec.deadline.map({ $0 > began + session.settings.timeouts.repair }) ?? true {
            self.blame(9, "work of our own behind EHLO, without a bound")
        }
        if self.isSecuringOrAuthenticating, self.codec.deadline == nil { self.blame(9, "TLS or AUTH is under way, and nothing bounds it") }
        if let repair = session.rescue, let deadline = self.codec.deadline, deadline > repair.began + session.settings.timeouts.repair {
            self.blame(9, "a repair without a bound")
        }
    }

    private var isSecuringOrAuthenticating: Bool {
        if self.gateway.tls == .asked, !self.gateway.isClosed { return true }
        if !self.gateway.isGone, !self.gateway.isClosed, self.gateway.witness.mode == .response { return true }
        guard let current, !self.remotes[current].isClosed, !self.remotes[current].hasEnded else { return false }
        let owed = self.remotes[current].watch.witness.owed.first?.verb
        return self.remotes[current].watch.tls == .asked || ["EHLO", "STARTTLS", "AUTH", "response"].contains(owed)
    }

    private var mailsSaid: Int { self.gateway.witness.exchanges.count { $0.verb == "MAIL" } }
}
