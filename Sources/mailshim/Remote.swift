import ArgumentParser
import Rules

/// A remote's address as people type it: `192.0.2.1`, `192.0.2.1:25`, `2001:db8::1`, `[2001:db8::1]:25`.
struct Remote: Hashable, CustomStringConvertible {
    let address: IPAddress
    let port: Int

    init?(_ text: String) {
        let (host, port) = HostAndPort.split(text)
        guard let address = IPAddress(host), let port = port.map({ HostAndPort.number($0) }) ?? 25 else { return nil }
        (self.address, self.port) = (address, port)
    }

    var description: String { SocketEndpoint(host: self.address.description, port: self.port).description }
}

extension Remote: ExpressibleByArgument {
    init?(argument: String) { self.init(argument) }
}

/// `HOST[:PORT]`, where an IPv6 address stands in brackets before a port.
enum HostAndPort {
    static func split(_ text: String) -> (host: String, port: Substring?) {
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            let host = String(text[text.index(after: text.startIndex)..<end])
            let rest = text[text.index(after: end)...]
            if rest.isEmpty { return (host, nil) }
            return rest.hasPrefix(":") ? (host, rest.dropFirst()) : (text, nil)
        }
        guard let colon = text.firstIndex(of: ":"), !text[text.index(after: colon)...].contains(":") else { return (text, nil) }
        return (String(text[..<colon]), text[text.index(after: colon)...])
    }

    static func number(_ port: Substring) -> Int? {
        guard !port.isEmpty, port.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = Int(port) else {
            return nil
        }
        return (1...65535).contains(number) ? number : nil
    }
}
