import QuirkKit
import SMTPSession

/// What a host makes of STARTTLS, of the handshake and of AUTH. A host without knows none of them.
struct HostTLS {
    enum Answer { case ready, refuses(Int), garbage, closes, never }

    enum Handshake {
        case stands
        /// Only where old TLS is allowed.
        case onlyOld
        case fails(TLSFailure.Kind)
        case never
    }

    var isOffered = true
    var answer = Answer.ready
    /// A reply comes behind its 220.
    var injects = false
    var handshake = Handshake.stands
    /// TLS from the first byte.
    var isImplicit = false
    var doubt: String?
    var names: Set<String> = []
    var weakness: String?
    /// What it offers over TLS.
    var keywords: [String] = []
    var authRefuses = 0
    var authAsksMore = 0
    /// After a message it takes another envelope, and refuses at DATA: what it accepted has to be said again elsewhere.
    var tiresAtData = false

    /// What is negotiated may differ from connection to connection, as it does in a pool of unlike hosts.
    func security(isLegacy: Bool, isResumed: Bool, _ dice: inout Dice) -> Security {
        let isWeak = self.weakness != nil && dice.permille(isLegacy ? 800 : 50)
        return Security(
            version: isWeak ? "TLSv1" : "TLSv1.3", cipher: "X", doubt: self.doubt, names: self.names, weakness: isWeak ? "TLSv1 only" : nil,
            isResumed: isResumed)
    }
}

extension HostTLS {
    static let mechanisms = [
        "AUTH PLAIN LOGIN CRAM-MD5", "AUTH PLAIN LOGIN", "AUTH PLAIN LOGIN CRAM-MD5", "AUTH=LOGIN PLAIN", "AUTH CRAM-MD5",
        "AUTH PLAIN EXTERNAL SCRAM-SHA-256-PLUS",
    ]
    static let names = ["mx.example", "other.example"]

    /// One that works, and says over TLS the same as in clear text or something else.
    static func sound(_ clear: [String], isImplicit: Bool, _ dice: inout Dice) -> HostTLS {
        var tls = HostTLS()
        tls.isImplicit = isImplicit
        tls.keywords = dice.permille(500) ? clear : HostNature.keywords.filter { _ in dice.permille(600) }
        if dice.permille(900) { tls.keywords.append(dice.pick(Self.mechanisms)) }
        if dice.permille(500) { tls.keywords.append("REQUIRETLS") }
        if dice.permille(30) { tls.keywords.append("STARTTLS") }
        if dice.permille(250) { tls.doubt = dice.pick(["self-signed", "expired"]) }
        if tls.doubt == nil { tls.names = Set(Self.names.filter { _ in dice.permille(700) }) }
        return tls
    }

    /// - Parameter trouble: chances of a thousand that something is wrong with it.
    static func any(_ clear: [String], trouble: Int, isImplicit: Bool, _ dice: inout Dice) -> HostTLS {
        var tls = Self.sound(clear, isImplicit: isImplicit, &dice)
        (tls.authRefuses, tls.authAsksMore) = (dice.pick([0, 0, 150, 500]), dice.pick([0, 0, 0, 200]))
        tls.tiresAtData = dice.permille(250)
        tls.weakness = dice.permille(600) ? "TLSv1 only" : nil
        guard dice.permille(trouble) else { return tls }
        switch dice.below(9) {
        case 0, 1: tls.isOffered = false
        case 2: tls.answer = dice.pick([.refuses(454), .refuses(500), .refuses(421), .refuses(250), .refuses(354)])
        case 3: tls.answer = dice.pick([.garbage, .closes, .never])
        case 4, 5: tls.injects = true
        case 6, 7: tls.handshake = .onlyOld
        default: tls.handshake = dice.pick([.fails(.closed), .fails(.handshake), .fails(.stalled), .fails(.ours), .never])
        }
        return tls
    }
}

extension HostNature {
    /// Adds TLS and AUTH to what it is.
    mutating func learnTLS(trouble: Int, isSound: Bool, isImplicit: Bool, _ dice: inout Dice) {
        if dice.permille(200) { self.keywords.append(dice.pick(HostTLS.mechanisms)) }
        if dice.permille(100) { self.keywords.append("REQUIRETLS") }
        self.tls =
            isSound
            ? HostTLS.sound(self.keywords, isImplicit: isImplicit, &dice)
            : HostTLS.any(self.keywords, trouble: trouble, isImplicit: isImplicit, &dice)
    }
}

/// An AUTH exchange as a host sees it (RFC 4954 §4).
struct HostAuth {
    private var wanted = 0

    /// - Returns: 334, or nil: it has heard all.
    mutating func hear(_ exchange: Witness.Exchange) -> (code: Int, text: String)? {
        let line = String(decoding: exchange.line.octets, as: UTF8.self)
        if exchange.kind == .response {
            if line == "*" { return (501, "cancelled") }
        } else {
            let words = line.split(separator: " ")
            guard words.count > 1, let all = Self.answers[words[1].uppercased()] else { return (504, "unknown mechanism") }
            self.wanted = all + 1 - (words.count > 2 ? 1 : 0)
        }
        self.wanted -= 1
        return self.wanted > 0 ? (334, "UGFzc3dvcmQ6") : nil
    }

    private static let answers = ["PLAIN": 1, "LOGIN": 2, "CRAM-MD5": 1]
}
