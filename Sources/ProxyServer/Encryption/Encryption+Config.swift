import OpenSSLTLS
public import Rules

extension Encryption {
    /// Reads the certificates of all listeners.
    convenience init(_ config: Config, trust: TLSTrust, own: OwnCertificate) throws(CertificateFailures) {
        var servers: [ListenerTLS: TLSServerContext] = [:]
        var expiries: [ListenerTLS: Int] = [:]
        var failures: [CertificateFailure] = []
        for listener in config.listeners where servers[listener.tls] == nil {
            do throws(TLSError) {
                let identity: TLSIdentity? =
                    switch listener.tls {
                    case .off: nil
                    case .auto: try own.identity(for: config.hostname, state: config.state)
                    case .files(let certificate, let key, _): try TLSIdentity(certificate, key, in: config)
                    }
                if let identity {
                    servers[listener.tls] = try TLSServerContext(identity: identity)
                    expiries[listener.tls] = identity.certificate.notAfter
                }
            } catch {
                failures.append(CertificateFailure(listener, in: config, because: error.description))
            }
        }
        guard failures.isEmpty else { throw CertificateFailures(failures: failures) }
        self.init(trust: trust, servers: servers, expiries: expiries)
    }
}

extension Config {
    /// What is wrong with the files that listeners name, in the words of `mailshim serve`. What Mailshim makes itself is not made.
    public var certificateFailures: [CertificateFailure] {
        self.listeners.compactMap { listener in
            guard case .files(let certificate, let key, _) = listener.tls else { return nil }
            do throws(TLSError) {
                _ = try TLSServerContext(identity: TLSIdentity(certificate, key, in: self))
                return nil
            } catch {
                return CertificateFailure(listener, in: self, because: error.description)
            }
        }
    }
}

extension TLSIdentity {
    fileprivate convenience init(_ certificate: String, _ key: String, in config: Config) throws(TLSError) {
        try self.init(certificate: config.path(of: certificate), key: config.path(of: key))
    }
}
