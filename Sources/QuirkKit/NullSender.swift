public import SMTPWire

extension Reply {
    /// Refuses a `MAIL` for its sender: not its place in the session, nor the connection; a policy only where it speaks
    /// of the sender.
    public var mayRefuseSender: Bool {
        guard self.code != 503, self.code != 421, !self.refusesConnection, !self.isQuota else { return false }
        if Words(of: self.text).contain(anyOf: Vocabulary.senders) { return true }
        return self.enhanced?.subject != 7 && !self.isPolicy
    }
}
