public import QuirkKit
import SMTPWire

/// One thing that is known, or assumed, of a host: a quirk with its options, and who says so.
public struct Layer: Hashable, Sendable {
    /// Who says so; the strongest first. Of several layers of one quirk the strongest holds whole: two never mix.
    public enum Origin: Int, Hashable, Sendable, Comparable {
        /// A rule of the config that holds whatever the host says of itself.
        case rule
        /// A rule that holds for the name in the host's greeting, which came in clear text: it cannot weaken TLS where TLS is demanded.
        case ruleOfGreeting
        case pinned
        case learned
        /// A repair of this session proved it.
        case provedHere
        /// A repair that is under way, or could not be proved yet.
        case assumed

        public static func < (left: Origin, right: Origin) -> Bool { left.rawValue < right.rawValue }
    }

    public var setting: QuirkSetting
    public var origin: Origin
    /// Where it comes from, in words for the log: `[address."192.0.2.0/24"]`, "learned 2026-11-23".
    public var source: String
    /// Learned and old enough to be probed: the engine asks before it does without.
    public var isDueForProbe: Bool

    public init(_ setting: QuirkSetting, _ origin: Origin, source: String = "", isDueForProbe: Bool = false) {
        self.setting = setting
        self.origin = origin
        self.source = source
        self.isDueForProbe = isDueForProbe
    }
}

/// All that is known and assumed of a host, and what follows from it for one of its connections.
struct Layers: Sendable {
    /// What rules and the learned store say.
    private(set) var known: [Layer] = []
    /// What this session found out.
    private(set) var found: [Layer] = []
    /// Quirks that are neither looked for nor applied.
    private(set) var ignored: Set<String> = []
    /// A quirk that the connection that stands does without, to see whether it is needed.
    private(set) var probed: String?
    /// What holds for the connection that stands.
    private(set) var workarounds = Workarounds()
    /// Which quirk sets what, in the order of the catalogue.
    private(set) var parts: [(quirk: String, workarounds: Workarounds)] = []

    var isEmpty: Bool { self.known.isEmpty && self.found.isEmpty }

    /// Takes over what rules and store say now. What this session found out stays.
    mutating func update(known: [Layer], ignored: Set<String>) {
        self.known = known
        self.ignored = ignored
    }

    /// A repair assumes a quirk, or has proved it.
    mutating func add(_ setting: QuirkSetting, _ origin: Layer.Origin) {
        self.found.removeAll { $0.setting.name == setting.name }
        self.found.append(Layer(setting, origin))
    }

    /// An assumption did not help, or was for one transaction alone.
    mutating func withdraw(_ quirk: String) { self.found.removeAll { $0.setting.name == quirk && $0.origin == .assumed } }

    /// Does without a quirk on the connection that stands.
    mutating func probe(_ quirk: String?) { self.probed = quirk }

    /// The layer that holds of a quirk. What this session found out takes the place of what was learned before: it is newer, and was seen here.
    func layer(of quirk: String) -> Layer? {
        guard !self.ignored.contains(quirk) || self.known.contains(where: { $0.setting.name == quirk && $0.origin <= .ruleOfGreeting }) else {
            return nil
        }
        let configured = self.known.filter { $0.setting.name == quirk && $0.origin <= .pinned }.min { $0.origin < $1.origin }
        return configured ?? self.found.last { $0.setting.name == quirk } ?? self.known.last { $0.setting.name == quirk }
    }

    /// Folds the layers into what holds for the connection that stands.
    /// - Parameters:
    ///   - demandsTLS: nothing but a rule may weaken TLS then, and nothing may do without it.
    ///   - announced: RFC 9422 `LIMITS` of its latest EHLO: of these and any other limit the smaller holds. Gateways that do not know LIMITS need them kept.
    mutating func fold(_ catalogue: Catalogue, demandsTLS: Bool, announced: SessionLimits?) {
        self.parts = []
        self.workarounds = Workarounds()
        let announced = announced == SessionLimits() ? nil : announced
        guard !self.isEmpty || announced != nil else { return }
        for (name, quirk) in zip(catalogue.names, catalogue.quirks) {
            if name != self.probed, let layer = self.layer(of: name) {
                var part = quirk.workarounds(of: layer.setting)
                if demandsTLS { part = part.allowed(by: layer.origin) }
                self.parts.append((name, part))
                self.workarounds.fold(part)
            }
        }
        if let announced { self.fold(announced) }
    }

    private mutating func fold(_ announced: SessionLimits) {
        let parts = [
            ("message-limit", Workarounds { $0.messages = announced.mailMax }), ("recipient-limit", Workarounds { $0.recipients = announced.rcptMax }),
            ("one-domain", Workarounds { $0.domains = announced.rcptDomainMax }),
        ]
        for (quirk, part) in parts where part != Workarounds() && !self.ignored.contains(quirk) && self.probed != quirk {
            self.parts.append((quirk, part))
            self.workarounds.fold(part)
        }
    }

    /// The quirk that sets a field as it is.
    func quirk<Value: Equatable>(behind field: KeyPath<Workarounds, Value>) -> String? {
        let value = self.workarounds[keyPath: field]
        return self.parts.first { $0.workarounds[keyPath: field] == value }?.quirk
    }

    func resetsBeforeMail(_ quirk: String) -> Bool { self.parts.contains { $0.quirk == quirk && $0.workarounds.resetsBeforeMail } }

    /// Whether a rule that holds whatever the host says of itself allows old TLS.
    func allowsOldTLSByRule(_ catalogue: Catalogue) -> Bool {
        self.known.contains { layer in
            layer.origin == .rule && catalogue.workarounds(of: layer.setting).tls == .legacy
        }
    }

    func isDueForProbe(_ quirk: String) -> Bool { self.layer(of: quirk)?.isDueForProbe == true }
}

extension Workarounds {
    /// Where TLS is demanded: only a rule that holds whatever the host says may allow old TLS, and nothing allows none (law 7).
    fileprivate func allowed(by origin: Layer.Origin) -> Workarounds {
        var allowed = self
        allowed.hello = .ehlo
        allowed.tls = self.tls == .legacy && origin == .rule ? .legacy : .modern
        return allowed
    }
}
