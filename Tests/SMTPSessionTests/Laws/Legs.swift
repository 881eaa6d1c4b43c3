import SMTPSession

/// How far a leg is with TLS.
enum LegTLS: Hashable {
    case clear
    /// The handshake was begun.
    case asked
    case stands(Security)
    case failed

    var stands: Bool { if case .stands = self { true } else { false } }
}

/// The gateway's connection, as the shell has it.
struct GatewayLeg {
    var actor: GatewayActor
    /// What it said and heard, at Mailshim's end of the wire.
    var witness = Witness()
    /// Said, and not arrived yet.
    var unsent: [UInt8] = []
    /// So many octets were said in all.
    var said = 0
    /// It says no more; the engine is told when what it said has arrived.
    var hasEnded = false
    var isEndTold = false
    /// Mailshim closed its half.
    var isClosed = false
    /// Neither hears the other any more.
    var isGone = false
    /// The last reply told it that the session is over.
    var isDismissed = false
    /// Of a reply whose end has not been written.
    var heard: [UInt8] = []
    var tls = LegTLS.clear

    init(plan: GatewayPlan) { self.actor = GatewayActor(plan: plan) }
}

/// A connection to the remote, as the shell has it.
struct RemoteLeg {
    struct Pending {
        let emission: Host.Emission
        let octets: [UInt8]
        var sent = 0
    }

    var host: Host
    var watch = Watch()
    /// Written by Mailshim and not yet read by the host.
    var unread: [UInt8] = []
    /// Said by the host and not arrived yet.
    var pending: [Pending] = []
    /// The host's half is closed, and the engine knows.
    var hasEnded = false
    /// The TLS that was asked for.
    var isLegacy = false
    /// Mailshim closed its half, or dropped it.
    var isClosed = false
    var isGone = false

    init(host: Host) { self.host = host }

    /// It was asked for TLS, and there is none.
    var hasFailedTLS: Bool {
        if self.watch.tls == .failed || (self.watch.tls == .asked && (self.isClosed || self.hasEnded)) { return true }
        return !self.watch.tls.stands && self.watch.witness.exchanges.contains { $0.verb == "STARTTLS" }
    }

    mutating func say(_ emissions: [Host.Emission]) { self.pending += emissions.map { Pending(emission: $0, octets: $0.octets) } }
}

/// A reply of a host, as it arrived.
struct ReplySource {
    /// The connection's place among `World.remotes`.
    let remote: Int
    let code: Int
    let text: String
    /// What it answered, as far as Mailshim can know; nil: nothing.
    let exchange: Witness.Exchange?
    /// It came in the middle of content.
    let isEarly: Bool
    /// `MAIL` commands written on that connection by then.
    let mails: Int
}

extension Host.Emission {
    var octets: [UInt8] {
        switch self {
        case .reply(let code, let text):
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            return lines.enumerated().flatMap { [UInt8]("\(code)\($0.offset == lines.count - 1 ? " " : "-")\($0.element)\r\n") }
        case .junk(let octets): return octets
        case .end, .reset: return []
        }
    }
}
