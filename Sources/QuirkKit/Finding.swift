/// What a repair found out about a remote. It becomes a learned quirk when the repair succeeds often enough.
public struct Finding: Hashable, Sendable {
    public let quirk: QuirkSetting
    /// The command that was answered so, as it was sent; no secret is ever in it.
    public let sent: String
    /// The reply, verbatim, or "(closed)" where the connection was closed instead.
    public let reply: String
    /// The quirk's own rules of proof and ending.
    public let counting: Counting

    /// The sender that it was found with: found again with the same one it is not counted again. Nil: each time counts.
    public let sender: String?

    public init(quirk: QuirkSetting, sent: String, reply: String, counting: Counting, sender: String? = nil) {
        self.sender = sender
        self.quirk = quirk
        self.sent = sent
        self.reply = reply
        self.counting = counting
    }

    /// The same, found with this sender.
    public func with(sender: String?) -> Finding {
        Finding(quirk: self.quirk, sent: self.sent, reply: self.reply, counting: self.counting, sender: sender)
    }
}
