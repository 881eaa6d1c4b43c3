public import QuirkKit
import SMTPWire

/// A host that refuses a `MAIL` or `RCPT` for a parameter (RFC 5321 §4.1.1.11) by whose loss nothing is lost.
public struct PlainParameters: Quirk {
    public let description = QuirkDescription(
        name: "plain-parameters",
        repairs: "refuses parameters of MAIL or RCPT: leaves them out, where nothing that the sender asked for is lost",
        detection: "501, 504 or 555 to a MAIL or RCPT with SIZE, AUTH=, BODY=7BIT or DSN's parameters, and without them it is accepted",
        options: [
            OptionDescription("parameters", .strings, standard: .strings(["SIZE"]), meaning: "parameters of MAIL and RCPT that are left out")
        ],
        evidence: [
            "Q-14", "Q-42", "Q-57", "https://github.com/rnwood/smtp4dev/issues/1212", "RFC 1870", "RFC 3461", "RFC 4954 §5", "RFC 5321 §4.1.1.11",
        ],
        stage: .mail)

    public init() {}

    public func workarounds(_ options: Options) -> Workarounds {
        Workarounds { $0.droppedParameters = Set((options.strings("parameters") ?? ["SIZE"]).map { $0.uppercased() }) }
    }

    public let watches = Watches([.refused], at: [.mail, .rcpt])

    public func diagnose(_ seen: Observation, _ facts: Facts) -> Diagnosis? {
        guard case .reply(let reply) = seen.answer, reply.isPermanent, let sent = seen.sent else { return nil }
        let dispensable = sent.parameters.filter { $0.isDispensable(where: facts.keywords) }
        let named = dispensable.filter(reply.names)
        let unknown = dispensable.filter { !$0.isOffered(by: facts.keywords) }
        // A parameter that was never offered is reason enough for a bare 501; else the reply has to say what it is about.
        guard reply.mayRefuseParameter || (reply.code == 501 && reply.enhanced == nil && !unknown.isEmpty), !dispensable.isEmpty else { return nil }
        let dropped = named.isEmpty ? (unknown.isEmpty ? dispensable : unknown) : named
        return Diagnosis(
            ["parameters": .strings(facts.workarounds.droppedParameters.union(dropped.map(\.keyword)).sorted())], retry: .here,
            counts: self.counting(isNamed: !named.isEmpty, isUnknown: !unknown.isEmpty),
            because: named.isEmpty ? "refused with a parameter that may be left out" : "it refuses \(named.map(\.keyword).joined(separator: ", "))")
    }

    /// Learned are parameters that the reply names, or that were not offered.
    private func counting(isNamed: Bool, isUnknown: Bool) -> Counting? {
        if isNamed { return Counting(needed: 1, ending: .probed(hourly: false)) }
        return isUnknown ? Counting(needed: 2, spacing: 600, ending: .probed(hourly: false)) : nil
    }

    public let acquittals = Watches([.accepted], at: [.mail, .rcpt])

    public func acquits(_ seen: Observation, _ facts: Facts) -> Bool {
        seen.sent?.parameters.contains { $0.isDispensable(where: facts.keywords) } ?? false
    }
}
