import SMTPWire

/// The form that the text of an option has: what goes into a command has to be right before a host hears it.
public enum TextForm: Hashable, Sendable {
    /// What may stand behind EHLO: a host name or an address literal (RFC 5321 §4.1.1.1).
    case helloName
    /// An EHLO keyword that may be left unused (RFC 5321 §4.1.1.1); STARTTLS is `tls`'s to decide.
    case keyword
    /// A local part, "@" and a domain (RFC 5321 §4.1.2), without angle brackets.
    case mailbox
    /// `4.7.1` (RFC 3463).
    case enhancedCode
    /// One line of a reply, which may name the groups of a pattern, and be empty.
    case replyText

    /// For people: "must be …".
    public var words: String {
        switch self {
        case .helloName: "a host name or an address literal, like \"\(self.example)\" or \"[192.0.2.1]\""
        case .keyword: "an EHLO keyword, like \"\(self.example)\" (for STARTTLS there is tls = \"off\")"
        case .mailbox: "an address, like \"\(self.example)\""
        case .enhancedCode: "an enhanced status code, like \"\(self.example)\""
        case .replyText: #"printable ASCII in one line, in which \1 to \9 name groups of the pattern"#
        }
    }

    public var example: String {
        switch self {
        case .helloName: "mx.example.org"
        case .keyword: "DSN"
        case .mailbox: "discard@example.org"
        case .enhancedCode: "4.7.1"
        case .replyText: "try again later"
        }
    }

    public func accepts(_ text: String) -> Bool {
        switch self {
        case .helloName:
            text.utf8.count <= 255 && (text.isHostName || text.isAddressLiteral)
                && Command(.ehlo(text)).body == .ehlo(text)
        case .keyword: text.isKeyword && text.uppercased() != "STARTTLS"
        case .mailbox: Self.isMailbox(text)
        case .enhancedCode: EnhancedCode(in: text.utf8)?.description == text
        case .replyText: (try? ReplyText(text)) != nil
        }
    }

    /// Read back by the reader of commands: what it takes for two words, or for none, is no address.
    private static func isMailbox(_ text: String) -> Bool {
        let recipient = Recipient(forwardPath: text)
        guard text.utf8.count <= 254, let domain = recipient.domain, domain.isHostName || domain.isAddressLiteral,
            text.first != "@",
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">") })
        else { return false }
        return recipient.command.body == .rcpt(recipient)
    }
}

extension String {
    /// Labels of letters, digits and hyphens (RFC 1123 §2.1); underscores, which some hosts have.
    fileprivate var isHostName: Bool {
        self.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { octet in
                    switch octet {
                    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"):
                        true
                    case UInt8(ascii: "-"), UInt8(ascii: "_"): true
                    default: false
                    }
                }
        }
    }

    fileprivate var isKeyword: Bool {
        (1...64).contains(self.utf8.count) && self.first != "-"
            && self.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
    }

    /// `[192.0.2.1]`, `[IPv6:2001:db8::1]` (RFC 5321 §4.1.3), by its look.
    fileprivate var isAddressLiteral: Bool {
        guard self.utf8.count > 4, self.hasPrefix("["), self.hasSuffix("]") else { return false }
        return self.dropFirst().dropLast().allSatisfy { $0.isASCII && ($0.isHexDigit || ".:IPvipV".contains($0)) }
    }
}
