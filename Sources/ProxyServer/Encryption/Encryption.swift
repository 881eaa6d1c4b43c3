import OpenSSLTLS
import Rules
import SMTPSession

/// TLS of one configuration: what connections to remotes and from gateways are made with. A reload makes a new one, with what is in the files by then.
final class Encryption: Sendable {
    private let modern: Result<TLSClientContext, TLSError>
    private let legacy: Result<TLSClientContext, TLSError>
    private let sessions = TLSSessionCache()
    private let servers: [ListenerTLS: TLSServerContext]
    /// When listeners' certificates expire, by what their `tls` says; Unix seconds.
    let expiries: [ListenerTLS: Int]

    /// Reads the trusted authorities, which takes a while: not for an event loop. Where they are of no use, each connection that needs them is told.
    ///
    /// - Parameter servers: by what the listeners' `tls` says.
    init(trust: TLSTrust = .system, servers: [ListenerTLS: TLSServerContext] = [:], expiries: [ListenerTLS: Int] = [:]) {
        self.expiries = expiries
        self.modern = Self.context(.modern, trust)
        self.legacy = Self.context(.legacy, trust)
        self.servers = servers
    }

    /// Nil: this listener has no TLS.
    func server(for listener: Listener) -> TLSServerContext? { self.servers[listener.tls] }

    /// For a connection to a remote that is to begin TLS now. Sessions are resumed at the same address, with the same name, setting and context.
    func client(of address: String, _ expected: Expectation, isLegacy: Bool) throws(TLSError) -> TLSHandler {
        let context = try (isLegacy ? self.legacy : self.modern).get()
        let place = self.sessions.place(address: address, setting: expected.setting)
        let others = expected.names.filter { $0 != expected.serverName }
        do throws(TLSError) {
            return try TLSHandler(client: context, name: expected.serverName, alsoNamed: others, lookedFor: expected.others, sessions: place)
        } catch .name where expected.names.isEmpty {
            // The name in a greeting need not be one.
            return try TLSHandler(client: context, name: nil, lookedFor: expected.others, sessions: place)
        }
    }

    private static func context(_ age: TLSAge, _ trust: TLSTrust) -> Result<TLSClientContext, TLSError> {
        Result { () throws(TLSError) in try TLSClientContext(age: age, trust: trust) }
    }
}
