extension SocketEndpoint {
    /// What is wrong with a text that should be an address or a name with a port.
    enum Fault: Error, Hashable {
        case noHost, noPort, badPort(String), unbracketed, unclosed, badAddress(String), badName(String)

        /// - Parameter port: a likely one, for examples.
        func message(for text: String, port likely: Int) -> String {
            let complete = TOMLKey.quoted(text.hasSuffix(":") ? "\(text)\(likely)" : "\(text):\(likely)")
            let text = TOMLKey.quoted(text)
            return switch self {
            case .noHost: "\(text) has no address before the port; write \"0.0.0.0:\(likely)\" or \"[::]:\(likely)\" for all of this machine"
            case .noPort: "\(text) has no port; write it behind a colon, like \(complete)"
            case .badPort(let port): "\(text): \(TOMLKey.quoted(port)) is no port, a number from 1 to 65535"
            case .unbracketed: "\(text): an IPv6 address stands in brackets before its port, like \"[2001:db8::1]:\(likely)\""
            case .unclosed: "\(text) has no closing bracket; write it like \"[2001:db8::1]:\(likely)\""
            case .badAddress(let host): "\(text): \(TOMLKey.quoted(host)) is no IPv6 address; write it like \"[2001:db8::1]:\(likely)\""
            case .badName(let host): "\(text): \(TOMLKey.quoted(host)) is no address and no host name"
            }
        }
    }

    /// `192.0.2.1:25`, `[2001:db8::1]:25`, `mx.example.com:25`.
    init(parsing text: String, ports: ClosedRange<Int>) throws(Fault) {
        let (host, port) = try Self.split(text)
        guard !port.isEmpty else { throw .noPort }
        guard port.utf8.count <= 5, port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(port), ports.contains(number)
        else { throw .badPort(port) }
        self.init(host: host, port: number)
    }

    private static func split(_ text: String) throws(Fault) -> (host: String, port: String) {
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw .unclosed }
            let inner = String(text[..<end].dropFirst())
            guard inner.contains(":"), let address = IPAddress(inner) else { throw .badAddress(inner) }
            let rest = text[end...].dropFirst()
            guard rest.isEmpty || rest.hasPrefix(":") else { throw .badPort(String(rest)) }
            return (address.description, String(rest.dropFirst()))
        }
        guard let colon = text.lastIndex(of: ":") else { throw .noPort }
        let host = String(text[..<colon])
        guard !host.contains(":") else { throw .unbracketed }
        guard !host.isEmpty, host != "*" else { throw .noHost }
        let port = String(text[colon...].dropFirst())
        if let address = IPAddress(host) { return (address.description, port) }
        guard let name = NamePattern.normalized(host), NamePattern.isName(name) else { throw .badName(host) }
        return (name, port)
    }
}
