import NIOCore
import QuirkKit
import Rules
import SMTPSession

/// What is demanded of TLS, and of whom.
///
/// Law 7: the name in a greeting came in clear text. What a table says of it counts where it asks for more than what is said of the address, the configured name
/// and `[default]`; where it asks for less it is not heard.
extension Knowledge {
    struct Demand {
        var tls: TLSDemand
        var names: [String]
    }

    /// What is said of a remote whatever it says itself.
    func sure(of remote: RemoteFacts) -> Resolved {
        self.rules.resolve(address: remote.address.flatMap(IPAddress.init), port: remote.address?.port, host: remote.name, domains: [])
    }

    func demand(on remote: RemoteFacts, sure: Resolved) -> Demand {
        var tls = Self.demand(sure.tls.value, isImplicit: sure.isImplicit)
        var names = sure.tls.value.names ?? remote.name.map { [$0.lowercased()] } ?? []
        if let greeting = remote.greeting {
            let heard = self.rules.resolve(address: nil, port: nil, host: greeting, domains: []).tls
            if heard.source.stage == .greeting, heard.value.strictness > sure.tls.value.strictness {
                // A connection that has a greeting in clear text cannot begin with TLS any more.
                let demand = Self.demand(heard.value, isImplicit: false)
                tls = TLSDemand(max(tls.level, demand.level), tls.manner == .implicit ? .implicit : demand.manner)
                if let own = heard.value.names { names = own }
            }
        }
        return Demand(tls: tls, names: names)
    }

    /// What tables for recipient domains demand.
    func demands(of domains: [String]) -> [String: TLSDemand.Level] {
        var levels: [String: TLSDemand.Level] = [:]
        for domain in domains {
            let tls = self.rules.resolve(address: nil, port: nil, host: nil, domains: [domain]).tls
            if tls.source.stage == .rcpt { levels[domain] = tls.value.level }
        }
        return levels
    }

    private static func demand(_ tls: RemoteTLS, isImplicit: Bool) -> TLSDemand {
        if isImplicit { return TLSDemand(max(tls.level, .required), .implicit) }
        return TLSDemand(tls.level, tls == .passthrough ? .passthrough : .starttls)
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
