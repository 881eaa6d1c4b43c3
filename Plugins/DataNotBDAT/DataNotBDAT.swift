public import QuirkKit
import SMTPWire

/// A host that offers CHUNKING (RFC 3030) and cannot take a chunk: messages go by DATA.
public struct DataNotBDAT: Quirk {
    public let description = QuirkDescription(
        name: "data-not-bdat",
        repairs: "offers CHUNKING and fails at BDAT: chunks go as the mail data of one DATA, from the next message on",
        detection: "500, 502, 503, 504 at BDAT, a 4xx that speaks of waiting or input, or no reply, where none was ever taken",
        options: [],
        evidence: ["Q-74", "https://github.com/jstedfast/MailKit/issues/904", "Microsoft KB 257569", "RFC 3030"],
        stage: .mail)

    public init() {}

    public func workarounds(_ options: Options) -> Workarounds { Workarounds { $0.distrusted = ["CHUNKING"] } }

    public let watches = Watches([.refused, .timedOut], at: [.chunk])

    public func diagnose(_ seen: Observation, _ facts: Facts) -> Diagnosis? {
        // On a connection that the gateway never asked for the order of commands is ours.
        guard facts.connection == 1 || facts.messages > 0, !facts.abilities.contains(.bdat), facts.mailAccepted, facts.recipientsAccepted > 0 else { return nil }
        let because: String
        switch seen.answer {
        case .reply(let reply) where [500, 502, 503, 504].contains(reply.code) && !reply.isPolicy && !reply.isAboutMailbox:
            because = "BDAT was refused by a host that offers CHUNKING"
        case .reply(let reply) where reply.isTransient && reply.waitsForInput: because = "the host waited for more behind a whole chunk"
        case .timedOut: because = "the host did not answer a whole chunk"
        case .reply, .closed, .tlsFailed, .garbled, .unsolicited: return nil
        }
        // Two sessions, or one in which the next message passed as DATA.
        return Diagnosis(retry: .none, counts: Counting(needed: 2, lasts: 7 * 86_400, ending: .expires), because: because)
    }
}
