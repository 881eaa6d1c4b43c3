/// How well a leg is encrypted: the facts of its TLS handshake.
public struct Security: Hashable, Sendable {
    /// "TLSv1.3"
    public var version: String
    public var cipher: String
    /// Why the certificate was not verified, in words; nil: it was, chain and name.
    public var doubt: String?
    /// Old versions, ciphers and keys were allowed.
    public var isLegacy: Bool
    public var isResumed: Bool

    public var isVerified: Bool { self.doubt == nil && !self.isLegacy }

    public init(version: String, cipher: String, doubt: String? = nil, isLegacy: Bool = false, isResumed: Bool = false) {
        self.version = version
        self.cipher = cipher
        self.doubt = doubt
        self.isLegacy = isLegacy
        self.isResumed = isResumed
    }
}

/// The setting `tls` towards remotes (INTERFACE.md).
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

    public init(_ level: Level, _ manner: Manner = .starttls) {
        self.level = level
        self.manner = manner
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
