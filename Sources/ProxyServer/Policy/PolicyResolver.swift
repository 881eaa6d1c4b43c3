import Glibc
import LearnedQuirks
import NIOCore
import QuirkKit
import Rules
import SMTPSession

/// The rules of the config and the memory of learned quirks, as a session asks them.
struct PolicyResolver: PolicySource {
    let rules: RuleSet
    let memory: LearnedQuirks
    let catalogue: Catalogue

    func policy(on remote: RemoteFacts) -> RemotePolicy {
        let sure = self.sure(of: remote)
        // Where nothing is said of recipients, nor of the name in a greeting, nothing else can be said.
        let isSure = remote.domains.isEmpty && (remote.greeting == nil || !self.rules.hasHostTables)
        let resolved = isSure ? sure : self.resolved(remote)
        let demand = self.demand(on: remote, sure: sure)
        var profile = Profile(
            layers: resolved.quirks.map { quirk in
                Layer(quirk.value, sure.quirks.contains(quirk) ? .rule : .ruleOfGreeting, source: quirk.source.table)
            },
            ignored: Set(resolved.ignored.map(\.value)),
            shownKeywords: Set(resolved.keywords.map(\.value)),
            bypass: resolved.bypass.value,
            asksForDomains: self.rules.hasDomainTables,
            tls: demand.tls, tlsOfDomains: remote.tlsOfDomains, authUnverified: sure.authUnverified.value)
        if let history = remote.key.map({ self.memory.history(of: $0, at: Self.now) }) {
            if !profile.bypass, sure.allowsBypass, let key = remote.key { profile.bypass = self.memory.isBypassed(key, at: Self.now) }
            profile.layers += self.layers(of: history.known, besides: profile)
            profile.suspicions = history.suspicions
            profile.barred = history.barred
            profile.abilities = history.abilities
        }
        let terms = SlotQueue.Terms(
            connections: self.connections(resolved.connections?.value, profile.layers),
            pause: resolved.pause.map { .milliseconds(Int64($0.value)) } ?? .zero)
        let expectation = Expectation(
            names: demand.names, others: self.rules.namesOfDomains + demand.tls.names, greeting: remote.greeting, demand: demand.tls)
        return RemotePolicy(profile: profile, terms: terms, expectation: expectation)
    }

    /// The name it was configured under comes before the one it gives itself, if there are tables for it.
    private func resolved(_ remote: RemoteFacts) -> Resolved {
        let address = remote.address.flatMap(IPAddress.init)
        let resolve = { host in self.rules.resolve(address: address, port: remote.address?.port, host: host, domains: remote.domains) }
        guard self.rules.hasHostTables, let name = remote.name, let greeting = remote.greeting else { return resolve(remote.name ?? remote.greeting) }
        let byName = resolve(name)
        return byName.tables.contains { $0.stage == .greeting } ? byName : resolve(greeting)
    }

    /// What the config says of a quirk wins over what was learned.
    private func layers(of known: [Learned], besides profile: Profile) -> [Layer] {
        known
            .filter { learned in !profile.ignored.contains(learned.quirk.name) && !profile.layers.contains { $0.setting.name == learned.quirk.name }
            }
            .map { learned in
                Layer(
                    self.complete(learned.quirk), learned.isPinned ? .pinned : .learned,
                    source: "\(learned.origin) \(Moment(at: learned.firstSeen).day)", isDueForProbe: learned.isDueForProbe)
            }
    }

    /// Connections at once, at most: by the table, and by what is known of the host.
    private func connections(_ table: Int?, _ layers: [Layer]) -> Int? {
        layers.compactMap { self.catalogue.workarounds(of: $0.setting).connections }.reduce(table) { least, limit in
            min(least ?? limit, limit)
        }
    }

    private func complete(_ setting: QuirkSetting) -> QuirkSetting {
        guard let quirk = self.catalogue[setting.name] else { return setting }
        let standard = quirk.description.options.reduce(into: [:]) { $0[$1.name] = $1.standard }
        return QuirkSetting(setting.name, standard.merging(setting.options) { $1 }, further: setting.further)
    }

    var mindsGreetings: Bool { self.rules.hasHostTables }

    func note(_ note: Note, of remote: RemoteFacts, session: SessionID) -> [Event] {
        guard let key = remote.key else {
            if case .asksProbe = note { return [.probe(granted: false)] }
            return []
        }
        switch note {
        case .found(let finding): self.memory.found(finding, at: key, session: session.description, now: Self.now)
        case .suspected(let finding): self.memory.suspected(finding, at: key, now: Self.now)
        case .reused(let mails): self.memory.reused(key, mails: mails, now: Self.now)
        case .used(let quirk): self.memory.used(quirk, at: key, now: Self.now)
        case .clean(let quirk): self.memory.clean(quirk, at: key, session: session.description, now: Self.now)
        case .asksProbe(let quirk): return [.probe(granted: self.memory.mayProbe(quirk, at: key, now: Self.now))]
        // The connection's own affair, not the host's.
        case .greeted: break
        case .did(let ability): self.memory.did(ability, at: key, now: Self.now)
        case .failed(let quirk): self.memory.failed(quirk, at: key, now: Self.now)
        case .extraRefused: self.memory.extraRefused(key, now: Self.monotonic)
        case .extraAccepted: self.memory.extraAccepted(key)
        }
        return []
    }

    func mayOpenExtra(to remote: RemoteFacts) -> Bool {
        remote.key.map { self.memory.mayOpenExtra($0, now: Self.monotonic) } ?? true
    }

    /// Unix seconds.
    private static var now: Int { Int(time(nil)) }

    /// Milliseconds of a clock that nobody sets.
    private static var monotonic: Int { Int(NIODeadline.now().uptimeNanoseconds / 1_000_000) }
}

extension IPAddress {
    init?(_ address: SocketAddress) {
        guard let address = address.withOctets({ IPAddress(octets: $0) }) else { return nil }
        self = address
    }
}
