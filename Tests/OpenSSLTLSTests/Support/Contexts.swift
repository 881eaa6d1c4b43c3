@testable import OpenSSLTLS

extension TLSClientContext {
    /// Trusts the tests' authority.
    static func testing(_ age: TLSAge = .modern, keyLog: String? = nil) throws -> TLSClientContext {
        try TLSClientContext(age: age, trust: .file(Certificates.authority.certificate), keyLog: keyLog)
    }
}

extension TLSServerContext {
    static func testing(_ pair: Certificates.Pair = Certificates.good, _ age: TLSAge = .modern) throws -> TLSServerContext {
        try TLSServerContext(identity: pair.identity(), age: age)
    }
}
