import LearnedQuirks
import NIOCore
public import QuirkKit
public import Rules
public import SMTPSession

/// A config's word on remotes without a proxy, with nothing learned: what `mailshim replay` plays transcripts against.
public struct OfflinePolicy: Sendable {
    private let resolver: PolicyResolver
    /// Name, time-outs and limits of a session.
    public let settings: Settings

    public init(_ config: Config, catalogue: [any Quirk]) {
        let nothing = LearnedQuirks(location: .memory, policy: LearnedQuirks.Policy(enabled: false)) { _ in }
        self.resolver = PolicyResolver(rules: config.rules, memory: nothing, catalogue: Catalogue(catalogue))
        self.settings = Settings(config)
    }

    /// - Parameters:
    ///   - address: an IP address without its port; nil: not known.
    ///   - greeting: the name in its greeting, once that is known.
    ///   - domains: of recipients, so far.
    public func profile(address: String?, port: Int, greeting: String?, domains: [String]) -> Profile {
        var remote = RemoteFacts()
        remote.address = address.flatMap { try? SocketAddress(ipAddress: $0, port: port) }
        remote.greeting = greeting
        for domain in domains { self.resolver.add(domain: domain, to: &remote) }
        return self.resolver.policy(on: remote).profile
    }
}
