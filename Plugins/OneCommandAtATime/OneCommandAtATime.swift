public import QuirkKit
import SMTPWire

/// A host that offers PIPELINING (RFC 2920) and loses, merges or punishes the commands of a group: they go one at a time.
public struct OneCommandAtATime: Quirk {
    public let description = QuirkDescription(
        name: "one-command-at-a-time",
        repairs: "offers PIPELINING and loses replies of a group: commands go one at a time",
        detection: "of a pipelined group some were answered, and then nothing came; or one reply too many came",
        options: [],
        evidence: ["Q-60", "Q-61", "Exim hosts_avoid_pipelining", "RFC 2920"],
        stage: .mail)

    public init() {}

    public func workarounds(_ options: Options) -> Workarounds { Workarounds { $0.distrusted = ["PIPELINING"] } }

    public let watches = Watches([.timedOut], at: [.mail, .rcpt, .data]) + Watches([.unsolicited], at: [.idle])

    public func diagnose(_ seen: Observation, _ facts: Facts) -> Diagnosis? {
        guard facts.group.commands > 1, !facts.workarounds.distrusted.contains("PIPELINING") else { return nil }
        switch seen.answer {
        case .timedOut where facts.group.answered > 0:
            return Diagnosis(retry: .onNewConnection, counts: self.counting(needed: 2), because: "a pipelined group was answered in part")
        // A time-out like any other, unless it comes again and again.
        case .timedOut: return Diagnosis(retry: .none, counts: self.counting(needed: 3), because: "a pipelined group was not answered")
        case .unsolicited(let reply) where reply.code != 421:
            return Diagnosis(retry: .none, counts: self.counting(needed: 2), because: "a pipelined group had one reply too many")
        case .reply, .closed, .tlsFailed, .garbled, .unsolicited: return nil
        }
    }

    private func counting(needed: Int) -> Counting {
        Counting(needed: needed, lasts: 7 * 86_400, ending: .expires, doubt: .ability(.pipelining))
    }
}
