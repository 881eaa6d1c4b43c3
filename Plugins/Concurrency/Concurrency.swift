public import QuirkKit
import SMTPWire

/// A host that takes so many connections of ours at once, and refuses one more.
public struct Concurrency: Quirk {
    public let description = QuirkDescription(
        name: "concurrency",
        repairs: "takes so many connections at once: opens no more, and behind a MAIL tries again after 1, 4 and 16 s",
        detection: "words for simultaneous or concurrent in a refused greeting or EHLO, with another connection of ours open or just closed",
        options: [
            OptionDescription("connections", .integer(1...10_000), standard: .integer(1), meaning: "connections at once, over all sessions")
        ],
        evidence: ["Q-101", "Exim serialize_hosts", "Postfix default_destination_concurrency_limit"],
        stage: .connect)

    public init() {}

    public func workarounds(_ options: Options) -> Workarounds { Workarounds { $0.connections = options.integer("connections") ?? 1 } }

    public let watches = Watches([.refused], at: [.greeting, .hello])

    public func diagnose(_ seen: Observation, _ facts: Facts) -> Diagnosis? {
        guard facts.alongside > 0, case .reply(let reply) = seen.answer, reply.saysTooManyAtOnce else { return nil }
        // An hour, and one more after each quarter of an hour without another refusal.
        return Diagnosis(
            ["connections": .integer(facts.alongside)], retry: .later,
            counts: Counting(
                needed: 1, lasts: 3600, ending: .raised(option: "connections", every: 900), replaces: .always), because: "it takes no more connections at once")
    }
}
