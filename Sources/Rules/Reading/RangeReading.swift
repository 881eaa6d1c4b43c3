extension AddressRange {
    /// A range whose address is its first one. What is wrong with another, and what would be right, is told.
    init?(checking text: String, for fault: (String) -> Void) {
        guard let range = AddressRange(text) else {
            fault("\(TOMLKey.quoted(text)) is \(Self.mistake(in: text))")
            return nil
        }
        guard let address = IPAddress(String(text.prefix { $0 != "/" })), address == range.network else {
            let bare = text.prefix { $0 != "/" }
            fault("\(TOMLKey.quoted(text)) has bits set beyond its prefix; write \"\(range)\" for the range or \"\(bare)\" for the one address")
            return nil
        }
        self = range
    }

    private static func mistake(in text: String) -> String {
        if let address = IPAddress(String(text.prefix { $0 != "/" })) {
            return "no range: behind the slash stands a number from 0 to \(address.width)"
        }
        let bare = text.hasPrefix("[") ? text.dropFirst().prefix { $0 != "]" } : text.prefix { $0 != ":" }
        if let address = IPAddress(String(bare)) { return "no address or range; write \"\(address)\", without brackets and port" }
        return "no address or range; write one like \"192.0.2.1\", \"192.0.2.0/24\" or \"2001:db8::/32\""
    }
}
