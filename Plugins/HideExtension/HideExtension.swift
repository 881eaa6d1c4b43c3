public import QuirkKit
import SMTPWire

/// A host that offers an extension in its EHLO and cannot do it: the extension is not used, and the gateway is not shown
/// what Mailshim cannot do in the host's place.
public struct HideExtension: Quirk {
    public let description = QuirkDescription(
        name: "hide-extension",
        repairs: "offers an extension that does not work: does not use it, and hides it from the gateway",
        detection:
            "a refusal that names what was used: BDAT, a group of commands, BODY=8BITMIME, SMTPUTF8, a parameter of DSN",
        options: [
            OptionDescription(
                "keywords", .texts(.keyword), standard: nil, meaning: "EHLO keywords that are not used towards the host"
            )
        ],
        evidence: ["Q-14", "Q-60", "Q-74", "Microsoft KB 257569", "RFC 5321 §4.1.1.11", "RFC 5321 §4.2.4"],
        stage: .ehlo)

    public init() {}

    public func workarounds(_ options: Options) -> Workarounds {
        Workarounds { $0.distrusted = Set((options.strings("keywords") ?? []).map { $0.uppercased() }) }
    }

    public let watches = Watches([.refused], at: [.mail, .rcpt, .data, .chunk])

    public func diagnose(_ seen: Observation, _ facts: Facts) -> Diagnosis? {
        guard case .reply(let reply) = seen.answer, reply.isPermanent, let sent = seen.sent,
            let offered = facts.keywords,
            let use = sent.uses.first(where: { offered.contains($0.keyword) && reply.refuses($0) }),
            !facts.workarounds.distrusted.contains(use.keyword)
        else { return nil }
        let keywords = facts.workarounds.distrusted.union([use.keyword]).sorted()
        let isGroup = use == .group
        return Diagnosis(
            ["keywords": .strings(keywords)], retry: isGroup ? .onNewConnection : .none,
            tells: isGroup
                ? nil : Reply(451, "4.5.0 the host offers \(use.keyword) and refuses it: a new session will not"),
            counts: Counting(needed: 1, lasts: 7 * 86_400, ending: .expires),
            because: "it offers \(use.keyword) and refuses it")
    }
}

/// How an extension is used.
private enum Use: Hashable {
    case chunks, group
    case parameter(Parameter)

    var keyword: String {
        switch self {
        case .chunks: "CHUNKING"
        case .group: "PIPELINING"
        case .parameter(let parameter):
            switch parameter.keyword {
            case "BODY": "8BITMIME"
            case "SMTPUTF8": "SMTPUTF8"
            default: "DSN"
            }
        }
    }
}

extension Command {
    fileprivate var uses: [Use] {
        let parameters = self.parameters.filter { parameter in
            switch parameter.keyword {
            case "SMTPUTF8", "RET", "ENVID", "NOTIFY", "ORCPT": true
            case "BODY": parameter.value?.uppercased() == "8BITMIME"
            default: false
            }
        }
        return switch self.body {
        case .bdat: [.chunks]
        case .mail, .rcpt, .data: parameters.map { .parameter($0) } + [.group]
        default: []
        }
    }
}

extension Reply {
    /// Whether its words name what was used; a verb that the host does not know (500, 502, 504), a parameter that it does
    /// not take, a group that it does not want.
    fileprivate func refuses(_ use: Use) -> Bool {
        switch use {
        case .chunks: [500, 502, 504].contains(self.code) && self.speaks(of: ["bdat", "chunking"])
        case .group:
            [500, 503, 554].contains(self.code) && !self.isPolicy && self.speaks(of: ["pipelining", "pipelined"])
        case .parameter(let parameter):
            self.mayRefuseParameter && (self.names(parameter) || self.speaks(of: [use.keyword.lowercased()]))
        }
    }
}
