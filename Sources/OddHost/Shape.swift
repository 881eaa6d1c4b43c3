public import NIOCore

/// The founding family: what a host does about a second message on one connection (docs/quirks.md 2.1, docs/design.md).
public enum Shape: Sendable, Hashable {
    case healthy

    /// A: after a finished message this command is refused, until `RSET`.
    case stickySender(refusing: Verb = .mail, with: String = "503 Sender already specified")

    /// B: after a finished message this command is refused, whatever the gateway does.
    case noReuse(refusing: Verb = .mail, with: String = "503 Sender already specified", reset: Reset = .withoutEffect)

    /// D: so many `MAIL`s are taken, the next is refused. 421 also closes.
    case limit(Int, with: String = "421 too many messages in this connection")

    /// E: after so many messages the connection is closed, so long after `when`.
    case silence(after: Int, when: Silence = .afterData, delay: TimeAmount = .zero)

    /// What a host of shape B says to `RSET` after its message.
    public enum Reset: Sendable, Hashable {
        case withoutEffect
        case refused(String)
        case closes(saying: String?)
    }

    /// When a host of shape E leaves.
    public enum Silence: Sendable, Hashable {
        /// Right after the reply to the data.
        case afterData
        /// At the next `RSET` or `MAIL`, with or without a reply.
        case atNextCommand(saying: String?)
    }
}

extension Shape {
    /// What this shape makes the host do now, if anything.
    func deed(at moment: Moment, _ stuck: Bool) -> Deed? {
        switch self {
        case .healthy:
            return nil

        case .stickySender(let verb, let text):
            return stuck && verb.covers(moment.verb) ? .reply(text) : nil

        case .noReuse(let verb, let text, let reset):
            guard stuck else { return nil }
            if verb.covers(moment.verb) { return .reply(text) }
            guard moment.verb == .rset else { return nil }
            switch reset {
            case .withoutEffect: return .reply("250 2.0.0 Ok")
            case .refused(let text): return .reply(text)
            case .closes(let text): return .close(saying: text)
            }

        case .limit(let most, let text):
            guard moment.verb == .mail, moment.mails >= most else { return nil }
            return text.hasPrefix("421") ? .close(saying: text) : .reply(text)

        case .silence(let messages, .afterData, let delay):
            guard moment.verb == .endOfData, moment.messages + 1 >= messages else { return nil }
            return .acceptAndClose(after: delay)

        case .silence(let messages, .atNextCommand(let text), let delay):
            guard moment.verb == .mail || moment.verb == .rset, moment.messages >= messages else { return nil }
            return .wait(delay, then: .close(saying: text))
        }
    }
}
