import QuirkKit
import SMTPWire

/// What the gateway said in view of the first connection's EHLO, or of Mailshim's own where the remote was not known yet, for a connection that may offer less
/// (pools of unlike hosts).
extension Session {
    /// What is sent for a command of the gateway on the connection that stands: adapted to what is offered there, then the workarounds. Nil where the
    /// same cannot be said there, which is a 451.
    func wording(of command: Command) -> Command? {
        guard let adapted = self.adapted(command) else { return nil }
        return self.rewordings(of: adapted).last?.command ?? adapted
    }

    private func adapted(_ command: Command) -> Command? {
        // Where EHLO was refused over TLS nothing is offered.
        let offers = self.remote.connection.keywords ?? (self.remote.connection.helloRefusal == nil ? nil : Keywords(Reply(250, "")))
        let unused = self.remote.connection.unused
        guard let shown = self.gateway.shown, let offered = offers,
            self.remote.connection.number > 1 || self.remote.route != .known || !unused.isEmpty
        else { return command }
        let parameters: [Parameter]
        switch command.body {
        case .mail(let mail): parameters = mail.parameters
        case .rcpt(let recipient): parameters = recipient.parameters
        default: return command
        }
        var dropped: Set<String> = []
        for parameter in parameters {
            let keyword = parameter.neededKeyword
            guard shown.contains(keyword), !offered.contains(keyword) || unused.contains(keyword) else { continue }
            let isLossless = parameter.mayBeDropped || (unused.contains(keyword) && parameter.isDispensable(where: nil))
            guard isLossless else { return nil }
            dropped.insert(parameter.keyword)
        }
        guard !dropped.isEmpty else { return command }
        switch command.body {
        case .mail(let mail): return mail.without(dropped).command
        case .rcpt(let recipient): return recipient.without(dropped).command
        default: return command
        }
    }
}

extension Parameter {
    /// The EHLO keyword that makes it known. RFC 1870, 6152, 3030, 6531, 3461, 2852, 4865, 6710, 8689, 4954.
    fileprivate var neededKeyword: String {
        switch self.keyword {
        case "BODY": self.value?.uppercased() == "BINARYMIME" ? "BINARYMIME" : "8BITMIME"
        case "RET", "ENVID", "NOTIFY", "ORCPT": "DSN"
        case "BY": "DELIVERBY"
        case "HOLDFOR", "HOLDUNTIL": "FUTURERELEASE"
        default: self.keyword
        }
    }

    /// Whether the message is the same without it.
    fileprivate var mayBeDropped: Bool {
        self.keyword == "SIZE" || (self.keyword == "BODY" && self.value?.uppercased() == "7BIT")
    }
}

extension Keywords {
    /// What Mailshim understands well enough to show (issue: everything else, `X…` and private ones above all, is hidden unless a rule shows it).
    private static let known: Set<String> = [
        "PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES", "CHUNKING", "BINARYMIME", "DELIVERBY", "FUTURERELEASE",
        "MT-PRIORITY", "STARTTLS", "HELP", "VRFY", "EXPN",
    ]

    /// What the gateway is shown. RFC 9422 LIMITS loses MAILMAX, which is obeyed here; its other limits are the gateway's to keep.
    static func shown(_ keyword: Keyword, with names: Set<String>) -> Keyword? {
        if keyword.name == "LIMITS" {
            let rest = keyword.arguments.filter { !$0.uppercased().hasPrefix("MAILMAX=") }
            return rest.isEmpty ? nil : Keyword("LIMITS", rest)
        }
        return self.known.contains(keyword.name) || names.contains(keyword.name) ? keyword : nil
    }
}
