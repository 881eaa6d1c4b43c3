import Testing

@testable import SMTPWire

private func mail(_ path: String, _ parameters: Parameter...) -> Command.Body { .mail(Mail(reversePath: path, parameters: parameters)) }
private func rcpt(_ path: String, _ parameters: Parameter...) -> Command.Body { .rcpt(Recipient(forwardPath: path, parameters: parameters)) }

@Suite struct CommandTests {
    private static let understood: [(String, Command.Body)] = [
        ("EHLO mx.example.org", .ehlo("mx.example.org")),
        ("EHLO", .ehlo("")), ("HELO  ", .helo("")),
        ("ehlo [IPv6:2001:db8::1] ", .ehlo("[IPv6:2001:db8::1]")),
        ("HELO a", .helo("a")),
        ("EHLO büro.example", .ehlo("büro.example")),
        ("DATA", .data),
        ("data", .data),
        ("DATA  \t", .data),
        ("RSET", .rset),
        ("NOOP", .noop),
        ("NOOP what ever", .noop),
        ("QUIT ", .quit),
        ("StartTLS", .starttls),
        ("VRFY a", .vrfy),
        ("EXPN list", .expn),
        ("HELP", .help),
        ("HELP MAIL", .help),
        ("AUTH plain AGEAYg==", .auth(mechanism: "PLAIN")),
        ("auth SCRAM-SHA-256", .auth(mechanism: "SCRAM-SHA-256")),
        ("BDAT 0 LAST", .bdat(Chunk(octets: 0, last: true))),
        ("bdat 86 last ", .bdat(Chunk(octets: 86, last: true))),
        ("BDAT  1000", .bdat(Chunk(octets: 1000, last: false))),
        ("BDAT 9223372036854775807", .bdat(Chunk(octets: .max, last: false))),
        ("XCLIENT NAME=a", .other("XCLIENT")),
        ("x-link2state LAST CHUNK", .other("X-LINK2STATE")),
        ("STARTTLSX", .other("STARTTLSX")),
        ("MAILX FROM:<a>", .other("MAILX")),
        ("ETRN example.org", .other("ETRN")),
        (" QUIT", .quit),

        ("MAIL FROM:<a@b>", mail("a@b")),
        ("mail from:<A@b>", mail("A@b")),
        ("MAIL FROM: <a@b>", mail("a@b")),
        ("MAIL  FROM : <a@b>  ", mail("a@b")),
        ("MAIL FROM:a@b", mail("a@b")),
        ("MAIL FROM: a@b SIZE=1", mail("a@b", Parameter("SIZE", "1"))),
        ("MAIL FROM:<>", mail("")),
        ("MAIL FROM:<> BODY=8BITMIME", mail("", Parameter("BODY", "8BITMIME"))),
        (
            "MAIL FROM:<a@b> size=1000 Body=8bitmime smtputf8",
            mail("a@b", Parameter("SIZE", "1000"), Parameter("BODY", "8bitmime"), Parameter("SMTPUTF8"))
        ),
        ("MAIL FROM:<a@b> AUTH=<> ENVID=x=y", mail("a@b", Parameter("AUTH", "<>"), Parameter("ENVID", "x=y"))),
        ("MAIL FROM:<a@b>\tX-1=", mail("a@b", Parameter("X-1", ""))),
        ("MAIL FROM:<\"a b>\\\"<\"@c>", mail("\"a b>\\\"<\"@c")),
        ("MAIL FROM:\"a b\"@c RET=HDRS", mail("\"a b\"@c", Parameter("RET", "HDRS"))),
        ("MAIL FROM:<grün@büro.example> SMTPUTF8", mail("grün@büro.example", Parameter("SMTPUTF8"))),
        ("MAIL FROM:<a\\>b@c>", mail("a\\>b@c")),

        ("RCPT TO:<c@d>", rcpt("c@d")),
        ("rcpt to: c@d", rcpt("c@d")),
        ("RCPT TO:<Postmaster>", rcpt("Postmaster")),
        ("RCPT TO:<@a,@b:c@d>", rcpt("@a,@b:c@d")),
        (
            "RCPT TO:<c@d> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;c+2Bx@d",
            rcpt("c@d", Parameter("NOTIFY", "SUCCESS,FAILURE"), Parameter("ORCPT", "rfc822;c+2Bx@d"))
        ),
    ]

    @Test(arguments: Self.understood)
    func `is understood, and its octets are kept`(line: String, body: Command.Body) {
        let command = Command(line: Array(line))
        #expect(command.body == body)
        #expect(command.bytes == Array(line + "\r\n"))
        #expect(command == Command(line: Array(line + "\r\n")))
    }

    @Test(arguments: Self.understood)
    func `renders to a line that reads the same`(line: String, body: Command.Body) {
        let rendered = Command(body)
        #expect(rendered.body == body)
        #expect(Command(line: rendered.bytes) == rendered)
    }

    private static let mailSyntax = CommandFault.syntax("MAIL FROM:<address>")
    private static let rcptSyntax = CommandFault.syntax("RCPT TO:<address>")
    private static let bdatSyntax = CommandFault.syntax("BDAT octets [LAST]")
    private static let authSyntax = CommandFault.syntax("AUTH mechanism [initial-response]")

