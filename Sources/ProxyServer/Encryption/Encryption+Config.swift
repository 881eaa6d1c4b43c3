import OpenSSLTLS
import Rules

extension Encryption {
    /// Reads the certificates of all listeners.
    convenience init(_ config: Config, trust: TLSTrust, own: OwnCertificate) throws(CertificateFailure) {
        var servers: [ListenerTLS: TLSServerContext] = [:]
        for listener in config.listeners where servers[listener.tls] == nil {
            do throws(TLSError) {
                guard let identity = try Self.identity(of: listener, in: config, own: own) else { continue }
                servers[listener.tls] = try TLSServerContext(identity: identity)
            } catch {
                throw CertificateFailure(listener: listener.name, because: error.description)
            }
        }
        self.init(trust: trust, servers: servers)
    }

    private static func identity(of listener: Listener, in config: Config, own: OwnCertificate) throws(TLSError) -> TLSIdentity? {
        switch listener.tls {
        case .off: nil
        case .auto: try own.identity(for: config.hostname, state: config.state)
        case .files(let certificate, let key, _): try TLSIdentity(certificate: config.path(of: certificate), key: config.path(of: key))
        }
    }
}

extension Config {
    /// Paths in the config file are seen from its folder.
    fileprivate func path(of file: String) -> String {
        guard !file.hasPrefix("/"), let path = self.path, let slash = path.lastIndex(of: "/") else { return file }
        return path[...slash] + file
    }
}
