/// Where mail goes while Mailshim does not run: past it, unless that would break a promise.
extension Config {
    /// As the listener's `when-down` says. Where it says nothing: `refuse` as soon as any rule demands TLS, or where remotes would see another address than
    /// they do otherwise, which SPF would meet: connections of other machines to an `original` listener.
    public func whenDown(of listener: Listener) -> WhenDown { listener.whenDown ?? (self.promises(of: listener).isEmpty ? .direct : .refuse) }

    /// What mail that goes past Mailshim does not have. Empty: nothing that anybody was promised.
    public func promises(of listener: Listener) -> [Promise] {
        (self.rules.demandsTLS ? [.encryption] : []) + (listener.destination == .original && listener.takesOtherMachines ? [.address] : [])
    }

    public enum Promise: Hashable, Sendable {
        /// A rule demands TLS.
        case encryption
        /// Remotes see this machine's address.
        case address
    }
}

extension Listener {
    /// Whether connections of other machines can be led to it: somebody wrote who may connect, and not loopback alone.
    fileprivate var takesOtherMachines: Bool {
        !self.allowsThisMachine && self.allow.contains { !$0.network.isLoopback } && self.bind.contains { IPAddress($0.host)?.isLoopback != true }
    }
}

extension RuleSet {
    /// Whether any table asks for encryption, come what may.
    public var demandsTLS: Bool {
        ([self.fallback, self.hosts.strictest, self.domains.strictest] + self.addresses.all.map(\.rule)).contains { rule in
            (rule?.tls?.strictness ?? 0) > RemoteTLS.passthrough.strictness
        }
    }
}
