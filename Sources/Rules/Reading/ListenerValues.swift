/// The values of a `[[listener]]`.
extension Field {
    /// One address with its port, or a list of them; each with the field that it stands in. Nil where one is wrong.
    func bindEndpoints() -> [(endpoint: SocketEndpoint, field: Field)]? {
        guard case .array = self.node.value else { return self.bindEndpoint().map { [($0, self)] } }
        guard let elements = self.list(of: "addresses and ports", empty: "so nobody could connect; write it like [\"0.0.0.0:2525\", \"[::]:2525\"]")
        else { return nil }
        let endpoints = elements.map { (endpoint: $0.bindEndpoint(), field: $0) }
        return endpoints.allSatisfy { $0.endpoint != nil } ? endpoints.compactMap { pair in pair.endpoint.map { ($0, pair.field) } } : nil
    }

    /// What may stand in a log line, a command and a firewall rule as it is.
    func listenerName() -> String? {
        guard let text = self.string() else { return nil }
        guard text.utf8.count <= 64, text.unicodeScalars.allSatisfy({ Self.inNames.contains($0) }) else {
            self.fault(
                "\(TOMLKey.quoted(text)) is no name for a listener; write at most 64 letters, digits, \".\", \"-\" and \"_\", like \"outbound\"")
            return nil
        }
        return text
    }

    private static let inNames = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_".unicodeScalars)

    private func bindEndpoint() -> SocketEndpoint? {
        guard let text = self.string("an address and a port, like \"0.0.0.0:2525\"") else { return nil }
        do {
            // Port 0: the system chooses.
            let endpoint = try SocketEndpoint(parsing: text, ports: 0...65535)
            if IPAddress(endpoint.host) != nil { return endpoint }
            self.fault(
                "\"\(endpoint.host)\" is a name; write an address of this machine, like \"127.0.0.1:\(endpoint.port)\" or \"[::]:\(endpoint.port)\"")
        } catch {
            self.fault(error.message(for: text, port: 2525))
        }
        return nil
    }

    func destination(_ unavailable: Unavailable) -> Destination? {
        let words = ["original", "tproxy", "socks5", "proxy-protocol", "mx"].filter { !unavailable.destinations.contains($0) }
        let expected = "one of " + words.map { "\"\($0)\"" }.joined(separator: ", ") + ", or a host with its port like \"mx.example.com:25\""
        guard let text = self.string(expected) else { return nil }
        guard !unavailable.destinations.contains(text) else {
            let others = words.map { "\"\($0)\"" }.joined(separator: ", ")
            self.fault("\"\(text)\" is not available in this version; there are: \(others), or a host with its port like \"mx.example.com:25\"")
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
            if IPAddress(endpoint.host)?.isUnspecified != true { return .fixed(host: endpoint.host, port: endpoint.port) }
            self.fault("\"\(endpoint.host)\" is no address one could connect to; write that of the remote, like \"192.0.2.1:25\"")
        } catch .noPort where !text.contains(".") && !text.contains(":") {
            self.fault("\(TOMLKey.quoted(text)) is not \(expected)" + Similar.hint(for: text, among: words))
        } catch {
            self.fault(error.message(for: text, port: 25))
        }
        return nil
    }

    func addressRanges() -> [AddressRange]? {
        let expected = "addresses and ranges, like [\"10.0.0.0/8\"]"
        return self.list(of: expected, empty: "so nobody could connect; leave it out for loopback only")?.compactMap { element in
            element.string("an address or a range, like \"10.0.0.0/8\"").flatMap { AddressRange(checking: $0, for: element.fault) }
        }
    }

    func listenerTLS() -> ListenerTLS? {
        switch self.node.value {
        case .string: return self.word(of: ["auto", "off"]).map { $0 == "off" ? .off : .auto }
        case .table: break
        default:
            _ = self.string("\"auto\", \"off\" or { certificate = \"shim.crt\", key = \"shim.key\" }")
            return nil
        }
        guard let table = self.table() else { return nil }
        let implicit = table["implicit"]?.boolean() ?? false
        let (certificate, key) = (table["certificate"], table["key"])
        let paths = (certificate?.string("the path of a PEM file"), key?.string("the path of a PEM file"))
        table.finish()
        switch (certificate, key) {
        case (nil, nil): return .auto(implicit: implicit)
        case (nil, _): self.fault("has a key without a certificate; write certificate = \"shim.crt\" too")
        case (_, nil): self.fault("has a certificate without a key; write key = \"shim.key\" too")
        default: break
        }
        guard let certificate = paths.0, let key = paths.1 else { return nil }
        return .files(certificate: certificate, key: key, implicit: implicit)
    }
}
