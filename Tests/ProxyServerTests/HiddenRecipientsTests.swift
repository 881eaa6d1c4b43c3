import Rules
import Testing

@testable import ProxyServer

/// `[log] recipients`.
struct HiddenRecipientsTests {
    private func said(_ line: Line, _ recipients: LogSettings.Recipients) -> String {
        String(decoding: LineFormat.logfmt.render(line.hidingRecipients(recipients)).dropLast().dropFirst("event=x ".utf8.count), as: UTF8.self)
    }

    @Test func addressesAreSaidAsTheConfigWants() {
        let line = Line("x").with("from", "<a@b.example>").with("to", .paths(["c@d.example", "postmaster"])).with("rcpts", .share(2, refused: 0))
        #expect(self.said(line, .full) == "from=<a@b.example> to=<c@d.example>,<postmaster> rcpts=2")
        #expect(self.said(line, .domain) == "from=<a@b.example> to=<*@d.example>,<*> rcpts=2")
        #expect(self.said(line, .off) == "from=<a@b.example> rcpts=2")
    }

    @Test(arguments: [
        ("550 5.1.1 <c@d.example>: User unknown", "550 5.1.1 <*@d.example>: User unknown", "550 5.1.1 <*>: User unknown"),
        ("550 c@d.example... No such user", "550 *@d.example... No such user", "550 *... No such user"),
        ("550 <\"x y\"@d.example>, c@d.example", "550 <*@d.example>, *@d.example", "550 <*>, *"),
        ("250 2.0.0 Ok: queued", "250 2.0.0 Ok: queued", "250 2.0.0 Ok: queued"),
    ])
    func repliesRepeatThem(reply: String, domain: String, off: String) {
        for name in ["reply", "told", "because"] {
            let line = Line("x").with(name, reply)
            func text(_ said: String) -> String { self.said(Line("x").with(name, said), .full) }
            #expect(self.said(line, .domain) == text(domain))
            if !reply.contains("...") { #expect(self.said(line, .off) == text(off)) }
        }
    }

    @Test func theCommandOfARepairIsKeptWhereItNamesTheSender() {
        let line = Line("x").with("sent", "MAIL FROM:<a@b.example>").with("sent", "RCPT TO:<c@d.example>")
        #expect(self.said(line, .domain) == "sent=\"MAIL FROM:<a@b.example>\" sent=\"RCPT TO:<*@d.example>\"")
    }
}
