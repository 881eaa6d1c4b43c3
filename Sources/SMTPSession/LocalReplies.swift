import QuirkKit
import SMTPWire

/// Every reply that is Mailshim's own, in one place: state → code, enhanced code (RFC 3463), words.
extension Session {
    var helloName: String { self.settings.hostname }

    func unreachable(_ why: String) -> Reply { Reply(421, "4.4.1 \(self.helloName) cannot reach \(self.remote.name): \(why)", because: why) }
    func lost(_ why: String) -> Reply { Reply(451, "4.4.2 \(self.helloName) lost \(self.remote.name): \(why)", because: why) }
    func noExtraConnection(_ why: String) -> Reply {
        Reply(421, "4.4.1 \(self.helloName) closing: \(self.remote.name) takes no further connection now: \(why)", because: why)
    }
    func unrepaired(_ why: String) -> Reply {
        Reply(451, "4.4.0 \(self.helloName) could not repair the session with \(self.remote.name): \(why)", because: why)
    }
    func cannotExpress(_ what: String) -> Reply {
        Reply(451, "4.7.0 \(self.remote.name) does not offer what this needs on its new connection: \(what)")
    }
    var noPlace: Reply { Reply(451, "4.3.2 no free connection to \(self.remote.name)") }
    var noPlaceAtGreeting: Reply { Reply(421, "4.3.2 \(self.helloName) no free connection to \(self.remote.name)") }
    var idle: Reply { Reply(421, "4.4.2 \(self.helloName) closing: idle for too long") }
    var contentTimedOut: Reply { Reply(421, "4.4.2 \(self.helloName) closing: mail data stalled") }
    var tooSlow: Reply { Reply(451, "4.4.2 \(self.helloName) gave up: mail data came too slowly while others wait for \(self.remote.name)") }
    var stopped: Reply { Reply(421, "4.3.2 \(self.helloName) closing: shutting down") }
    var stoppedUnanswered: Reply {
        Reply(421, "4.3.2 \(self.helloName) closing: shutting down, and \(self.remote.name) has not answered the mail data")
    }
    var bye: Reply { Reply(221, "2.0.0 \(self.helloName) closing connection") }
    var ok: Reply { Reply(250, "2.0.0 Ok") }
    var ourselves: Reply { Reply(mailshimAt: self.helloName) }
    var chunkRefused: Reply { Reply(503, "5.5.1 a chunk of this message was refused before") }
    var needHello: Reply { Reply(503, "5.5.1 send EHLO first") }
    var betweenChunks: Reply { Reply(503, "5.5.1 BDAT LAST or RSET first") }
    var needMail: Reply { Reply(503, "5.5.1 need MAIL command first") }
    var noRecipients: Reply { Reply(554, "5.5.1 no valid recipients") }
    var otherDomain: Reply { Reply(452, "4.5.3 one recipient domain per transaction: try this recipient in another") }
    /// The host's limit (`recipient-limit`), told as RFC 5321 §4.5.3.1.10 has it.
    var tooManyRecipientsHere: Reply { Reply(452, "4.5.3 too many recipients for \(self.remote.name): try the rest in another transaction") }
    var tooManyRecipients: Reply { Reply(452, "4.5.3 too many recipients") }
    var tooManyDomains: Reply { Reply(452, "4.5.3 too many recipient domains in this session") }
    var newSessionNeeded: Reply { Reply(421, "4.7.0 \(self.helloName) closing: a new session is needed, please reconnect") }
    var encryptedAlready: Reply { Reply(503, "5.5.1 TLS is active already") }
    var notNowInSequence: Reply { Reply(503, "5.5.1 not now: within a transaction, or after AUTH") }
    /// RFC 8689 §4.2.1: it holds only where it was offered, over TLS.
    var requireTLSNotOffered: Reply { Reply(555, "5.5.4 REQUIRETLS is not offered here") }
    func notAuthenticated(_ why: String) -> Reply { Reply(454, "4.7.0 \(self.remote.name) is gone: \(why)", because: why) }
    var tooManyChunks: Reply { Reply(552, "5.3.4 too many BDAT chunks") }
    /// Who did not wait hears this (law 8).
    var outOfTurn: Reply { Reply(421, "4.5.0 \(self.helloName) closing: you did not wait for a reply, and what follows may be mail data") }
    var notSMTP: Reply { Reply(421, "4.5.0 \(self.helloName) closing: that is not SMTP") }
    var tooManyFaults: Reply { Reply(421, "4.7.0 \(self.helloName) closing: too many errors") }
    var notRecognized: Reply { Reply(500, "5.5.1 command not recognized") }
    var notImplemented: Reply { Reply(502, "5.5.1 command not implemented") }
    var notNow: Reply { Reply(451, "4.4.2 not connected to \(self.remote.name) now; the next MAIL connects again") }
    var cannotVerify: Reply { Reply(252, "2.0.0 cannot verify now, but will take mail and try") }
    func noTrustedTLS(_ why: String) -> Reply {
        Reply(421, "4.7.5 \(self.helloName) closing: no trusted TLS with \(self.remote.name): \(why)", because: why)
    }
    func cannotSecure(_ why: String) -> Reply { Reply(451, "4.7.5 no trusted TLS with \(self.remote.name): \(why)", because: why) }
    /// To whom demands TLS, on a connection in clear text.
    var withoutTLS: Reply {
        if self.remote.profile.tls.level == .off { return Reply(451, "4.7.4 TLS with \(self.remote.name) is switched off, and required here") }
        if self.remote.fallback == .clear { return self.cannotSecure("its STARTTLS does not work") }
        return Reply(451, "4.7.4 \(self.remote.name) offers no TLS, which is required")
    }
    var noTLS: Reply { Reply(454, "4.7.0 TLS not available now") }
    var injection: Reply { Reply(554, "5.5.1 \(self.helloName) closing: no commands allowed behind STARTTLS (RFC 3207)") }
    var lineEnds: Reply { Reply(550, "5.6.11 mail data has a bare CR, a bare LF or a NUL") }
    var early: String { "the remote answered before the end of the mail data" }
    func chunkTaken(_ octets: Int) -> Reply { Reply(250, "2.0.0 \(octets) octets received") }
}
