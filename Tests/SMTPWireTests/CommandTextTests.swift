import Testing

@testable import SMTPWire

@Suite struct CommandTextTests {
    @Test(arguments: [
        ("MAIL FROM:<a@b> SIZE=3", "MAIL FROM:<a@b> SIZE=3"),
        ("mail from:<grün@b>", "mail from:<grün@b>"),
        ("NOOP \u{1B}[2J\u{7F}\u{202E}", "NOOP ?[2J??"),
        ("AUTH PLAIN AGEAYg==", "AUTH PLAIN ***"),
        ("auth  plain\tAGEAYg==", "AUTH PLAIN ***"),
        ("AUTH LOGIN", "AUTH LOGIN"),
        ("AUTH AGEAYg==", "AUTH ***"),
        (" auth", "AUTH ***"),
        ("AUTH PLAIN\nAGEAYg==", "AUTH ***"),
        ("NOOP\nAUTH PLAIN AGEAYg==", "NOOP?…"),
        ("NOOP\r\nAUTH PLAIN AGEAYg==", "NOOP?…"),
        ("", ""),
    ])
    func `shows the line, but no secret`(line: String, text: String) {
        #expect(Command(line: Array(line)).text == text)
        #expect("\(Command(line: Array(line)))" == text)
        #expect(String(reflecting: [Command(line: Array(line))]) == "[\(text)]")
    }

    @Test func `is bounded`() {
        #expect(Command(line: Array("NOOP " + String(repeating: "ü", count: 900))).text.count == 201)
        #expect(Command(line: Array("X" + String(repeating: "Y", count: 900))).verb.count == 16)
        #expect(Command(line: Array(String(repeating: "Y", count: 900) + "!")).verb.count == 16)
        #expect(Command(tooLong: Array("NOOP " + String(repeating: "a", count: 5000))).bytes.count == 514)
    }

    @Test(arguments: [
        ("ehlo a", "EHLO"), ("helo a", "HELO"), ("mail from:<>", "MAIL"), ("mail", "MAIL"), ("rcpt to:<a>", "RCPT"), ("rcpt", "RCPT"),
        ("data", "DATA"), ("bdat 1", "BDAT"),
        ("bdat x", "BDAT"), ("rset", "RSET"), ("noop", "NOOP"), ("quit", "QUIT"), ("starttls", "STARTTLS"), ("auth plain", "AUTH"), ("vrfy", "VRFY"),
        ("expn", "EXPN"),
        ("help", "HELP"), ("xfoo bar", "XFOO"), ("?", ""), ("", ""),
    ])
    func `the verb is known, also of a malformed line`(line: String, verb: String) {
        #expect(Command(line: Array(line)).verb == verb)
    }
}
