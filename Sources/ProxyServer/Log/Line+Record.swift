import Rules
import SMTPSession

extension Line {
    /// The two ends of a session as its lines name them, and the TLS of its remote leg.
    struct Legs {
        var gateway = ""
        var remote = ""
        /// "TLSv1.3"; nil: clear text.
        var tls: String?
    }

    /// A line of a session.
    init(_ record: Record, session: SessionID, _ legs: Legs) {
        let remote = legs.remote
        switch record {
        case .message(let message):
            self.init("message", message, session: session, legs)
        case .recipient(let number, let to, let reply, let outcome):
            self = Line("recipient", session).with("n", number).with("to", .paths([to])).with("reply", reply).with("outcome", outcome.rawValue)
        case .recipientsUnlogged(let number, let count):
            self = Line("recipient", session).with("n", number).with("more", count)
        case .ownReply(let told, let because, let isRoutine):
            self = Line("own-reply", session, isRoutine ? .info : .warn).with("told", told).with("because", because)
        case .ownRepliesUnlogged(let count):
            self = Line("own-reply", session, .warn).with("more", count)
        case .repair(let repair):
            self = Line("repair", session, repair.level).with("quirk", repair.quirk).with("connection", repair.connection).with("remote", remote)
                .with("sent", repair.sent).with("reply", repair.reply).with("action", repair.action).with("outcome", repair.outcome)
                .with("because", repair.because)
        case .quirk(let name, let connection, let did, let because, let isDowngrade):
            self = Line("quirk", session, isDowngrade ? .warn : .info).with("quirk", name).with("connection", connection).with("remote", remote)
                .with("did", did).with("because", because)
        case .greeted(let connection, let host, let reply):
            self = Line("greeted", session).with("connection", connection).with("remote", remote).with("host", host).with("reply", reply)
        case .passthrough(let because):
            self = Line("passthrough", session).with("remote", remote).with("because", because)
        case .secured(let side, let connection, let security):
            self = Line("tls", session).with("side", side == .gateway ? "gateway" : "remote").with("connection", connection).with("remote", remote)
                .with("version", security.version).with("cipher", security.cipher).with("verified", security.doubt ?? "yes")
                .with("resumed", security.isResumed ? "yes" : "no")
            if let weakness = security.weakness { self.add("weakness", weakness) }
        case .insecure(let connection, let because):
            self = Line("tls-failed", session, .warn).with("connection", connection).with("remote", remote).with("because", because)
        case .unsolicited(let connection, let reply):
            self = Line("unsolicited", session).with("connection", connection).with("remote", remote).with("reply", reply)
        case .remoteLost(let connection, let because, let told):
            self = Line("remote-lost", session, .warn).with("connection", connection).with("remote", remote).with("because", because)
                .with("told", told)
        case .connectFailed(let because, let told):
            self = Line("connect-failed", session, .warn).with("remote", remote).with("because", because).with("told", told)
        case .gatewayFault(let because):
            self = Line("gateway-fault", session, .warn).with("because", because)
        case .ended(let messages, let connections, let because, _):
            self = Line("session-ended", session).with("gateway", legs.gateway).with("remote", remote).with("messages", messages)
                .with("connections", connections).with("because", because)
        }
    }

    init(_ event: String, _ session: SessionID, _ level: LogSettings.Level = .info) {
        self.init(event, level)
        self.add("session", session.description)
    }

    private init(_ event: String, _ message: Record.Message, session: SessionID, _ legs: Legs) {
        self.init(event, session, message.outcome == .lost ? .warn : .info)
        self.add("n", message.number)
        self.add("connection", message.connection)
        self.add("outcome", message.outcome.rawValue)
        self.add("from", message.from.hasPrefix("<") ? message.from : "<\(message.from)>")
        if !message.to.isEmpty { self.add("to", .paths(message.to)) }
        if message.recipients > message.to.count { self.add("to-more", message.recipients - message.to.count) }
        self.add("rcpts", .share(message.recipients, refused: message.refusedRecipients))
        self.add("bytes", message.bytes)
        self.add("gateway", legs.gateway)
        self.add("remote", legs.remote)
        self.add("host", message.host)
        self.add("tls", legs.tls ?? "none")
        self.add("reply", message.reply)
        self.add("quirks", message.quirks.joined(separator: ","))
        if let saved = message.saved { self.add("saved", saved.rawValue) }
        self.add("ms", message.milliseconds)
        if !message.told { self.add("told", "no") }
        if message.repairs > 0 { self.add("repairs", message.repairs) }
    }
}

extension Record.Repair {
    /// A repair that failed, and TLS that is weaker than it could be, are for somebody to look at.
    fileprivate var level: LogSettings.Level { self.outcome == "ok" && (self.action == "reset" || self.action == "reconnect") ? .info : .warn }
}
