import SMTPWire

/// The gateway closes its half, or is gone (law 2).
extension Session {
    mutating func gatewayEnded() {
        guard self.gateway.presence == .speaking else { return }
        self.gateway.presence = .listening
        self.leaveContent()
    }

    mutating func gatewayClosed() {
        self.gateway.presence = .gone
        switch self.gateway.phase {
        case .relaying:
            self.gateway.phase = .ending(because: "closed", by: .gateway)
            self.remote.connection.enter(.none, at: self.now)
        case .final, .ending, .over: break
        case .holdingEnd:
            // The end was not written, and is not any more: nobody would hear what becomes of the message.
            self.abandonEnd(answer: self.lost("the gateway left"))
            self.finish(because: "the gateway closed", by: .gateway)
        case .waiting, .opening, .commands, .startingTLS, .securing, .authenticating: self.finish(because: "the gateway closed", by: .gateway)
        case .data, .chunk: self.leaveContent()
        }
    }

    /// Law 2: the gateway left before its own end of data, so no end is written to the remote.
    private mutating func leaveContent() {
        switch self.gateway.phase {
        case .data, .chunk:
            self.log(.gatewayFault(because: "it left in the middle of its mail data"))
            self.abandonContent(answer: self.lost("the gateway left"))
            self.refuseTransaction(self.lost("the gateway left in the middle of its mail data"))
            if let transaction = exchange(&self.transaction, with: nil) { self.conclude(transaction, told: false) }
            self.finish(because: "the gateway left in the middle of its mail data", by: .gateway)
        case .waiting, .opening, .commands, .startingTLS, .securing, .authenticating, .holdingEnd, .final, .relaying, .ending, .over: break
        }
    }
}
