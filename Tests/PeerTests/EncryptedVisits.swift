import OddHost

/// TLS of a host's visits, as the host saw it and as Mailshim's log tells it.
struct EncryptedVisits: CustomStringConvertible {
    /// Visits on which something was said, but no TLS stood.
    let inClear: Int
    let visits: Int
    let resumed: Int
    /// Handshakes of connections that Mailshim made for a session besides its first.
    let extra: Int
    let extraResumed: Int
    /// `event=message` lines.
    let messages: [Substring]

    init(_ host: OddHost, _ shim: Shim) {
        self.visits = host.visits.count
        self.inClear = host.visits.count { $0.handshake == nil }
        self.resumed = host.visits.count { $0.handshake?.isResumed == true }
        let lines = shim.log.split(separator: "\n")
        self.messages = lines.filter { $0.contains(" event=message ") }
        let extra = lines.filter { $0.contains(" event=tls ") && $0.contains(" side=remote ") && !$0.contains(" connection=1 ") }
        self.extra = extra.count
        self.extraResumed = extra.count { $0.hasSuffix(" resumed=yes") }
    }

    var description: String {
        "\(self.messages.count) messages on \(self.visits) connections (\(self.inClear) in clear text, \(self.resumed) resumed; of \(self.extra) extra ones \(self.extraResumed))"
    }
}
