/// Text with mailbox addresses in it, for others to read.
public enum MailboxText {
    /// Of each address the domain alone: `MAIL FROM:<*@example.org>`.
    public static func shortened(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "@")) else { return text }
        var result: [Character] = []
        for character in text {
            if character == "@" {
                self.dropLocalPart(from: &result)
                result.append("*")
            }
            result.append(character)
        }
        return String(result)
    }

    private static func dropLocalPart(from text: inout [Character]) {
        if text.last == "\"" {
            // A quoted string (RFC 5321 §4.1.2), back to the quote that opens it.
            text.removeLast()
            while let last = text.popLast() {
                if last == "\"", text.last != "\\" { return }
            }
            return
        }
        while let last = text.last, !" <>(),;:\t\n\"[]=".contains(last) { text.removeLast() }
    }
}

extension Learned {
    /// Without the local parts of addresses in its evidence.
    public var withoutMailboxes: Learned {
        var learned = self
        learned.sent = MailboxText.shortened(self.sent)
        learned.reply = MailboxText.shortened(self.reply)
        return learned
    }
}
