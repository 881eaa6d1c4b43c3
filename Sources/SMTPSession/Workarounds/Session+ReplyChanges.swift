import QuirkKit
import SMTPWire

/// What the gateway hears otherwise than the host said it (`soft-greeting`, `one-line-replies`), by rule.
extension Session {
    /// RFC 7504: 521 and 556 say that there is no mail here, for good.
    private static let final: Set<Int> = [521, 556]
    /// Octets of a line with its code and CRLF (RFC 5321 §4.5.3.1.5).
    private static let line = 512

    /// The first connection's greeting, as the gateway hears it.
    mutating func softened(greeting: Reply) -> Reply {
        guard greeting.isPermanent, !Self.final.contains(greeting.code), let quirk = self.quirk(changing: .softensGreeting)
        else { return greeting }
        let told = Reply(
            421, "4.3.2 \(self.remote.name) says \(greeting.line)", because: "a greeting of 5xx is for now with this host")
        self.noteChange(by: quirk, did: "told 421 for \(greeting.line)")
        return told
    }

    /// Any reply to the gateway. The list that answers EHLO is 250, and stays one.
    mutating func inOneLine(_ reply: Reply) -> Reply {
        guard reply.code == 220 || reply.code == 354, !self.workarounds.replies.isEmpty, reply.lines.count > 1,
            let quirk = self.quirk(changing: .joinsLines)
        else { return reply }
        let text = String(decoding: reply.text.utf8.prefix(Self.line - 6), as: UTF8.self)
        self.noteChange(by: quirk, did: "told \(reply.code) in one line instead of \(reply.lines.count)")
        return Reply(reply.code, text).ofRemote
    }

    private func quirk(changing change: ReplyChange) -> String? {
        self.remote.layers.parts.first { $0.workarounds.replies.contains(change) }?.quirk
    }

    private mutating func noteChange(by quirk: String, did: String) {
        self.use(quirk)
        self.log(
            .quirk(name: quirk, connection: self.remote.connection.number, did: did, because: "known of this host"))
    }
}
