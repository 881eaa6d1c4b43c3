import SMTPWire

/// A rule as a config file writes it: `{ name = "reply-rewrite", on = "RCPT", match = "^550 .*greylist", code = 451 }`.
extension ReplyRule {
    /// What is wrong with a rule's options, and which of them.
    public struct Objection: Error, Hashable, Sendable {
        public let option: String
        public let message: String
    }

    /// - Parameter options: of `reply-rewrite`, each of its own kind.
    public init(_ options: Options) throws(Objection) {
        let place = options.string("on").flatMap(Place.init)
        guard let place else { throw Objection(option: "on", message: "is no command whose replies can be rewritten") }
        guard case .pattern(let pattern)? = options["match"] else { throw Objection(option: "match", message: "is missing") }
        let code = options.integer("code")
        let enhanced = options.string("enhanced").flatMap { EnhancedCode(in: $0.utf8) }
        let text = try Self.text(options.string("text"), pattern)
        guard code != nil || enhanced != nil || text != nil else {
            throw Objection(option: "match", message: "is followed by nothing to change; give code, enhanced or text")
        }
        if let code {
            guard (400...599).contains(code) else { throw Objection(option: "code", message: Self.onlyRefusals) }
            guard (4...9).contains(where: { pattern.mayMatchText(beginningWith: $0) }) else {
                throw Objection(
                    option: "code",
                    message: "stands for no reply that \(Self.quoted(pattern)) matches: a positive or intermediate reply keeps its code")
            }
            if let enhanced, enhanced.klass != code / 100 {
                throw Objection(option: "enhanced", message: "\"\(enhanced)\" is of another class than code = \(code)")
            }
        } else if let enhanced, !pattern.mayMatchText(beginningWith: enhanced.klass) {
            throw Objection(
                option: "enhanced",
                message: "\"\(enhanced)\" is of another class than every reply that \(Self.quoted(pattern)) matches, and no code is given")
        }
        self.init(on: place, match: pattern, code: code, enhanced: enhanced, text: text)
    }

    static let onlyRefusals = "must be from 400 to 599: a refusal stays one, since only the remote accepts"

    private static func text(_ text: String?, _ pattern: Pattern) throws(Objection) -> ReplyText? {
        guard let text else { return nil }
        let read: ReplyText
        do { read = try ReplyText(text) } catch { throw Objection(option: "text", message: error.message) }
        guard read.lastGroup <= pattern.groups else {
            throw Objection(option: "text", message: "names group \\\(read.lastGroup), and \(Self.quoted(pattern)) has \(pattern.groups)")
        }
        return read
    }

    private static func quoted(_ pattern: Pattern) -> String { "\"\(pattern.text)\"" }

    /// Whether a reply that says "not now" may be told as one that says "never".
    public var mayReturnMail: Bool {
        guard let code, code >= 500 else { return false }
        return self.pattern.mayMatchText(beginningWith: 4)
    }
}
