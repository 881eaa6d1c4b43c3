/// Reads the `[[listener]]` tables.
struct ListenerReading {
    let unavailable: Unavailable
    private var listeners: [Listener] = []

    init(unavailable: Unavailable) { self.unavailable = unavailable }

    static func listeners(_ field: Field, unavailable: Unavailable) -> [Listener] {
        var reading = ListenerReading(unavailable: unavailable)
        switch field.node.value {
        case .array(let nodes):
            if nodes.isEmpty { field.fault("is an empty list, so nobody could connect; write a [[listener]] table") }
            for node in nodes {
                let element = Field(name: field.name, node: node, keyAt: field.keyAt, report: field.report)
                element.table("a [[listener]] table").map { reading.read($0) }
            }
        case .table:
            field.fault("is a list of tables; write its header as [[listener]]")
            field.table().map { reading.read($0) }
        default: _ = field.table("a [[listener]] table")
        }
        return reading.listeners
    }

    private mutating func read(_ table: Fields) {
        let binding = table.required("bind", like: "\"127.0.0.1:2525\"")
        let target = table.required("destination", like: "\"original\"")
        let naming = table["name"]
        let bind = binding?.bindEndpoints()
        let name = naming?.listenerName()
        let destination = target?.destination(self.unavailable)
        let allow = table["allow"].map { $0.addressRanges() ?? [] }
        let securing = table["tls"]
        let tls = securing?.listenerTLS() ?? .auto
        let cleartextAuth = table["cleartext-auth"]?.boolean() ?? false
        let whenDown = table["when-down"].flatMap { $0.whenDown(destination) }
        table.finish()
        guard let bind, let first = bind.first else { return }
        let listener = Listener(
            name: name ?? first.endpoint.description, bind: bind.map(\.endpoint), destination: destination ?? .original, allow: allow, tls: tls,
            cleartextAuth: cleartextAuth, whenDown: whenDown, line: table.at.line, tlsAt: securing?.node.at)
        if let name, let twin = self.listeners.first(where: { $0.name == name }) {
            naming?.fault("\(TOMLKey.quoted(name)) is already the name of the listener in line \(twin.line)")
        }
        self.judge(bind, of: listener, target)
        self.listeners.append(listener)
    }

    private func judge(_ bind: [(endpoint: SocketEndpoint, field: Field)], of listener: Listener, _ target: Field?) {
        let taken = self.listeners.flatMap { other in other.bind.map { (endpoint: $0, line: other.line) } }
        for (index, (endpoint, field)) in bind.enumerated() {
            if let twin = taken.first(where: { $0.endpoint.collides(with: endpoint) }) {
                field.fault("\"\(endpoint)\" is taken by \"\(twin.endpoint)\" of the listener in line \(twin.line)")
            } else if let twin = bind.prefix(index).first(where: { $0.endpoint.collides(with: endpoint) }) {
                field.fault("\"\(endpoint)\" is taken by \"\(twin.endpoint)\" of the same list")
            }
            if listener.destination == .tproxy, endpoint.port == 25 {
                field.fault(
                    "port 25 with destination = \"tproxy\": every packet to port 25 would be led here, also of connections that go past; write another port, like 2525"
                )
            }
        }
        if case .fixed(let host, let port) = listener.destination,
            bind.contains(where: { $0.endpoint.collides(with: SocketEndpoint(host: host, port: port)) })
        {
            target?.fault("\"\(SocketEndpoint(host: host, port: port))\" is this listener itself: mail would go round in circles")
        }
    }
}

extension Field {
    fileprivate func whenDown(_ destination: Destination?) -> WhenDown? {
        guard let word = self.word(of: WhenDown.allCases.map(\.rawValue)) else { return nil }
        switch destination {
        case .original, .tproxy, nil: return WhenDown(rawValue: word)
        case .fixed, .socks5, .proxyProtocol, .mx:
            self.fault("is for destination = \"original\" or \"tproxy\": to another one nothing is led that could go past Mailshim")
            return nil
        }
    }
}

extension SocketEndpoint {
    /// Whether the system would refuse to bind both. Port 0 is another one each time.
    public func collides(with other: SocketEndpoint) -> Bool {
        guard self.port == other.port, self.port != 0, let mine = IPAddress(self.host), let its = IPAddress(other.host) else { return false }
        return mine.family == its.family && (mine == its || mine.isUnspecified || its.isUnspecified)
    }
}
