import LearnedQuirks
import QuirkKit
import Rules

extension Line {
    /// What the learned store has to say.
    init(_ event: MemoryEvent) {
        switch event {
        case .learned(let learned, let session):
            self.init("quirk-learned", learned, session: session)
            self.add("sent", learned.sent)
            self.add("reply", learned.reply)
            self.add("expires", learned.expires.map { Moment(at: $0).day } ?? "never")
        case .healed(let learned, let session):
            self.init("quirk-healed", learned, session: session)
            self.add("probes", learned.cleanInARow)
        case .expired(let learned):
            self.init("quirk-expired", learned, session: nil)
            self.add("last-seen", Moment(at: learned.lastSeen).day)
        case .changedByHand(let forgotten, let added):
            self = Line("learned-changed").with("forgotten", Self.list(forgotten)).with("added", Self.list(added))
        case .fileUnusable(let path, let message):
            self = Line("state-unusable", .error).with("path", path).with("because", message).with("effect", "what is learned is forgotten at exit")
        case .fileUsable(let path):
            self = Line("state-usable").with("path", path)
        }
    }

    private init(_ event: String, _ learned: Learned, session: String?) {
        self.init(event)
        if let session { self.add("session", session) }
        self.add("remote", learned.remote)
        self.add("quirk", learned.quirk.name)
        for (name, value) in learned.quirk.options.sorted(by: { $0.key < $1.key }) {
            if case .integer(let number) = value { self.add(name, number) } else { self.add(name, value.description) }
        }
    }

    private static func list(_ learned: [Learned]) -> String {
        learned.map { "\($0.remote) \($0.quirk.name)" }.joined(separator: ", ")
    }
}
