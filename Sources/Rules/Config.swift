public import QuirkKit

/// The config file of an operator, read and checked: docs/config.md. A value of this type has no mistakes in it.
public struct Config: Hashable, Sendable {
    /// How Mailshim names itself in replies of its own.
    public var hostname: String
    public var state: StateLocation
    public var listeners: [Listener]
    public var learning: Learning
    public var timeouts: TimeoutSettings
    public var limits: LimitSettings
    public var lineEndings: LineEndings
    public var log = LogSettings()
    public var admin = AdminSettings()
    /// What applies to which remote.
    public var rules: RuleSet
    /// Where it was read from; nil for the built-in defaults.
    public var path: String?
}

extension Config {
    /// What Mailshim runs on where there is no config file: one listener for loopback, everything else as standard.
    public static func builtIn(hostname: String) -> Config {
        Config(
            hostname: hostname, state: .standard, listeners: [.standard], learning: Learning(), timeouts: TimeoutSettings(),
            limits: LimitSettings(), lineEndings: .repair, rules: RuleSet(), path: nil)
    }

    /// Paths in the config file are seen from its folder.
    public func path(of file: String) -> String {
        guard !file.hasPrefix("/"), let path = self.path, let slash = path.lastIndex(of: "/") else { return file }
        return path[...slash] + file
    }

    /// Reads the text of a config file.
    ///
    /// - Parameters:
    ///   - path: what errors call the file.
    ///   - quirks: the catalogue; names and options are checked against it.
    ///   - hostname: the machine's name, for a file that does not set `hostname`.
    public init(parsing text: String, path: String, quirks: [QuirkDescription], hostname: String) throws(ConfigErrors) {
        try self.init(parsing: text, path: path, quirks: quirks, hostname: hostname, unavailable: .inThisVersion)
    }

    /// Reads a config file. One that cannot be read, is not UTF-8 or is too large is one error.
    ///
    /// - Parameters:
    ///   - replacing: it takes the place of a config that is in force: then a file without any key, which is one that somebody is about to write, or could
    ///     not, is an error too.
    ///   - bound: octets of the file at most; a megabyte.
    public static func read(
        path: String, quirks: [QuirkDescription], hostname: String, replacing: Bool = false, atMost bound: Int = 1 << 20
    ) throws(ConfigErrors) -> Config {
        let text = try ConfigFile.text(at: path, atMost: bound)
        let config = try Config(
            parsing: text, path: path, quirks: quirks, hostname: hostname, unavailable: .inThisVersion, atMost: bound)
        if replacing, ConfigFile.hasNoKey(text) { throw ConfigFile.withoutKey(path) }
        return config
    }
}

/// Where what was learned is kept.
public enum StateLocation: Hashable, Sendable {
    case file(String)
    /// Forgotten at exit.
    case memory

    public static let standard = StateLocation.file("/var/lib/mailshim/learned.sqlite")
}

/// What becomes of bare CR, bare LF and NUL in content (law 8).
public enum LineEndings: String, Hashable, Sendable, CaseIterable { case repair, refuse }
