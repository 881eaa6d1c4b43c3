/// The value of a quirk's option, as a config file or the memory of learned quirks holds it.
public enum OptionValue: Hashable, Sendable, CustomStringConvertible {
    case integer(Int)
    case string(String)
    case boolean(Bool)
    case strings([String])
    case pattern(Pattern)
    /// Seconds; written "2s", "5m", "3h", "30d".
    case seconds(Int)

    public var description: String {
        switch self {
        case .integer(let value): "\(value)"
        case .string(let value): value
        case .boolean(let value): "\(value)"
        case .strings(let value): value.joined(separator: ",")
        case .pattern(let value): value.text
        case .seconds(let value): "\(value)s"
        }
    }
}

/// A quirk by name with its options: what a rule sets and what is learned.
public struct QuirkSetting: Hashable, Sendable {
    public let name: String
    public let options: [String: OptionValue]
    /// The options of those that stand behind it in the same table, in their order, of a quirk that may stand there several times.
    public let further: [[String: OptionValue]]

    public init(_ name: String, _ options: [String: OptionValue] = [:], further: [[String: OptionValue]] = []) {
        self.name = name
        self.options = options
        self.further = further
    }

    /// The options of each, in their order.
    public var each: [[String: OptionValue]] { [self.options] + self.further }

    /// The same with those of another behind it.
    public func followed(by other: QuirkSetting) -> QuirkSetting {
        QuirkSetting(self.name, self.options, further: self.further + other.each)
    }
}

/// One option of a quirk, for the config checker and for `mailshim quirks`.
public struct OptionDescription: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// A whole number in a range.
        case integer(ClosedRange<Int>)
        case string
        /// A text of this form.
        case text(TextForm)
        case boolean
        case strings
        /// One of these words, written in any case.
        case word([String])
        /// A regular expression in the syntax of RE2.
        case pattern
        /// Texts of this form, one at least.
        case texts(TextForm)
        /// A length of time, in seconds.
        case seconds(ClosedRange<Int>)
    }

    public let name: String
    public let kind: Kind
    public let standard: OptionValue?
    /// Whether it must be given.
    public let isNeeded: Bool
    public let meaning: String

    /// - Parameter isNeeded: nil: where it has no standard value.
    public init(_ name: String, _ kind: Kind, standard: OptionValue?, isNeeded: Bool? = nil, meaning: String) {
        self.name = name
        self.kind = kind
        self.standard = standard
        self.isNeeded = isNeeded ?? (standard == nil)
        self.meaning = meaning
    }
}

/// What the catalogue says of a quirk.
public struct QuirkDescription: Hashable, Sendable {
    public let name: String
    /// What it repairs, in one sentence.
    public let repairs: String
    /// How it is detected, in one sentence.
    public let detection: String
    public let options: [OptionDescription]
    /// Where it is documented: Q-numbers, articles, RFC sections.
    public let evidence: [String]
    /// From which stage of a session on it can be known that it applies.
    public let stage: Stage
    /// Whether it is looked for; else it applies where a rule says so, and nowhere else.
    public let isFound: Bool
    /// What several options of it have to agree on.
    public let agreement: Agreement
    /// Whether it may stand in one table several times, up to ``mostInOneTable``.
    public let mayRepeat: Bool

    /// Of one quirk in one table, at most.
    public static let mostInOneTable = 50

    public enum Agreement: Hashable, Sendable {
        case none
        /// They make a ``ReplyRule``.
        case replyRule
    }

    public enum Stage: String, Hashable, Sendable { case connect, greeting, ehlo = "EHLO", mail = "MAIL", rcpt = "RCPT" }

    public init(
        name: String, repairs: String, detection: String, options: [OptionDescription], evidence: [String], stage: Stage,
        isFound: Bool = true, agreement: Agreement = .none, mayRepeat: Bool = false
    ) {
        self.name = name
        self.repairs = repairs
        self.detection = detection
        self.options = options
        self.evidence = evidence
        self.stage = stage
        self.isFound = isFound
        self.agreement = agreement
        self.mayRepeat = mayRepeat
    }

    /// What is wrong with options that are right each by itself, and at which of them.
    public func objection(to options: Options) -> ReplyRule.Objection? {
        switch self.agreement {
        case .none: return nil
        case .replyRule:
            do throws(ReplyRule.Objection) { _ = try ReplyRule(options) } catch { return error }
            return nil
        }
    }
}
