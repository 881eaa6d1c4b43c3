/// Text with mailbox addresses in it, for others to read.
public enum MailboxText {
    /// Of each address the domain alone: `MAIL FROM:<*@example.org>`.
    public static func shortened(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "@")) else { return text }
        let characters = Array(text)
        var result: [Character] = []
        var index = 0
        while index < characters.count {
            switch characters[index] {
            case "\"":
                if let end = self.endOfQuotedLocalPart(characters, from: index) {
                    result += "*@"
                    index = end
                } else {
                    result.append("\"")
                }
            case "@":
                while let last = result.last, !" <>(),;:\t\n\"[]=@".contains(last) { result.removeLast() }
                result += "*@"
            case let other: result.append(other)
            }
            index += 1
        }
        return String(result)
    }

    /// Where the "@" behind a quoted local part stands (RFC 5321 §4.1.2); nil: the quotation is none.
    private static func endOfQuotedLocalPart(_ text: [Character], from start: Int) -> Int? {
        var index = start + 1
        while index < text.count, text[index] != "\"" { index += text[index] == "\\" ? 2 : 1 }
        return index + 1 < text.count && text[index + 1] == "@" ? index + 1 : nil
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
