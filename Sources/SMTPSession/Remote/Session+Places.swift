import SMTPWire

/// Another session waits for this one's place at the remote (`connections`).
extension Session {
    /// An idle session gives it away, and connects again at its next `MAIL`; one whose content comes too slowly loses it.
    mutating func placeWanted() {
        if self.isContentSlow { self.endSlowContent() } else { self.giveWay() }
    }

    private mutating func giveWay() {
        guard case .commands = self.gateway.phase, self.gateway.hello != nil, self.isBetweenMessages, self.waiting == nil, self.rescue == nil,
            self.remote.connection.state == .ready,
            self.remote.connection.flight.isEmpty
        else { return }
        self.retire()
    }

    private var isContentSlow: Bool {
        guard let transaction = self.transaction, transaction.contentBegan, self.remote.connection.state == .ready else { return false }
        return transaction.pace.isSlow(octets: transaction.octets, at: self.now)
    }

    /// As with an early reply no end is written to the remote, and the gateway hears why at its own end.
    private mutating func endSlowContent() {
        switch self.gateway.phase {
        case .data(.toRemote): break
        case .chunk(let transfer): guard case .toRemote = transfer.sending else { return }
        // Between two chunks; but what the remote still has to say of the last comes first (law 3).
        case .commands: guard self.waiting == nil, !self.remote.connection.flight.owesGateway else { return }
        case .data(.nowhere), .waiting, .opening, .startingTLS, .securing, .authenticating, .holdingEnd, .final, .relaying, .ending, .over: return
        }
        self.log(.gatewayFault(because: "mail data slower than \(Pace.octetsPerSecond) octets a second, and another session waits for the remote"))
        self.abandonContent(answer: self.tooSlow)
        guard case .commands = self.gateway.phase else { return }
        self.transaction?.converter = nil
        self.failTransaction(self.tooSlow)
    }
}
