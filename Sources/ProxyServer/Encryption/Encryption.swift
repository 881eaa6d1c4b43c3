import OpenSSLTLS
import Rules
import SMTPSession
import Synchronization

/// TLS of one configuration: what connections to remotes and from gateways are made with. A reload makes a new one, with what is in the files by then.
final class Encryption: Sendable {
    private let trust: TLSTrust
    private let contexts = Mutex<[TLSAge: TLSClientContext]>([:])
    private let sessions = TLSSessionCache()
    private let servers: [ListenerTLS: TLSServerContext]

    /// - Parameter servers: by what the listeners' `tls` says.
    init(trust: TLSTrust = .system, servers: [ListenerTLS: TLSServerContext] = [:]) {
        self.trust = trust
        self.servers = servers
    }

    /// Nil: this listener has no TLS.
    func server(for listener: Listener) -> TLSServerContext? { self.servers[listener.tls] }

    /// For a connection to a remote that is to begin TLS now. Sessions are resumed at the same address, with the same name, setting and context.
    func client(of address: String, _ expected: Expectation, isLegacy: Bool) throws(TLSError) -> TLSHandler {
        let context = try self.context(isLegacy ? .legacy : .modern)
        let place = self.sessions.place(address: address, setting: expected.setting)
        let others = expected.names.filter { $0 != expected.serverName }
        do throws(TLSError) {
            return try TLSHandler(client: context, name: expected.serverName, alsoNamed: others, lookedFor: expected.others, sessions: place)
        } catch .name where expected.names.isEmpty {
            // The name in a greeting need not be one.
            return try TLSHandler(client: context, name: nil, lookedFor: expected.others, sessions: place)
        }
    }

    /// Made when it is first needed: the old is seldom, and both hold the system's authorities.
    private func context(_ age: TLSAge) throws(TLSError) -> TLSClientContext {
        try self.contexts.withLock { contexts throws(TLSError) in
            if let context = contexts[age] { return context }
            let context = try TLSClientContext(age: age, trust: self.trust)
            contexts[age] = context
            return context
        }
    }
}
