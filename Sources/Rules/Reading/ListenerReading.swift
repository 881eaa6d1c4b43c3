/// Reads the `[[listener]]` tables.
struct ListenerReading {
    let unavailable: Unavailable
    private static let words = ["original", "tproxy", "socks5", "proxy-protocol", "mx"]

    func listeners(_ field: Field) -> [Listener] {
        var tables: [Fields] = []
        switch field.node.value {
        case .array(let nodes):
            tables = nodes.compactMap { Field(name: field.name, node: $0, keyAt: field.keyAt, report: field.report).table("a table: [[listener]]") }
            if nodes.isEmpty { field.fault("is an empty list, so nobody could connect; write a [[listener]] table") }
        case .table:
            field.fault("each listener is a [[listener]], in double brackets")
            tables = field.table().map { [$0] } ?? []
        default: _ = field.table("a [[listener]] table")
        }
        var listeners: [Listener] = []
        for table in tables {
            let binding = table.required("bind", like: "\"127.0.0.1:2525\"")
            let target = table.required("destination", like: "\"original\"")
            let naming = table["name"]
            let listener = self.listener(table, binding: binding, target: target, naming: naming)
            if let twin = listeners.first(where: { naming != nil && $0.name == listener.name }) {
                naming?.fault("\(TOMLKey.quoted(listener.name)) is already the name of the listener in line \(twin.line)")
            }
            if let twin = listeners.first(where: { $0.bind.collides(with: listener.bind) }) {
                binding?.fault("\"\(listener.bind)\" is already taken by the listener in line \(twin.line), \"\(twin.bind)\"")
            }
            if case .fixed(let host, let port) = listener.destination, listener.bind.collides(with: SocketEndpoint(host: host, port: port)) {
                target?.fault("\"\(SocketEndpoint(host: host, port: port))\" is this listener itself, so mail would go round in circles")
            }
            listeners.append(listener)
        }
        return listeners
    }

    /// Where something is wrong, that has been reported, and what stands here is never used.
    private func listener(_ table: Fields, binding: Field?, target: Field?, naming: Field?) -> Listener {
        let bind = binding.flatMap(self.bind) ?? SocketEndpoint(host: "", port: 0)
        let listener = Listener(
            name: naming?.string() ?? bind.description,
            bind: bind,
            destination: target.flatMap(self.destination) ?? .original,
            allow: table["allow"].map(self.allow) ?? AddressRange.loopback,
            tls: table["tls"].flatMap(self.tls) ?? .auto,
            line: table.at.line)
        table.finish()
        return listener
    }

    private func bind(_ field: Field) -> SocketEndpoint? {
        guard let text = field.string("an address and a port, like \"0.0.0.0:2525\"") else { return nil }
        do {
            // Port 0: the system chooses.
            let endpoint = try SocketEndpoint(parsing: text, ports: 0...65535)
            if IPAddress(endpoint.host) != nil { return endpoint }
            field.fault(
                "\"\(endpoint.host)\" is a name; a listener binds an address of this machine, like \"127.0.0.1:\(endpoint.port)\" or \"[::]:\(endpoint.port)\""
            )
        } catch .noPort {
            field.fault("\(TOMLKey.quoted(text)) has no port; write an address and a port, like \"0.0.0.0:2525\" or \"[::]:2525\"")
        } catch {
            field.fault(error.message(for: text))
        }
        return nil
    }

    private func destination(_ field: Field) -> Destination? {
        let examples = Self.words.map { "\"\($0)\"" }.joined(separator: ", ") + " or a host with its port like \"mx.example.com:25\""
        guard let text = field.string("one of " + examples) else { return nil }
        guard !self.unavailable.destinations.contains(text) else {
            field.fault("\"\(text)\" is not available in this version")
            return nil
        }
        switch text {
        case "original": return .original
        case "tproxy": return .tproxy
        case "socks5": return .socks5
        case "proxy-protocol": return .proxyProtocol
        case "mx": return .mx
        default: break
        }
        do {
            let endpoint = try SocketEndpoint(parsing: text, ports: 1...65535)
            return .fixed(host: endpoint.host, port: endpoint.port)
        } catch .noPort where !text.contains(".") && !text.contains(":") {
            field.fault("\(TOMLKey.quoted(text)) is not one of \(examples)" + Similar.hint(for: text, among: Self.words))
        } catch {
            field.fault(error.message(for: text))
        }
        return nil
    }

    private func allow(_ field: Field) -> [AddressRange] {
        let elements = field.list(of: "addresses and ranges, like [\"10.0.0.0/8\"]", empty: "so nobody could connect; leave it out for loopback only")
        return (elements ?? []).compactMap { element in
            element.string("an address or a range, like \"10.0.0.0/8\"").flatMap { AddressRange(checking: $0, for: element.fault) }
        }
    }

    private func tls(_ field: Field) -> ListenerTLS? {
        guard case .table = field.node.value else {
            guard case .string = field.node.value else {
                return field.string("\"auto\", \"off\" or { certificate = \"…\", key = \"…\" }").flatMap { _ in nil }
            }
            return field.word(of: ["auto", "off"]).map { $0 == "off" ? .off : .auto }
        }
        guard let table = field.table() else { return nil }
        if self.unavailable.listenerCertificates {
            field.fault("a certificate of your own is not available in this version; write \"auto\" or \"off\"")
        }
        let implicit = table["implicit"]?.boolean() ?? false
        let (certificate, key) = (table["certificate"], table["key"])
        table.finish()
        switch (certificate, key) {
        case (nil, nil): return .auto(implicit: implicit)
        case (let certificate?, let key?):
            guard let certificate = certificate.string("the path of a PEM file"), let key = key.string("the path of a PEM file") else { return nil }
            return .files(certificate: certificate, key: key, implicit: implicit)
        case (nil, _): field.fault("has a key but no certificate; write certificate = \"shim.crt\" too")
        case (_, nil): field.fault("has a certificate but no key; write key = \"shim.key\" too")
        }
        return nil
    }
}

extension SocketEndpoint {
    /// Whether the system would refuse to bind both. Port 0 is another one each time.
    fileprivate func collides(with other: SocketEndpoint) -> Bool {
        guard self.port == other.port, self.port != 0, let mine = IPAddress(self.host), let its = IPAddress(other.host) else { return false }
        return mine.family == its.family && (mine == its || mine.isUnspecified || its.isUnspecified)
    }
}