    private static let malformed: [(String, CommandFault)] = [
        ("", .noVerb), ("   ", .noVerb), ("E(HLO a", .noVerb), ("QUIT.", .noVerb),
        (".", .foreign), ("1EHLO a", .foreign), ("Subject: a", .foreign), ("Subject:a", .foreign), ("<html>", .foreign), ("\u{1}QUIT", .foreign),
        ("ü", .foreign), ("POST / HTTP/1.1", .foreign), ("get /", .foreign), ("CONNECT mx.example.net:25 HTTP/1.0", .foreign),
        ("PROPFIND /x HTTP/1.1", .foreign), ("PRI * HTTP/2.0", .foreign), ("Host: mx.example.net", .foreign),
        ("QUIT\nRSET", .bareLF), ("QUIT\n", .bareLF), ("QUIT\rRSET", .bareCR), ("QUIT\r", .bareCR), ("QUIT\0", .nul), ("a\0\r\n\n", .nul),
        ("RCPT TO:<a@b>\r\nDATA", .bareCR), ("\n", .bareLF),
        ("MAIL", mailSyntax), ("MAIL FROM", mailSyntax), ("MAIL FROM:", mailSyntax), ("MAIL FROM: ", mailSyntax), ("MAIL TO:<a@b>", mailSyntax),
        ("MAIL FROM:<a@b", mailSyntax), ("MAIL FROM:a@b>", mailSyntax), ("MAIL FROM:<a b@c>", mailSyntax), ("MAIL FROM:<<a@b>>", mailSyntax),
        ("MAIL FROM:<\"a@b>", mailSyntax), ("MAIL FROM:<a@b>SIZE=1", mailSyntax), ("MAIL FROM:Bob <a@b>", mailSyntax),
        ("MAIL FROM:<a@b> =1", mailSyntax),
        ("MAIL FROM:<a@b> SI ZE=1 <x>", mailSyntax), ("MAIL FROM:<a\\", mailSyntax), ("MAIL FROM:\"a", mailSyntax), ("MAIL FROM:a\\", mailSyntax),
        ("RCPT", rcptSyntax), ("RCPT TO:<>", rcptSyntax), ("RCPT TO:", rcptSyntax), ("RCPT FROM:<a@b>", rcptSyntax),
        ("RCPT TO:<a@b>,<c@d>", rcptSyntax),
        ("BDAT", bdatSyntax), ("BDAT LAST", bdatSyntax), ("BDAT -1", bdatSyntax), ("BDAT +1", bdatSyntax), ("BDAT 1 FIRST", bdatSyntax),
        ("BDAT 1 LAST x", bdatSyntax),
        ("BDAT 0x10", bdatSyntax), ("BDAT 9223372036854775808", bdatSyntax), ("BDAT 99999999999999999999999999", bdatSyntax),
        ("BDAT 1,000", bdatSyntax),
        ("AUTH", authSyntax), ("AUTH =", authSyntax), ("AUTH AAAAAAAAAAAAAAAAAAAAAAAAAA", authSyntax),
        ("DATA now", .syntax("DATA")), ("quit now", .syntax("QUIT")), ("RSET 1", .syntax("RSET")), ("STARTTLS 1", .syntax("STARTTLS")),
    ]

    @Test(arguments: Self.malformed)
    func `is malformed, and has a local answer`(line: String, fault: CommandFault) {
        #expect(Command(line: Array(line)).body == .malformed(fault))
        #expect(fault.reply.isPermanent)
        #expect(fault.reply.enhanced?.klass == 5)
    }

    @Test(arguments: [[0xFF], [0x4E, 0x4F, 0x4F, 0x50, 0x20, 0xE4], Array("MAIL FROM:<") + [0xC3] + Array("@b>")] as [[UInt8]])
    func `octets that are not UTF-8 are malformed`(line: [UInt8]) {
        #expect(Command(line: line).body == .malformed(.notUTF8))
        #expect(Command(line: line).text.contains("?"))
    }

    /// Whatever a plugin puts into a command, it stays one line.
    @Test(arguments: [
        mail("a@b>\r\nRCPT TO:<c@d"), mail("a@b\n"), mail("a>b"), mail("a@b", Parameter("SIZE", "1 2")), mail("a@b", Parameter("SIZE=1 BODY", "2")),
        mail("a@b", Parameter("", "1")),
        rcpt(""), rcpt("a\0@b"), .ehlo("a\r\nQUIT"), .helo(" "), .other("DATA"), .other("XFOO BAR"), .other(""), .other("xfoo"),
        .auth(mechanism: "PLAIN AGEAYg=="),
        .mail(Mail(reversePath: String(repeating: "a", count: 3000))), .malformed(.nul),
    ])
    func `what cannot be rendered is malformed`(body: Command.Body) {
        let command = Command(body)
        guard case .malformed = command.body else { Issue.record("\(command.body)"); return }
        #expect(command.bytes.count <= Limits.commandLine)
    }

    @Test func `the constants are what they say`() {
        #expect(Command.rset.bytes == Array("RSET\r\n"))
        #expect(Command.data.bytes == Array("DATA\r\n"))
        #expect(Command.noop.bytes == Array("NOOP\r\n"))
        #expect(Command.quit.bytes == Array("QUIT\r\n"))
        #expect(Command.starttls.bytes == Array("STARTTLS\r\n"))
        #expect(Command(.bdat(Chunk(octets: 12, last: true))).bytes == Array("BDAT 12 LAST\r\n"))
        #expect(Chunk(octets: -1, last: false).octets == 0)
    }
}
