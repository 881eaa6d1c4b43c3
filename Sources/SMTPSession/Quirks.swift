import QuirkKit
import SMTPWire

/// The quirks of one session, in the order of the catalogue: those that apply, and those that are looked for.
struct Quirks: Sendable {
    private var entries: [Entry] = []
    private(set) var hooks: Hooks = []

    private struct Entry: Sendable {
        var quirk: any Quirk
        let name: String
        let hooks: Hooks
        let activation: Activation

        func isAsked(about command: Command) -> Bool {
            if self.hooks.contains(.commands) { return true }
            if self.hooks.contains(.mail), case .mail = command.body { return true }
            return false
        }
    }

    init(_ catalogue: [any Quirk.Type], profile: Profile) { self.update(catalogue, profile: profile) }

    /// Takes over what the profile says; a quirk whose activation stays keeps its memory.
    mutating func update(_ catalogue: [any Quirk.Type], profile: Profile) {
        self.entries = catalogue.compactMap { type in
            let name = type.description.name
            let applied = profile.applied.first { $0.setting.name == name }
            guard applied != nil || !profile.ignored.contains(name) else { return nil }
            let activation: Activation = applied.map { .applied($0.setting.options) } ?? .watching
            if let kept = self.entries.first(where: { $0.name == name && $0.activation == activation }) { return kept }
            return Entry(quirk: type.init(activation), name: name, hooks: type.hooks, activation: activation)
        }
        self.hooks = self.entries.reduce(into: []) { $0.formUnion($1.hooks) }
    }

    /// The first quirk that has something to say, and what.
    func spent(_ facts: Facts) -> (name: String, because: String)? {
        for entry in self.entries where entry.hooks.contains(.reuse) {
            if let because = entry.quirk.isSpent(given: facts) { return (entry.name, because) }
        }
        return nil
    }

    /// How far down the ladder of TLS to begin, and on whose word: the lowest step that may be taken; nil: at the top.
    func firstRung(_ facts: Facts, where mayBegin: (String, Rung) -> Bool) -> (name: String, rung: Rung)? {
        self.entries.filter { $0.hooks.contains(.tls) }.map { (name: $0.name, rung: $0.quirk.firstRung(given: facts)) }
            .filter { $0.rung > .modern && mayBegin($0.name, $0.rung) }.max { $0.rung < $1.rung }
    }

    mutating func decide(on command: Command, given facts: Facts) -> (name: String, decision: CommandDecision)? {
        for index in self.entries.indices where self.entries[index].isAsked(about: command) {
            let decision = self.entries[index].quirk.decide(on: command, given: facts)
            if decision != .pass { return (self.entries[index].name, decision) }
        }
        return nil
    }

    mutating func decide(on answer: Answer, to command: Command?, given facts: Facts) -> (name: String, decision: ReplyDecision)? {
        let hooks = answer.hooks
        for index in self.entries.indices where !self.entries[index].hooks.isDisjoint(with: hooks) {
            let decision = self.entries[index].quirk.decide(on: answer, to: command, given: facts)
            if decision != .pass { return (self.entries[index].name, decision) }
        }
        return nil
    }
}

extension Answer {
    /// Quirks with one of these are asked about it.
    var hooks: Hooks {
        switch self {
        case .reply(let reply): reply.code >= 400 ? [.refusals, .replies] : [.replies]
        case .closed: [.refusals, .replies]
        case .tlsFailed: [.tls]
        }
    }
}
