import Glibc

/// The name or address of a host, as it is asked for in SNI and looked for in a certificate: lower case, without a final dot.
struct HostName: Hashable, Sendable {
    enum Kind: Hashable, Sendable { case name, address }

    let text: String
    let kind: Kind

    /// Takes A-labels, also with an underscore, and addresses without brackets.
    init(_ given: String) throws(TLSError) {
        var text = given.lowercased()
        if text.hasSuffix(".") { text.removeLast() }
        if Self.isAddress(text) {
            self.kind = .address
        } else {
            self.kind = .name
            let isName = (1...253).contains(text.utf8.count) && !text.hasPrefix(".") && !text.utf8.contains { !Self.belongs($0) }
            guard isName else { throw .name(given) }
        }
        self.text = text
    }

    private static func belongs(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func isAddress(_ text: String) -> Bool { self.octets(of: text) != nil }

    /// The 4 or 16 octets of an address.
    static func octets(of text: String) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 { return Array(bytes.prefix(4)) }
        return inet_pton(AF_INET6, text, &bytes) == 1 ? bytes : nil
    }

    static func address(_ octets: UnsafeBufferPointer<UInt8>) -> String? {
        guard octets.count == 4 || octets.count == 16 else { return nil }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
            inet_ntop(octets.count == 4 ? AF_INET : AF_INET6, octets.baseAddress, text.baseAddress, socklen_t(text.count)).map { String(cString: $0) }
        }
    }
}
