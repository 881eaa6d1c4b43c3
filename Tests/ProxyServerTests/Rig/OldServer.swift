import COpenSSL

@testable import OpenSSLTLS

/// A host that speaks nothing newer than TLS 1.0.
enum OldServer {
    static func context(_ pair: Certificates.Pair) throws -> TLSServerContext {
        let context = try pair.server(.legacy)
        _ = copenssl_max_version(context.settings.pointer, TLS1_VERSION)
        return context
    }
}
