import NIOCore

@testable import SMTPSession

/// Law 9, after each event and all that came of it.
extension World {
    func checkBounds() {
        let session = self.dialogue.session
        if self.dialogue.waiting > Dialogue.highWater + 64 * 1024 { self.blame(9, "\(self.dialogue.waiting) octets wait") }
        if session.link.owed.count > Link.groupSize + 2 { self.blame(9, "\(session.link.owed.count) commands are owed") }
        if self.dials > 4 * (self.mailsSaid + 2) { self.blame(9, "\(self.dials) connections for \(self.mailsSaid) MAIL commands") }
        if let repair = session.repair, let deadline = self.dialogue.deadline, deadline > repair.began + session.settings.timeouts.repair {
            self.blame(9, "a repair without a bound")
        }
    }

    private var mailsSaid: Int { self.gateway.witness.exchanges.count { $0.verb == "MAIL" } }
}
