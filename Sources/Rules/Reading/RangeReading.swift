extension AddressRange {
    /// A range whose address is its first one; else what would be right is told.
    init?(checking text: String, for fault: (String) -> Void) {
        guard let range = AddressRange(text) else {
            fault("\(TOMLKey.quoted(text)) is " + Self.mistake(in: text))
            return nil
        }
        let address = IPAddress(String(text.prefix { $0 != "/" }))
        guard address == range.network else {
            fault(
                "\(TOMLKey.quoted(text)) has bits set beyond its prefix; write \"\(range)\" for the range or \"\(address?.description ?? "")\" for the address"
            )
            return nil
        }
        self = range
    }

    private static func mistake(in text: String) -> String {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let examples = "write one like \"192.0.2.1\", \"192.0.2.0/24\" or \"2001:db8::/32\""
        guard let first = parts.first, let address = IPAddress(first) else {
            let bare = text.hasPrefix("[") ? text.dropFirst().prefix { $0 != "]" } : text.prefix { $0 != ":" }
            return IPAddress(String(bare)).map { "no address or range; write \"\($0)\", without brackets or port" }
                ?? "no IP address or range; \(examples)"
        }
        return "no range: what follows the slash must be a number from 0 to \(address.width)"
    }
}
