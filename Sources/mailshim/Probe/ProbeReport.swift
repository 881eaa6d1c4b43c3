import AdminProtocol
import LearnedQuirks
import OpenSSLTLS
import QuirkKit
import Rules
import SMTPWire

/// What a probe found. It claims only what the exchanges show.
struct ProbeReport {
    /// As it was asked for.
    let target: SocketEndpoint
    /// The address that answered; "" where none did.
    var address = ""
    /// Whether the host greeted us.
    var isProbed = false
    var findings: [ProbeFinding] = []
    var tls: TLSFacts?
    /// Messages that the host accepted.
    var messages = 0
    var connections = 0
    /// The name of the Mailshim that answered in the host's place: nothing was probed.
    var mailshim: String?

    init(_ target: SocketEndpoint) { self.target = target }

    /// The latest word on each quirk, in the order in which they were found.
    var quirks: [ProbedQuirk] {
        var latest: [ProbedQuirk] = []
        for quirk in self.findings.compactMap(\.quirk) {
            latest.removeAll { $0.setting.name == quirk.setting.name }
            latest.append(quirk)
        }
        return latest
    }

    /// Whether a connection takes so few messages that more `MAIL`s on one would show nothing else.
    var hasLimit: Bool { self.quirks.contains { $0.setting.name == "message-limit" } }

    /// Address and port, as the config and the learned store have them.
    private var remote: String { SocketEndpoint(host: self.address, port: self.target.port).description }

    /// A table that makes Mailshim work around what was found; nil: none is needed.
    var config: String? {
        let now = Moment.now.seconds
        let entries = self.quirks.filter { $0.choice == nil }.map { quirk in
            Learned(
                remote: self.remote, quirk: quirk.setting, origin: .imported, sent: quirk.sent, reply: quirk.reply,
                remark: quirk.isShown ? "mailshim probe" : "mailshim probe, suspected", firstSeen: now, lastSeen: now,
                expires: nil)
        }
        return entries.isEmpty ? nil : LearnedFile.tables(of: entries)
    }

    // MARK: In words

    var text: String {
        var lines = [self.headline, ""] + self.verdict + [""]
        var table = Table("TRIED", "QUIRK", "FOUND")
        for finding in self.findings {
            table.add(finding.name, finding.quirk?.setting.name ?? "-", finding.text, notes: finding.exchange)
        }
        lines.append(table.rendered())
        for quirk in self.quirks {
            guard let choice = quirk.choice else { continue }
            lines += [
                "",
                "\(quirk.setting.name) is by rule alone, and needs \(choice): see mailshim quirks \(quirk.setting.name)",
            ]
        }
        if let config { lines += ["", "The config that suits it:", "", config.trimmedEnd] }
        if self.isProbed { lines += ["", self.limits] }
        return lines.joined(separator: "\n")
    }

    private var headline: String {
        self.address == self.target.host || self.address.isEmpty ? "\(self.target)" : "\(self.target) (\(self.address))"
    }

    private var verdict: [String] {
        guard self.isProbed else { return ["It does not talk to us, so nothing can be said of its quirks."] }
        guard !self.quirks.isEmpty else { return ["No quirk found. \(self.untested)"] }
        return ["Quirks:"]
            + self.quirks.map {
                "  \(QuirkText.text($0.setting)), \($0.isShown ? "shown" : "suspected"): \($0.because)"
            }
    }

    private var untested: String {
        self.messages == 0
            ? "Cannot be tested without sending a message: sticky-sender, message-limit after a completed message "
                + "(--send-to)."
            : "Not tried: a limit beyond those messages."
    }

    private var limits: String {
        let sent =
            self.messages == 0
            ? "No message was sent." : "\(self.messages) message\(self.messages == 1 ? " was" : "s were") sent."
        return (self.quirks.isEmpty ? "" : "\(self.untested) ")
            + "Not tried: limits of recipients, of connections, of time; BDAT; long lines. "
            + "\(self.connections) connections were made. \(sent)"
    }

    // MARK: As JSON

    var json: JSON {
        [
            "target": .string(self.target.description), "address": .string(self.address),
            "port": .integer(self.target.port),
            "probed": .boolean(self.isProbed && self.mailshim == nil), "mailshim": JSON(self.mailshim),
            "healthy": .boolean(self.isHealthy),
            "quirks": .array(self.quirks.map(\.json)), "findings": .array(self.findings.map(\.json)),
            "tls": self.tls?.json ?? .null,
            "config": JSON(self.config), "messages_sent": .integer(self.messages),
            "connections": .integer(self.connections),
        ]
    }

    var isHealthy: Bool { self.isProbed && self.mailshim == nil && self.quirks.isEmpty }
}

extension ProbedQuirk {
    fileprivate var json: JSON {
        [
            "name": .string(self.setting.name),
            "options": .object(
                self.setting.options.sorted { $0.key < $1.key }.map {
                    JSON.Member($0.key, .string($0.value.description))
                }),
            "certainty": .string(self.isShown ? "shown" : "suspected"), "because": .string(self.because),
            "sent": .string(self.sent),
            "reply": .string(self.reply), "needs": JSON(self.choice),
        ]
    }
}

extension ProbeFinding {
    fileprivate var json: JSON {
        [
            "tried": .string(self.name), "found": .string(self.text), "quirk": JSON(self.quirk?.setting.name),
            "exchange": .array(self.exchange.map { .string($0) }),
        ]
    }
}

extension TLSFacts {
    fileprivate var json: JSON {
        [
            "version": .string(self.version.description), "cipher": .string(self.cipher),
            "weaknesses": .array(self.weaknesses.map { .string($0.description) }), "subject": JSON(self.peer?.subject),
            "issuer": JSON(self.peer?.issuer), "names": .array((self.peer?.names ?? []).map { .string($0) }),
            "not_after": JSON(self.peer?.notAfter), "chain_doubt": JSON(self.chainDoubt),
            "name_doubt": JSON(self.nameDoubt),
        ]
    }
}

extension String {
    /// Without line ends at its end.
    fileprivate var trimmedEnd: String {
        var text = self
        while text.last == "\n" { text.removeLast() }
        return text
    }
}
