import QuirkKit
import SMTPWire

/// The remote host: what is known and assumed of it, and the connection to it. Replaced whole where another is chosen.
struct Remote: Sendable {
    var name = "the remote"
    var route = Route.known
    var profile = Profile()
    var layers = Layers()
    /// How far down opportunistic TLS has fallen back in this session: extra connections stay where the first is.
    var fallback = TLSFallback.modern
    /// The quirk on whose word it has.
    var fallbackQuirk: String?
    /// The TLS of the connection that stands, or stood last: the one that replaces it may not have less (law 7).
    var minimumSecurity: Security?
    /// Why there is no TLS where there must be: every message of this session hears it.
    var tlsFailure: String?
    var probe = Probe.unasked
    /// What it did well in this session.
    var shownAbilities: Set<Ability> = []
    /// What a refusal is taken for that could not be repaired: found out for good when the next message passes.
    var suspicion: Cause?
    /// Why the next connection is an extra one, where the last did not end in the normal way.
    var dueCause: Cause?
    /// A refusal of more than the last connection, which came while the gateway waited for nothing: its next `MAIL` hears it.
    var dueRefusal: Reply?
    /// The quirk that ended the last connection after a completed message: to be named with the next.
    var spentQuirk: String?
    var connection = Connection()
    /// Octets of it wait that came before all that is done now.
    var saysMore = false
    /// Among them are more replies than a group has commands.
    var saysTooMuch = false

    /// Whether to do without a learned quirk on this connection, to see if it is still needed.
    enum Probe: Hashable, Sendable {
        case unasked
        case asking(quirk: String)
        case denied
        /// On this connection, for these quirks.
        case running(quirk: String, connection: Int)
    }

    /// Where the remote comes from.
    enum Route: Hashable, Sendable {
        case known
        /// It is chosen at the first RCPT of a transaction.
        case atRecipient
        /// The answer to `.route` is awaited.
        case asking
    }

    /// Whether the shell was asked which remote it is, or for leave to probe.
    @inline(__always)
    var isAsking: Bool {
        if case .asking = self.probe { return true }
        return self.route == .asking
    }

    /// Another host: nothing that was found out of this one is known of it.
    func replaced(by name: String) -> Remote {
        var other = Remote()
        other.name = name
        other.route = self.route
        other.profile = self.profile
        other.layers.update(known: self.profile.layers, ignored: self.profile.ignored)
        // Numbers go on, and the connection that stands is still to be closed.
        other.connection = self.connection
        other.saysMore = self.saysMore
        return other
    }
}
