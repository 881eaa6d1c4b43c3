public import QuirkKit
import SMTPWire

/// A host behind a Cisco PIX or ASA with `fixup protocol smtp`, which loses the end of the mail data where it does not come as a segment of its own.
public struct Pix: Quirk {
    public let description = QuirkDescription(
        name: "pix",
        repairs: "a Cisco PIX loses the final dot inside a larger segment: sends the end of the mail data by itself, in clear text",
        detection: "the whole text of the greeting is *, 2, 0 and blanks, with three * in a row",
        options: [],
        evidence: ["Q-04", "Q-73", "Microsoft KB 295725", "Cisco CSCds90792"],
        stage: .greeting)

    public init() {}

    public func workarounds(_ options: Options) -> Workarounds { Workarounds { $0.holdsFinalDot = true } }

    public let watches = Watches([.accepted], at: [.greeting])

    public func diagnose(_ seen: Observation, _ facts: Facts) -> Diagnosis? {
        guard case .reply(let reply) = seen.answer, reply.text.contains("***"), reply.text.allSatisfy({ "*20 ".contains($0) }) else { return nil }
        return Diagnosis(
            retry: .none, counts: Counting(needed: 1, lasts: 7 * 86_400, ending: .expires), because: "its greeting is masked as a Cisco PIX does")
    }
}
