import OpenSSLTLS
import QuirkKit
import SMTPSession

extension Security {
    /// Of a remote.
    init(_ facts: TLSFacts, expecting expected: Expectation, isLegacy: Bool) {
        self.init(
            version: facts.version.description, cipher: facts.cipher, doubt: expected.doubt(facts), names: expected.proven(facts), isLegacy: isLegacy,
            weakness: facts.weaknesses.isEmpty ? nil : facts.weaknesses.map(\.description).joined(separator: ", "), isResumed: facts.resumed)
    }

    /// Of a gateway, which is asked for no certificate.
    init(gateway facts: TLSFacts) {
        self.init(version: facts.version.description, cipher: facts.cipher, doubt: "not asked for", isResumed: facts.resumed)
    }
}

extension TLSFailure {
    init(_ error: TLSError) {
        switch error {
        case .hungUp: self.init(.closed, because: error.description)
        case .file, .keyDoesNotMatch, .setting, .name, .overflow: self.init(.ours, because: error.description)
        case .plaintext, .notTLS, .alert, .handshake, .record, .flood: self.init(.handshake, because: error.description)
        }
    }
}
