import Rules

/// What an operator should know of listeners that connections are to be led to, before any is.
struct RedirectAdvice {
    let listener: Listener
    /// Its addresses.
    let endpoints: [RedirectedListener]
    let sources: OutgoingAddresses
    /// What mail that goes past Mailshim does not have.
    let promises: [Config.Promise]

    /// Why nothing at all is led to it; nil where something is.
    var fault: String? {
        guard !self.endpoints.contains(where: \.contributes) else { return nil }
        let families = Set(self.endpoints.map(\.address.family)).filter { family in self.listener.allow.contains { $0.network.family == family } }
        guard let family = families.first else {
            let word = self.endpoints.first?.address.family.word ?? ""
            return self.told("nothing is led to it: bind has \(word) addresses alone, and allow has none")
        }
        return self.told("nothing is led to it: of \(family.word) allow has loopback alone, and no connection goes out from there; \(self.namingOwn)")
    }

    var warnings: [String] { self.families + self.own + self.reach + self.past }

    /// Families that the listener's own table is at odds about.
    private var families: [String] {
        guard self.fault == nil else { return [] }
        let bound = Set(self.endpoints.map(\.address.family))
        return [IPAddress.Family.v4, .v6].compactMap { family in
            let isAllowed = self.listener.allow.contains { $0.network.family == family }
            switch (bound.contains(family), isAllowed) {
            case (true, false):
                return self.told(
                    "\(family.word) is not redirected: allow has no \(family.word) address, so nothing is led to \(self.text(of: family))")
            case (false, true):
                return self.told(
                    "\(family.word) is not redirected: bind has no \(family.word) address, so mail to \(family.word) hosts goes past Mailshim; add "
                        + "\"\(self.counterpart(family))\" to bind")
            case (true, true), (false, false): return nil
            }
        }
    }

    /// A gateway on this machine is meant, and cannot get in.
    private var own: [String] {
        guard self.fault == nil, !self.listener.allowsThisMachine else { return [] }
        return Set(self.endpoints.map(\.address.family)).sorted { $0.word < $1.word }.compactMap { family in
            let ranges = self.listener.allow.filter { $0.network.family == family }
            guard ranges.contains(where: { $0.network.isLoopback }) else { return nil }
            let addresses = self.sources.of(family)
            let isNamed =
                addresses.isEmpty
                ? ranges.contains { !$0.network.isLoopback }
                : addresses.contains { address in ranges.contains { $0.contains(address) } }
            guard !isNamed else { return nil }
            let which = addresses.isEmpty ? "" : " (\(addresses.map(\.description).joined(separator: ", ")))"
            return self.told(
                "allow has loopback, but not the \(family.word) address that this machine's own connections come from\(which): a gateway on it is not led here; "
                    + self.namingOwn)
        }
    }

    /// Gateways elsewhere.
    private var reach: [String] {
        let elsewhere = self.endpoints.filter { endpoint in
            endpoint.gateways.contains { range in !self.sources.of(endpoint.address.family).contains { range.only == $0 } }
        }
        let loopback = elsewhere.filter { !$0.isTransparent && $0.address.isLoopback }.map { endpoint in
            self.told("\(endpoint.endpoint) is reached by gateways on this machine alone; bind it to \(endpoint.unspecified) for the others")
        }
        guard elsewhere.contains(where: { !$0.isTransparent && !$0.address.isLoopback }) else { return loopback }
        return loopback + [
            self.told(
                "with destination = \"original\" remotes see this machine's address, not the gateway's. SPF, PTR and HELO must fit it, "
                    + "and limits per source add up over all gateways. destination = \"tproxy\" keeps the gateway's address")
        ]
    }

    /// `direct` against a promise.
    private var past: [String] {
        guard self.listener.whenDown == .direct else { return [] }
        return self.promises.map { promise in
            switch promise {
            case .encryption: self.told("when-down = \"direct\": while Mailshim does not run, mail goes out without the TLS that the rules demand")
            case .address: self.told("when-down = \"direct\": while Mailshim does not run, remotes see the gateway's address, which SPF, PTR and HELO must fit too")
            }
        }
    }

    private func told(_ words: String) -> String { "listener \(self.listener.name): \(words)" }

    private var namingOwn: String { "name this machine's own addresses in allow, or leave allow out where all gateways are on this machine" }

    private func text(of family: IPAddress.Family) -> String {
        self.endpoints.filter { $0.address.family == family }.map(\.endpoint).joined(separator: ", ")
    }

    /// What the address that there is would be in the other family.
    private func counterpart(_ family: IPAddress.Family) -> String {
        let port = self.endpoints.first?.port ?? 2525
        let isLoopback = self.endpoints.allSatisfy { $0.address.isLoopback }
        let host = family == .v4 ? (isLoopback ? "127.0.0.1" : "0.0.0.0") : (isLoopback ? "::1" : "::")
        return SocketEndpoint(host: host, port: port).description
    }
}
