import OpenSSLTLS
import QuirkKit
import SMTPSession

extension Security {
    /// Of a remote.
    init(_ facts: TLSFacts, expecting expected: Expectation, isLegacy: Bool) {
        self.init(
            version: facts.version.description, cipher: facts.cipher, doubt: expected.doubt(facts), isLegacy: isLegacy, isResumed: facts.resumed)
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
        case .file, .keyDoesNotMatch, .setting, .name, .plaintext, .notTLS, .alert, .handshake, .record, .flood, .overflow:
            self.init(.handshake, because: error.description)
        }
    }
}
