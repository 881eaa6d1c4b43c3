import QuirkKit
import SMTPWire

/// What workarounds make of a `MAIL` or `RCPT` of the gateway, one after the other.
extension Session {
    /// One workaround at one command.
    struct Rewording {
        let quirk: String
        /// For the log.
        let did: String
        let command: Command
    }

    /// In the order in which they are made; the last has the command as it is sent. Empty where it stays as it is.
    func rewordings(of command: Command) -> [Rewording] {
        guard self.workarounds.rewordsEnvelope else { return [] }
        var rewordings: [Rewording] = []
        var command = command
        for change in [self.withoutParameters, self.withSender, self.inStrictSyntax] {
            guard let rewording = change(command) else { continue }
            rewordings.append(rewording)
            command = rewording.command
        }
        return rewordings
    }

    /// A quirk whose workaround changes the command and that is to be asked about first.
    func probeDue(at command: Command) -> String? {
        self.rewordings(of: command).first { self.mustAskProbe($0.quirk) }?.quirk
    }

    /// Said once a transaction.
    mutating func noteRewordings(of command: Command) {
        for rewording in self.rewordings(of: command) where self.transaction?.quirks.contains(rewording.quirk) == false
        {
            self.use(rewording.quirk)
            self.log(
                .quirk(
                    name: rewording.quirk, connection: self.remote.connection.number, did: rewording.did,
                    because: "known of this host"))
        }
    }

    /// `plain-parameters`
    private func withoutParameters(_ command: Command) -> Rewording? {
        let names = self.workarounds.droppedParameters
        let dropped = command.parameters.filter {
            names.contains($0.keyword) && $0.isDispensable(where: self.remote.connection.keywords)
        }.map(\.keyword)
        guard !dropped.isEmpty, let quirk = self.remote.layers.quirk(behind: \.droppedParameters) else { return nil }
        return Rewording(
            quirk: quirk, did: "left out \(dropped.joined(separator: ", "))",
            command: command.without(names, where: self.remote.connection.keywords))
    }

    /// `strict-syntax`
    private func inStrictSyntax(_ command: Command) -> Rewording? {
        guard self.workarounds.strictSyntax, let quirk = self.remote.layers.quirk(behind: \.strictSyntax) else {
            return nil
        }
        let strict = command.strict
        return strict == command ? nil : Rewording(quirk: quirk, did: "said \(strict.text)", command: strict)
    }
}

extension Workarounds {
    /// Whether any `MAIL` or `RCPT` may be said otherwise.
    fileprivate var rewordsEnvelope: Bool {
        self.strictSyntax || self.nullSender != nil || !self.droppedParameters.isEmpty
    }
}
