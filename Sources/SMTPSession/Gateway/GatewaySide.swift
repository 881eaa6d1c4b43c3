import NIOCore
import SMTPWire

/// What the gateway has said and seen in this session.
struct GatewaySide: Sendable {
    var phase = Phase.waiting
    var unanswered = UnansweredCommands()
    /// Its EHLO or HELO that was accepted: sent again, octet for octet, on extra connections.
    var hello: Command?
    /// That came before its TLS: another has to come first (RFC 3207 §4.2).
    var mustSayHello = false
    /// Whether the remote offers TLS, whether it works or not.
    var offersTLS = false
    /// What the first connection offered, over TLS where there is TLS.
    var offered: Keywords?
    var terms = GatewayTerms()
    /// The TLS that stands on its leg after its STARTTLS.
    var security: Security?
    /// Its AUTH that was accepted.
    var credentials: Authentication?
    /// What it saw of EHLO, first and for good (docs/design.md: "what the gateway sees of EHLO stays what it saw first").
    var shown: Keywords?
    /// When it was last heard, or last told something: what `idle` and `content` count from.
    var lastHeard = NIODeadline.uptimeNanoseconds(0)
    var presence = Presence.speaking
    /// It did not wait for a reply where it had to, which is so for the rest of the session (law 8).
    var isAhead = false
    /// What is read now came behind a command that was not answered yet, though no PIPELINING was offered.
    var isGrouping = false
    /// The last command was DATA, and was refused.
    var followsRefusedData = false
    /// Commands in a row that were the gateway's own fault.
    var faults = 0
    /// It said QUIT: it says nothing more (RFC 5321 §4.1.1.10).
    var hasQuit = false
    /// Recipient domains whose rules were asked for.
    var seenDomains: Set<String> = []
    /// Octets of it wait that came before all that is done now.
    var saysMore = false
    /// A graceful stop: it hears 421 at the next message boundary.
    var mustClose = false

    enum Presence: Hashable, Sendable {
        case speaking
        /// It closed its sending half and still listens.
        case listening
        /// The connection is gone.
        case gone
    }
}
