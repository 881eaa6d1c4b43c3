public import QuirkKit

/// What the config says of one remote, each thing with the table it comes from.
public struct Resolved: Hashable, Sendable {
    /// Applied from the start; options are complete, the standard values filled in.
    public var quirks: [Sourced<QuirkSetting>] = []
    /// Neither looked for nor applied.
    public var ignored: [Sourced<String>] = []
    /// At most so many connections at once; nil: no limit.
    public var connections: Sourced<Int>?
    /// Milliseconds between the end of one connection and the start of the next; nil: none.
    public var pause: Sourced<Int>?
    public var tls = Sourced(RemoteTLS.opportunistic, .builtIn)
    /// One of the tables that decide on `tls` says that TLS begins with the first byte, though another may ask for more.
    public var isImplicit = false
    /// Passwords may go to a remote that encrypts and was not verified.
    public var authUnverified = Sourced(false, .builtIn)
    /// Relay everything unread.
    public var bypass = Sourced(false, .builtIn)
    /// Private EHLO keywords that are shown to the gateway, in upper case.
    public var keywords: [Sourced<String>] = []
    /// Every table that matched, the most specific first.
    public var tables: [Source] = []

    public init() {}

    /// Whether mail may be relayed unread, which nobody can vouch for.
    public var allowsBypass: Bool { self.tls.value.strictness <= RemoteTLS.passthrough.strictness }
}

/// A setting, and where it comes from.
public struct Sourced<Value> {
    public var value: Value
    public var source: Source

    public init(_ value: Value, _ source: Source) {
        self.value = value
        self.source = source
    }
}

extension Sourced: Equatable where Value: Equatable {}
extension Sourced: Hashable where Value: Hashable {}
extension Sourced: Sendable where Value: Sendable {}

/// The table a setting comes from.
public struct Source: Hashable, Sendable {
    public typealias Stage = QuirkDescription.Stage

    /// Its header as it is written: `[address."192.0.2.0/24"]`.
    public var table: String
    /// Of its header, from 1.
    public var line: Int
    /// The operator's reason.
    public var because: String?
    /// From which stage of a session on it can be known that the table applies.
    public var stage: Stage

    public init(table: String, line: Int, because: String? = nil, stage: Stage) {
        self.table = table
        self.line = line
        self.because = because
        self.stage = stage
    }

    /// What holds where no table says anything.
    public static let builtIn = Source(table: "built-in default", line: 0, stage: .connect)

    public var isBuiltIn: Bool { self.line == 0 }
}
