/// Private EHLO keywords that are shown to the gateway: `keywords = ["XFOO"]`. RFC 5321 §4.1.1.1.
enum PrivateKeywords {
    /// In upper case. What is wrong with others has been reported.
    static func read(_ field: Field) -> [String] {
        let elements = field.list(of: "EHLO keywords, like [\"XFOO\"]", empty: "which shows none; leave it out")
        return (elements ?? []).compactMap { Self.keyword($0) }
    }

    /// What Mailshim knows and decides about by itself: none of them is private.
    private static let known: Set = [
        "8BITMIME", "AUTH", "BINARYMIME", "CHUNKING", "DELIVERBY", "DSN", "ENHANCEDSTATUSCODES", "FUTURERELEASE", "LIMITS", "MT-PRIORITY",
        "PIPELINING", "REQUIRETLS", "SIZE", "SMTPUTF8", "STARTTLS",
    ]
    private static let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-".utf8)

    private static func keyword(_ field: Field) -> String? {
        guard let text = field.string("an EHLO keyword, like \"XFOO\"") else { return nil }
        let keyword = text.uppercased()
        guard keyword.utf8.count <= 64, !keyword.hasPrefix("-"), keyword.utf8.allSatisfy({ Self.allowed.contains($0) }) else {
            field.fault("\(TOMLKey.quoted(text)) is no EHLO keyword: letters, digits and hyphens, without parameters, like \"XFOO\"")
            return nil
        }
        guard !Self.known.contains(keyword) else {
            field.fault("\"\(keyword)\" is not private: Mailshim itself decides when it is shown")
            return nil
        }
        return keyword
    }
}
