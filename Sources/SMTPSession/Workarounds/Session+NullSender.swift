import QuirkKit
import SMTPWire

/// `null-sender`: another sender for a host that refused `MAIL FROM:<>`, of this transaction alone.
extension Session {
    /// Nil before the host refused the null sender.
    func withSender(_ command: Command) -> Rewording? {
        guard let sender = self.senderForNull, case .mail(let mail) = command.body, mail.reversePath.isEmpty,
            let quirk = self.remote.layers.quirk(behind: \.nullSender)
        else { return nil }
        let worded = Mail(reversePath: sender, parameters: mail.parameters).command
        // An address that makes no line of it is none.
        if case .malformed = worded.body { return nil }
        return Rewording(quirk: quirk, did: "said \(worded.text) for \(command.text)", command: worded)
    }

    /// A repair begins: where it is about the null sender, the envelope is said with the other from now on.
    mutating func replaceNullSender(because cause: Cause) {
        guard cause.entry == 0, let quirk = cause.quirk, case .reply(let refusal) = cause.answer,
            self.remote.layers.parts.contains(where: { $0.quirk == quirk && $0.workarounds.nullSender != nil }),
            let mail = self.transaction?.envelope[0].command, self.transaction?.sender == ""
        else { return }
        self.transaction?.nullSenderRefusal = refusal
        guard let rewording = self.withSender(mail) else { return }
        self.note(.used(quirk: quirk))
        self.log(
            .quirk(name: quirk, connection: self.remote.connection.number, did: rewording.did, because: cause.because))
    }

    /// What a recipient hears that would get its own mail back as a bounce, for ever: the refusal of the null sender,
    /// which it would have heard without us.
    func loopRefusal(of recipient: Recipient) -> Reply? {
        guard let sender = self.senderForNull, let refusal = self.transaction?.nullSenderRefusal,
            recipient.forwardPath.unquoted == sender.unquoted
        else { return nil }
        return refusal
    }

    func loopRefusal(of entry: Envelope.Entry) -> Reply? {
        if case .rcpt(let recipient) = entry.command.body { self.loopRefusal(of: recipient) } else { nil }
    }

    private var senderForNull: String? {
        self.transaction?.nullSenderRefusal == nil ? nil : self.workarounds.nullSender
    }
}

extension String {
    /// Alike enough for a loop: in lower case, without quotation marks and a source route.
    fileprivate var unquoted: String {
        let path =
            self.first == "@"
            ? self[(self.firstIndex(of: ":").map(self.index(after:)) ?? self.startIndex)...] : self[...]
        return path.lowercased().filter { $0 != "\"" && $0 != "\\" }
    }
}
