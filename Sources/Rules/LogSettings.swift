/// `[log]`: what the log says, and how (docs/log.md).
public struct LogSettings: Hashable, Sendable {
    /// Lines below it are not written.
    public var level = Level.info
    public var format = Format.logfmt
    public var recipients = Recipients.full
    public var messages = Messages.all

    public enum Level: String, Hashable, Sendable, CaseIterable, Comparable {
        case debug, info, warn, error

        public static func < (left: Level, right: Level) -> Bool { left.priority > right.priority }

        /// As syslog counts (RFC 5424 §6.2.1): less is worse.
        public var priority: UInt8 {
            switch self {
            case .debug: 7
            case .info: 6
            case .warn: 4
            case .error: 3
            }
        }
    }

    /// `key=value`, or one JSON object a line.
    public enum Format: String, Hashable, Sendable, CaseIterable { case logfmt, json }

    /// What is said of recipients' addresses: all, their domains, nothing.
    public enum Recipients: String, Hashable, Sendable, CaseIterable { case full, domain, off }

    /// Which messages have a line: each, those at which something was repaired or that were not accepted, those that were not accepted.
    public enum Messages: String, Hashable, Sendable, CaseIterable { case all, repaired, failed }

    public init() {}
}
