/// The value of a quirk's option, as a config file or the memory of learned quirks holds it.
public enum OptionValue: Hashable, Sendable, CustomStringConvertible {
    case integer(Int)
    case string(String)
    case boolean(Bool)
    case strings([String])
    /// Seconds; written "2s", "5m", "3h", "30d".
    case seconds(Int)

    public var description: String {
        switch self {
        case .integer(let value): "\(value)"
        case .string(let value): value
        case .boolean(let value): "\(value)"
        case .strings(let value): value.joined(separator: ",")
        case .seconds(let value): "\(value)s"
        }
    }
}

/// A quirk by name with its options: what a rule sets and what is learned.
public struct QuirkSetting: Hashable, Sendable {
    public let name: String
    public let options: [String: OptionValue]

    public init(_ name: String, _ options: [String: OptionValue] = [:]) {
        self.name = name
        self.options = options
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
        /// Texts of this form, one at least.
        case texts(TextForm)
        /// A length of time, in seconds.
        case seconds(ClosedRange<Int>)
    }

    public let name: String
    public let kind: Kind
    /// Nil where the option must be given.
    public let standard: OptionValue?
    public let meaning: String

    public init(_ name: String, _ kind: Kind, standard: OptionValue?, meaning: String) {
        self.name = name
        self.kind = kind
        self.standard = standard
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

    public enum Stage: String, Hashable, Sendable { case connect, greeting, ehlo = "EHLO", mail = "MAIL", rcpt = "RCPT" }

    public init(
        name: String, repairs: String, detection: String, options: [OptionDescription], evidence: [String], stage: Stage,
        isFound: Bool = true
    ) {
        self.name = name
        self.repairs = repairs
        self.detection = detection
        self.options = options
        self.evidence = evidence
        self.stage = stage
        self.isFound = isFound
    }
}
