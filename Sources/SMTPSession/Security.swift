/// How well a leg is encrypted: the facts of its TLS handshake.
public struct Security: Hashable, Sendable {
    /// "TLSv1.3"
    public var version: String
    public var cipher: String
    /// Why the certificate was not verified, in words; nil: it was, chain and name, for the name that the remote is known by.
    public var doubt: String?
    /// Of the names that rules for recipient domains or for the name in the greeting ask for, those that it was verified for.
    public var names: Set<String>
    /// What of it is of another age, in words: the version, the cipher, the key exchange. Nil: nothing. A weak key of the certificate is a doubt.
    public var weakness: String?
    public var isResumed: Bool

    /// Judged by what was negotiated, not by what was allowed: a host that was once seen with old TLS may have today's now.
    public var isLegacy: Bool { self.weakness != nil }

    public var isVerified: Bool { self.doubt == nil && !self.isLegacy }

    /// - Parameter names: any of which will do; empty: the remote's own.
    func isVerified(for names: [String]) -> Bool {
        names.isEmpty ? self.isVerified : !self.isLegacy && names.contains(where: self.names.contains)
    }

    public init(
        version: String, cipher: String, doubt: String? = nil, names: Set<String> = [], weakness: String? = nil, isResumed: Bool = false
    ) {
        self.version = version
        self.cipher = cipher
        self.doubt = doubt
        self.names = names
        self.weakness = weakness
        self.isResumed = isResumed
    }
}

/// The setting `tls` towards remotes (README.md).
public struct TLSDemand: Hashable, Sendable {
    public enum Level: Int, Hashable, Sendable, Comparable {
        case off, opportunistic, required, verified

        public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    public enum Manner: Hashable, Sendable {
        case starttls
        /// From the first byte, as on port 465 (RFC 8314 §3.3).
        case implicit
        /// STARTTLS and all after it is relayed unread.
        case passthrough
    }

    public var level: Level
    public var manner: Manner
    /// For `verified`: names, any of which the certificate must be for; empty: the remote's own.
    public var names: [String]

    public init(_ level: Level, _ manner: Manner = .starttls, names: [String] = []) {
        self.level = level
        self.manner = manner
        self.names = names
    }

    /// What holds where nothing is said of a remote.
    public static let opportunistic = TLSDemand(.opportunistic)
}

/// What the gateway's leg is like.
public struct GatewayTerms: Hashable, Sendable {
    /// The listener has a certificate, so STARTTLS can be shown.
    public var offersTLS: Bool
    /// TLS from the first byte.
    public var isEncrypted: Bool
    /// Passwords may be taken although the leg is in clear text: it is on loopback, or the listener says so.
    public var allowsPasswordsInClear: Bool

    public init(offersTLS: Bool = false, isEncrypted: Bool = false, allowsPasswordsInClear: Bool = false) {
        self.offersTLS = offersTLS
        self.isEncrypted = isEncrypted
        self.allowsPasswordsInClear = allowsPasswordsInClear
    }
}
