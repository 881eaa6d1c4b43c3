import NIOCore
import QuirkKit
import Rules
import SMTPSession

/// What is demanded of TLS, and of whom.
///
/// Law 7: the name in a greeting came in clear text. What a table says of it counts where it asks for more than what is said of the address, the configured name
/// and `[default]`; where it asks for less it is not heard.
extension PolicyResolver {
    struct Demand {
        var tls: TLSDemand
        /// Names that the remote is known by without its own word.
        var names: [String]
    }

    /// What is said of a remote whatever it says itself.
    func sure(of remote: RemoteFacts) -> Resolved {
        self.rules.resolve(address: remote.address.flatMap(IPAddress.init), port: remote.address?.port, host: remote.name, domains: [])
    }

    func demand(on remote: RemoteFacts, sure: Resolved) -> Demand {
        var tls = Self.demand(sure.tls.value, isImplicit: sure.isImplicit)
        tls.names = []  // those are `names`
        let names = sure.tls.value.names ?? remote.name.map { [$0.lowercased()] } ?? []
        // The names that a table for the name in the greeting gives satisfy its own demand, and nothing else: whoever greets as another is not known by that name.
        if self.rules.hasHostTables, let greeting = remote.greeting {
            let heard = self.rules.resolve(address: nil, port: nil, host: greeting, domains: []).tls
            if heard.source.stage == .greeting, heard.value.strictness > sure.tls.value.strictness {
                // A connection that has a greeting in clear text cannot begin with TLS any more.
                let demand = Self.demand(heard.value, isImplicit: false)
                tls = TLSDemand(max(tls.level, demand.level), tls.manner == .implicit ? .implicit : demand.manner, names: demand.names)
            }
        }
        return Demand(tls: tls, names: names)
    }

    func add(domain: String, to remote: inout RemoteFacts) {
        let said = self.rules.resolve(address: nil, port: nil, host: nil, domains: [domain])
        let tables = said.tables.filter { $0.stage == .rcpt }
        if said.tls.source.stage == .rcpt { remote.tlsOfDomains[domain] = Self.demand(said.tls.value, isImplicit: false) }
        guard !remote.domainTables.isSuperset(of: tables) else { return }
        remote.domains.append(domain)
        remote.domainTables.formUnion(tables)
    }

    private static func demand(_ tls: RemoteTLS, isImplicit: Bool) -> TLSDemand {
        if isImplicit { return TLSDemand(max(tls.level, .required), .implicit) }
        return TLSDemand(tls.level, tls == .passthrough ? .passthrough : .starttls, names: tls.names ?? [])
    }
}

extension RemoteTLS {
    fileprivate var level: TLSDemand.Level {
        switch self {
        case .off: .off
        case .opportunistic, .passthrough: .opportunistic
        case .required, .implicit: .required
        case .verified, .dane: .verified
        }
    }

    /// Those that the table gives.
    fileprivate var names: [String]? { if case .verified(let names) = self, !names.isEmpty { names } else { nil } }
}
