extension SocketEndpoint {
    /// What is wrong with a text that should be an address or a name with a port.
    enum Fault: Error, Hashable {
        case noHost, noPort, badPort(String), unbracketed, unclosed, badAddress(String), badName(String)

        func message(for text: String) -> String {
            switch self {
            case .noHost: "\(TOMLKey.quoted(text)) has no address before the port; write all of them as \"0.0.0.0:port\" or \"[::]:port\""
            case .noPort: "\(TOMLKey.quoted(text)) has no port; write \(TOMLKey.quoted(text + ":25"))"
            case .badPort(let port): "\(TOMLKey.quoted(port)) is no port; it must be a number from 1 to 65535"
            case .unbracketed: "\(TOMLKey.quoted(text)): an IPv6 address stands in brackets before its port, \"[2001:db8::1]:25\""
            case .unclosed: "\(TOMLKey.quoted(text)) has no closing bracket; write \"[2001:db8::1]:25\""
            case .badAddress(let host): "\(TOMLKey.quoted(host)) is no IP address"
            case .badName(let host): "\(TOMLKey.quoted(host)) is no address and no host name"
            }
        }
    }

    /// `192.0.2.1:25`, `[2001:db8::1]:25`, `mx.example.com:25`.
    init(parsing text: String, ports: ClosedRange<Int>) throws(Fault) {
        let (host, port) = try Self.split(text)
        guard !port.isEmpty, port.utf8.count <= 5, port.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Int(port), ports.contains(number)
        else { throw port.isEmpty ? .noPort : .badPort(port) }
        self.init(host: host, port: number)
    }

    private static func split(_ text: String) throws(Fault) -> (host: String, port: String) {
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw .unclosed }
            let inner = String(text[text.index(after: text.startIndex)..<end])
            guard inner.contains(":"), let address = IPAddress(inner) else { throw .badAddress(inner) }
            let rest = text[text.index(after: end)...]
            guard rest.hasPrefix(":") else { throw .noPort }
            return (address.description, String(rest.dropFirst()))
        }
        if IPAddress(text) != nil, text.contains(":") { throw .unbracketed }
        guard let colon = text.lastIndex(of: ":") else { throw .noPort }
        let host = String(text[..<colon])
        guard !host.contains(":") else { throw .unbracketed }
        guard !host.isEmpty, host != "*" else { throw .noHost }
        guard let address = IPAddress(host) else {
            let name = NamePattern.normalized(host)
            guard NamePattern.isName(name) else { throw .badName(host) }
            return (name, String(text[text.index(after: colon)...]))
        }
        return (address.description, String(text[text.index(after: colon)...]))
    }
}
