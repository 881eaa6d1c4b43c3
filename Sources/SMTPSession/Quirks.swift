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

    /// The first quirk that knows of a lower step of the ladder of TLS.
    func firstRung(_ facts: Facts) -> (name: String, rung: Rung)? {
        for entry in self.entries where entry.hooks.contains(.tls) {
            let rung = entry.quirk.firstRung(given: facts)
            if rung != .modern { return (entry.name, rung) }
        }
        return nil
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
