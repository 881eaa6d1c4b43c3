import COpenSSL

/// Whose word counts for who a server is.
public enum TLSTrust: Hashable, Sendable {
    /// The authorities that the system trusts (OpenSSL's default file and folder, or SSL_CERT_FILE and SSL_CERT_DIR).
    case system
    /// The certificates in a file (PEM): authorities, or the servers' own certificates.
    case file(String)
}

extension SSLContext {
    func trust(_ trust: TLSTrust) throws(TLSError) {
        switch trust {
        case .system:
            // One by one, and not by `SSL_CTX_set_default_verify_paths`: that brings a store besides, which lists the whole folder anew, twice, in each
            // handshake with a host whose issuer is unknown. The folder's own look-up opens one file, by the hash of the issuer's name.
            try self.check("the system's authorities", SSL_CTX_set_default_verify_file(self.pointer))
            try self.check("the system's authorities", SSL_CTX_set_default_verify_dir(self.pointer))
        case .file(let path):
            let certificates = try PEMFile(path).certificates()
            guard let store = SSL_CTX_get_cert_store(self.pointer) else { throw .setting("trust", reason: "no store") }
            for certificate in certificates {
                guard X509_STORE_add_cert(store, certificate.pointer) == 1 else { throw .file(path: path, reason: OpenSSLWords.drained()) }
            }
            // A certificate that is named in the file need not be an authority's.
            X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
        }
    }
}
