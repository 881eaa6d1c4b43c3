import SMTPSession

extension Trace {
    /// A line of the log is written where it is of interest; a repair always (law 10).
    init(_ record: Record) {
        func field(_ key: String, _ value: some CustomStringConvertible) -> Field { Field(key: key, value: value.description) }
        switch record {
        case .message(let message):
            self.init(
                "log message",
                [
                    field("n", message.number), field("connection", message.connection), field("outcome", message.outcome.rawValue),
                    field("from", message.from), field("to", message.to.joined(separator: ",")), field("rcpts", message.recipients),
                    field("refused", message.refusedRecipients), field("bytes", message.bytes), field("host", message.host),
                    field("reply", message.reply), field("quirks", message.quirks.joined(separator: ",")), field("ms", message.milliseconds),
                    field("told", message.told ? "yes" : "no"), field("repairs", message.repairs),
                ], isDemanded: false)
        case .recipient(let number, let to, let reply, let outcome):
            self.init(
                "log recipient", [field("n", number), field("to", to), field("reply", reply), field("outcome", outcome.rawValue)], isDemanded: false)
        case .recipientsUnlogged(let number, let count):
            self.init("log recipients-unlogged", [field("n", number), field("count", count)], isDemanded: false)
        case .ownReply(let told, let because, let isRoutine):
            self.init(
                "log own-reply", [field("told", told), field("because", because), field("routine", isRoutine ? "yes" : "no")], isDemanded: false)
        case .ownRepliesUnlogged(let count): self.init("log own-replies-unlogged", [field("count", count)], isDemanded: false)
        case .repair(let repair):
            self.init(
                "log repair",
                [
                    Field(key: "quirk", value: repair.quirk, isDemanded: true), field("connection", repair.connection),
                    field("sent", repair.sent), field("reply", repair.reply), field("action", repair.action),
                    Field(key: "outcome", value: repair.outcome, isDemanded: true), field("because", repair.because),
                ], isDemanded: true)
        case .quirk(let name, let connection, let did, let because, let isDowngrade):
            self.init(
                "log quirk",
                [
                    field("quirk", name), field("connection", connection), field("did", did), field("because", because),
                    field("downgrade", isDowngrade ? "yes" : "no"),
                ], isDemanded: false)
        case .greeted(let connection, let host, let reply):
            self.init("log greeted", [field("connection", connection), field("host", host), field("reply", reply)], isDemanded: false)
        case .passthrough(let because): self.init("log passthrough", [field("because", because)], isDemanded: false)
        case .unsolicited(let connection, let reply):
            self.init("log unsolicited", [field("connection", connection), field("reply", reply)], isDemanded: false)
        case .remoteLost(let connection, let because, let told):
            self.init("log remote-lost", [field("connection", connection), field("because", because), field("told", told)], isDemanded: false)
        case .connectFailed(let because, let told):
            self.init("log connect-failed", [field("because", because), field("told", told)], isDemanded: false)
        case .gatewayFault(let because): self.init("log gateway-fault", [field("because", because)], isDemanded: false)
        case .secured(let side, let connection, let security):
            self.init(
                "log secured",
                [
                    field("side", side == .gateway ? "gateway" : "remote"), field("connection", connection), field("tls", security.version),
                    field("cipher", security.cipher), field("verified", security.doubt ?? "yes"), field("resumed", security.isResumed ? "yes" : "no"),
                ], isDemanded: false)
        case .insecure(let connection, let because):
            self.init("log insecure", [field("connection", connection), field("because", because)], isDemanded: false)
        case .ended(let messages, let connections, let because, _):
            self.init("log ended", [field("messages", messages), field("connections", connections), field("because", because)], isDemanded: false)
        }
    }
}
