import NIOCore
import Testing

@testable import SMTPWire

@Test func smoke() throws {
    var inbox = GatewayInbox()
    inbox.append(ByteBuffer(string: "mail from:<a@b> size=3\r\nRCPT TO:<c@D.example>\r\nDATA\r\n.\r\nQUIT\r\n"))
    let mail = inbox.command()
    #expect(mail?.body == .mail(Mail(reversePath: "a@b", parameters: [Parameter("SIZE", "3")])))
    #expect(mail?.text == "mail from:<a@b> size=3")
    guard case .rcpt(let recipient)? = inbox.command()?.body else { Issue.record("no RCPT"); return }
    #expect(recipient.domain == "d.example")
    #expect(inbox.command() == .data)
    var scanner = MailDataScanner()
    #expect(inbox.content(&scanner) == .init(content: ByteBuffer(), isEnd: true))
    #expect(inbox.command() == .quit)
    #expect(inbox.command() == nil)
    var replies = ReplyParser()
    replies.append(ByteBuffer(string: "250-a\r\n250-SIZE 5\r\n250 smtputf8\r\n503\n"))
    let ehlo = try #require(try replies.next())
    #expect(ehlo.text == "a SIZE 5 smtputf8")
    #expect(Keywords(ehlo).size == 5)
    #expect(Keywords(ehlo).contains("8bitmime"))
    #expect(try replies.next()?.bytes == Array("503 \r\n".utf8))
    #expect(Reply(250, "a\nb").line == "250 a b")
}
