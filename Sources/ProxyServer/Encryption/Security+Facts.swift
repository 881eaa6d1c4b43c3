public import OpenSSLTLS
public import QuirkKit
import SMTPSession

extension Security {
    /// Of a remote.
    init(_ facts: TLSFacts, expecting expected: Expectation) {
        // The certificate's key says nothing of the encryption, only of who the remote is: the chain is doubted for it.
        let weaknesses = facts.weaknesses.filter { if case .certificateKey = $0 { false } else { true } }.map(\.description)
        self.init(
            version: facts.version.description, cipher: facts.cipher, doubt: expected.doubt(facts), names: expected.proven(facts),
            weakness: weaknesses.isEmpty ? nil : weaknesses.joined(separator: ", "), isResumed: facts.resumed)
    }

    /// Of a gateway, which is asked for no certificate.
    init(gateway facts: TLSFacts) {
        self.init(version: facts.version.description, cipher: facts.cipher, doubt: "not asked for", isResumed: facts.resumed)
    }
}

/// What quirks are told of it.
extension TLSFailure {
    public init(_ error: TLSError) {
        switch error {
        case .hungUp: self.init(.closed, because: error.description)
        case .file, .keyDoesNotMatch, .setting, .name, .overflow: self.init(.ours, because: error.description)
        case .plaintext, .notTLS, .alert, .handshake, .record, .flood: self.init(.handshake, because: error.description)
        }
    }
}
