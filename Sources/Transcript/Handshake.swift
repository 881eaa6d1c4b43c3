import QuirkKit
import SMTPSession

/// What comes of TLS that Mailshim begins on a leg: `% TLS S`, `% TLS C fails: closed`.
enum Handshake: Hashable, Sendable {
    /// Begun, and there at once.
    case standsAtOnce(Facts)
    case begins
    case stands(Facts)
    case fails(TLSFailure)

    /// What is written of a handshake; the rest has standard values.
    struct Facts: Hashable, Sendable {
        var version: String?
        var cipher: String?
        var doubt: String?
        var isResumed = false
        /// With old TLS allowed: the host can do better all the same.
        var isStrong = false
        var names: Set<String> = []
        /// Nil: the version, where old TLS is allowed and the host is not strong.
        var weakness: String?

        /// - Parameter isLegacy: what Mailshim allowed.
        func security(of side: Side, isLegacy: Bool) -> Security {
            // A gateway is asked for no certificate.
            let doubt = self.doubt ?? (side == .gateway ? "not asked for" : nil)
            let version = self.version ?? (isLegacy && !self.isStrong ? "TLSv1" : "TLSv1.3")
            return Security(
                version: version, cipher: self.cipher ?? "TLS_AES_256_GCM_SHA384", doubt: doubt, names: self.names,
                weakness: self.weakness ?? (isLegacy && !self.isStrong ? version : nil), isResumed: self.isResumed)
        }
    }
}

extension Step.Body {
    /// `% TLS S [legacy] [version=TLSv1.2] [cipher=…] [doubt="…"] [resumed]`, `% TLS S [legacy] asked`, `% TLS S stands …`, `% TLS S [legacy] fails: closed`
    static func tls(_ text: Substring) -> Parsed {
        guard text.hasPrefix("% TLS ") else { return .failure(.unknownLine(String(text))) }
        let written = text.dropFirst(6)
        let unknown = Parsed.failure(.badHandshake(String(written)))
        guard let side = written.first.flatMap({ $0 == "S" ? Side.remote : $0 == "C" ? Side.gateway : nil }) else { return unknown }
        var rest = written.dropFirst()
        let isLegacy = rest == " legacy" || rest.hasPrefix(" legacy ")
        if isLegacy { rest = rest.dropFirst(7) }
        guard rest.isEmpty || rest.first == " " else { return unknown }
        rest = rest.dropFirst()
        if rest == "asked" { return .success(.tls(side, isLegacy: isLegacy, .begins)) }
        if rest.hasPrefix("fails: ") {
            guard let failure = TLSFailure(written: rest.dropFirst(7)) else { return unknown }
            return .success(.tls(side, isLegacy: isLegacy, .fails(failure)))
        }
        let hasBegun = rest == "stands" || rest.hasPrefix("stands ")
        if hasBegun { rest = rest.dropFirst(7) }
        guard let facts = Handshake.Facts(written: rest), !(hasBegun && isLegacy) else { return unknown }
        return .success(.tls(side, isLegacy: isLegacy, hasBegun ? .stands(facts) : .standsAtOnce(facts)))
    }
}

extension Handshake.Facts {
    fileprivate init?(written: Substring) {
        // The same form as a trace: words, then fields.
        guard let trace = Trace("facts \(written)") else { return nil }
        switch trace.name {
        case "facts": break
        case "facts resumed": self.isResumed = true
        case "facts strong": self.isStrong = true
        default: return nil
        }
        for field in trace.fields {
            switch field.key {
            case "version": self.version = field.value
            case "cipher": self.cipher = field.value
            case "doubt": self.doubt = field.value
            case "weakness": self.weakness = field.value
            case "names": self.names = Set(field.value.split(separator: ",").map(String.init))
            default: return nil
            }
        }
    }
}

extension TLSFailure {
    /// `closed`, `stalled`, `handshake wrong version number`: the kind, then why, in words.
    fileprivate init?(written: Substring) {
        let words = written.split(separator: " ", maxSplits: 1)
        let kinds: [Substring: Kind] = ["closed": .closed, "stalled": .stalled, "handshake": .handshake]
        guard let first = words.first, let kind = kinds[first] else { return nil }
        self.init(kind, because: String(words.count > 1 ? words[1] : first))
    }
}
