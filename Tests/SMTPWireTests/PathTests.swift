import Testing

@testable import SMTPWire

@Suite struct PathTests {
    @Test(
        arguments: [
            ("c@D.Example", "d.example"), ("c@d.example.", "d.example"), ("postmaster", nil), ("@a,@b:c@D", "d"), ("\"x@y\"@Z", "z"),
            ("\"x@y\"", nil), ("a@[192.0.2.1]", "[192.0.2.1]"),
            ("grün@BÜRO.example", "büro.example"), ("a@", nil), ("a@.", nil), ("", nil),
        ] as [(String, String?)])
    func `a recipient's domain`(path: String, domain: String?) {
        #expect(Recipient(forwardPath: path).domain == domain)
    }

    @Test func `parameters are found and dropped by keyword`() {
        let mail = Mail(reversePath: "a@b", parameters: [Parameter("size", "3"), Parameter("BODY", "7BIT"), Parameter("SMTPUTF8")])
        #expect(mail.parameter("Size") == Parameter("SIZE", "3"))
        #expect(mail.parameter("RET") == nil)
        #expect(mail.without(["SIZE", "SMTPUTF8", "RET"]).command.bytes == Array("MAIL FROM:<a@b> BODY=7BIT\r\n"))

        let recipient = Recipient(forwardPath: "c@d", parameters: [Parameter("NOTIFY", "NEVER"), Parameter("ORCPT", "rfc822;c@d")])
        #expect(recipient.parameter("notify")?.value == "NEVER")
        #expect(recipient.without(["NOTIFY"]).command.bytes == Array("RCPT TO:<c@d> ORCPT=rfc822;c@d\r\n"))
    }
}
