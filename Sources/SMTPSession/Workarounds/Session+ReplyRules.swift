import QuirkKit
import SMTPWire

/// What the gateway hears in place of a reply of the host's (`reply-rewrite`), by rule. Diagnoses see the reply as it came.
///
/// Only the remote accepts, and only it invites (laws 1 and 4): what is positive or intermediate keeps its code, and a refusal stays one.
extension Session {
    /// The reply as the gateway is to hear it. What is our own is told as it is.
    mutating func rewritten(_ reply: Reply, at place: ReplyRule.Place) -> Reply {
        guard !self.workarounds.replyRules.isEmpty, case .remote = reply.origin else { return reply }
        for part in self.remote.layers.parts {
            for rule in part.workarounds.replyRules {
                guard let told = rule.rewritten(reply, at: place) else { continue }
                guard told.code == reply.code || (told.code >= 400 && reply.code >= 400) else { return reply }
                self.noteRewriting(by: part.quirk, reply, told, at: place)
                return told
            }
        }
        return reply
    }

    private mutating func noteRewriting(by quirk: String, _ reply: Reply, _ told: Reply, at place: ReplyRule.Place) {
        self.use(quirk)
        let did = place == .auth ? "told \(told.code) for \(reply.code) in reply to AUTH" : "told \(told.line) for \(reply.line)"
        self.log(.quirk(name: quirk, connection: self.remote.connection.number, did: did, because: "a rule rewrites this reply"))
    }

    /// After a reply that was told: 421 ends the gateway's session. A host that said 421, where a rule made another code of it, is gone all the same: its
    /// connection ends, what is left of the transaction hears 451, and the next `MAIL` gets another.
    mutating func lastWords(_ told: Reply, for said: Reply) {
        guard told.code != 421 else { return self.lastWords(told) }
        guard said.code == 421, self.remote.connection.state == .ready else { return }
        self.hungUp(because: "the remote said \(said.line)")
    }
}
