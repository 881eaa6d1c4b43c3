import SMTPSession

extension Line {
    /// A line of a session. `remote` as it is logged.
    init(_ record: Record, session: SessionID, remote: String) {
        switch record {
        case .message(let message):
            self.init("message", message, session: session, remote: remote)
        case .repair(let repair):
            self = Line("repair", session).with("quirk", repair.quirk).with("connection", repair.connection).with("remote", remote)
                .with("sent", repair.sent).with("reply", repair.reply).with("action", repair.action).with("outcome", repair.outcome)
                .with("because", repair.because)
        case .quirk(let name, let connection, let did, let because):
            self = Line("quirk", session).with("quirk", name).with("connection", connection).with("remote", remote)
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
            self = Line("tls-failed", session).with("connection", connection).with("remote", remote).with("because", because)
        case .unsolicited(let connection, let reply):
            self = Line("unsolicited", session).with("connection", connection).with("remote", remote).with("reply", reply)
        case .remoteLost(let connection, let because, let told):
            self = Line("remote-lost", session).with("connection", connection).with("remote", remote).with("because", because).with("told", told)
        case .connectFailed(let because, let told):
            self = Line("connect-failed", session).with("remote", remote).with("because", because).with("told", told)
        case .gatewayFault(let because):
            self = Line("gateway-fault", session).with("because", because)
        case .ended(let messages, let connections, let because):
            self = Line("session-ended", session).with("messages", messages).with("connections", connections).with("because", because)
        }
    }

    init(_ event: String, _ session: SessionID) {
        self.init(event)
        self.add("session", session.description)
    }

    private init(_ event: String, _ message: Record.Message, session: SessionID, remote: String) {
        self.init(event, session)
        self.add("n", message.number)
        self.add("connection", message.connection)
        self.add("from", message.from.hasPrefix("<") ? message.from : "<\(message.from)>")
        self.add("rcpts", message.recipients)
        self.add("bytes", message.bytes)
        self.add("remote", remote)
        self.add("host", message.host)
        self.add("reply", message.reply)
        self.add("quirks", message.quirks.joined(separator: ","))
        self.add("ms", message.milliseconds)
        if !message.told { self.add("told", "no") }
        if message.repairs > 0 { self.add("repairs", message.repairs) }
    }
}
