public import AdminProtocol

/// What `firewall watch` tells the proxy once a second: whether the rules are there, and how many connections went which way.
public struct RedirectReport: Hashable, Sendable {
    public enum State: String, Hashable, Sendable, CaseIterable {
        case inPlace = "in-place"
        /// They were gone, and are there again.
        case restored
        /// They are not there.
        case missing
    }

    public struct Way: Hashable, Sendable {
        public let listener: String
        /// "IPv4", "IPv6".
        public let family: String
        public let isOpen: Bool
        /// Connections since the rules were put in place; nil where it is not counted.
        public let led: Int?
        public let past: Int?

        public init(listener: String, family: String, isOpen: Bool, led: Int?, past: Int?) {
            (self.listener, self.family, self.isOpen, self.led, self.past) = (listener, family, isOpen, led, past)
        }
    }

    public let state: State
    public let ways: [Way]

    public init(_ state: State, ways: [Way]) { (self.state, self.ways) = (state, ways) }

    /// As a member of a request.
    public var json: JSON {
        [
            "rules": .string(self.state.rawValue),
            "ways": .array(
                self.ways.map { way in
                    [
                        "listener": .string(way.listener), "family": .string(way.family), "open": .boolean(way.isOpen),
                        "led": way.led.map { .integer($0) } ?? .null, "past": way.past.map { .integer($0) } ?? .null,
                    ]
                }),
        ]
    }

    /// Nil: it is none.
    public init?(_ json: JSON) {
        guard let state = json["rules"].string.flatMap(State.init(rawValue:)) else { return nil }
        let ways = json["ways"].elements.prefix(1024).map { way in
            Way(
                listener: way["listener"].string ?? "", family: way["family"].string ?? "", isOpen: way["open"].boolean == true,
                led: way["led"].integer, past: way["past"].integer)
        }
        self.init(state, ways: ways)
    }

    /// One address family over all listeners; counts are nil where none is kept.
    struct Family: Hashable {
        let name: String
        let isOpen: Bool
        let led: Int?
        let past: Int?
    }

    var families: [Family] {
        ["IPv4", "IPv6"].map { name in
            let ways = self.ways.filter { $0.family == name }
            func sum(_ counts: [Int]) -> Int? { counts.isEmpty ? nil : counts.reduce(0, +) }
            return Family(
                name: name, isOpen: ways.contains(where: \.isOpen), led: sum(ways.compactMap(\.led)), past: sum(ways.compactMap(\.past)))
        }
    }

    /// Families that are led here.
    private var words: String { self.families.map { "\($0.name) \($0.isOpen ? "yes" : "no")" }.joined(separator: "  ") }

    var check: HealthCheck {
        let (led, past) = (self.ways.compactMap(\.led).reduce(0, +), self.ways.compactMap(\.past).reduce(0, +))
        let counts = "led here \(led), went past \(past)"
        return switch self.state {
        case .inPlace where self.ways.contains(where: { !$0.isOpen }): HealthCheck("redirect rules", .warn, "\(self.words)  (mail goes past), \(counts)")
        case .inPlace: HealthCheck("redirect rules", .ok, "\(self.words)  \(counts)")
        case .restored: HealthCheck("redirect rules", .warn, "were gone, and were put in place again: \(self.words)  \(counts)")
        case .missing: HealthCheck("redirect rules", .fail, "are gone and cannot be put in place: mail goes past Mailshim")
        }
    }
}
