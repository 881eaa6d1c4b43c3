import NIOCore
import SMTPSession
import SMTPWire
import Testing

@testable import Transcript

@Suite struct ParsingTests {
    @Test(arguments: [
        ("", 1, TranscriptError.Fault.noEndOfHeader),
        ("title: a\n", 2, .noEndOfHeader),
        ("---\nC= a\n", 1, .noTitle),
        ("title: a\n---\n", 3, .empty),
        ("title: a\ntitle: b\n---\nC= a\n", 2, .twice(key: "title")),
        ("title: a\nquirk: b\n---\nC= a\n", 2, .unknownKey("quirk")),
        ("title: a\nline-endings: keep\n---\nC= a\n", 2, .badValue(key: "line-endings", value: "keep", wanted: "\"repair\" or \"refuse\"")),
        ("title: a\nonly: whole\n---\nC= a\n", 2, .badValue(key: "only", value: "whole", wanted: "\"whole, because …\"")),
        ("title: a\r\n---\nC= a\n", 1, .carriageReturn),
        ("title: a\n---\nX: a\n", 3, .unknownLine("X: a")),
        ("title: a\n---\nC:a\n", 3, .noSpace("C:")),
        ("title: a\n---\n>Ca\n", 3, .noSpace(">C")),
        ("title: a\n---\nC=a\n", 3, .noSpace("C=")),
        ("title: a\n---\nC| \\q\n", 3, .badEscape("\\q")),
        ("title: a\n---\nC| \\x1\n", 3, .badEscape("\\x1")),
        ("title: a\n---\nC* many octets\n", 3, .badAmount("many octets")),
        ("title: a\n---\nC* 99999999 octets\n", 3, .badAmount("99999999 octets")),
        ("title: a\n---\n@ 5s\n", 3, .badDuration("@ 5s")),
        ("title: a\n---\n@ +5\n", 3, .badDuration("@ +5")),
        ("title: a\n---\n! S shuts\n", 3, .unknownEvent("S shuts")),
        ("title: a\n---\n% TLS\n", 3, .unknownLine("% TLS")),
        ("title: a\n---\n% TLS X\n", 3, .badHandshake("X")),
        ("title: a\n---\n% TLS S old\n", 3, .badHandshake("S old")),
        ("title: a\n---\n% TLS S tls=1\n", 3, .badHandshake("S tls=1")),
        ("title: a\n---\n% TLS S fails: politely\n", 3, .badHandshake("S fails: politely")),
        ("title: a\n---\n% TLS S legacy stands\n", 3, .badHandshake("S legacy stands")),
        ("title: a\n---\n% TLS S stands\n", 3, .noHandshake("S")),
        ("title: a\n---\n% TLS S asked\n% TLS C stands\n", 4, .noHandshake("C")),
        ("title: a\n---\n% TLS S asked\n#2\n% TLS S stands\n", 5, .noHandshake("S")),
        ("title: a\n---\n! #1 asked\n% TLS S\n", 4, .noConnection),
        ("title: a\ntls: dane\n---\nC= a\n", 2, .badValue(key: "tls", value: "dane", wanted: TLSDemand.form)),
        ("title: a\ngateway: offers\n---\nC= a\n", 2, .badValue(key: "gateway", value: "offers", wanted: GatewayTerms.form)),
        ("title: a\nauth: clear\n---\nC= a\n", 2, .badValue(key: "auth", value: "clear", wanted: "\"unverified\"")),
        ("title: a\n---\n~ a=b c\n", 3, .badTrace("a=b c")),
        ("title: a\n---\n~ a b=\"c\n", 3, .badTrace("a b=\"c")),
        ("title: a\n---\n#3\n", 3, .wrongConnection(written: 3, expected: 2)),
        ("title: a\n---\n! #2 stands\n", 3, .notAsked(2)),
        ("title: a\n---\n! #1 asked\nS: hello\n", 4, .noConnection),
        ("title: a\nremote: at RCPT\n---\n>S hello\n", 4, .noConnection),
        ("title: a\nremote: at RCPT\n---\nC= hello\n", 4, .noConnection),
    ])
    func refuses(_ text: String, line: Int, fault: TranscriptError.Fault) {
        #expect(throws: TranscriptError(file: "a.smtp", line: line, fault: fault)) { try Transcript(parsing: text, file: "a.smtp") }
    }

    @Test func `the header's settings reach the session`() throws {
        let transcript = try Transcript(
            "C= a",
            header: """
                shows: a
                  and b
                remote: [2001:db8::1]:2525
                hostname: other.example
                timeouts: command=5s done=200ms
                reply-lines: 7
                recipients: 8
                line-endings: refuse
                gateway: offers TLS, passwords in clear
                seeds: 9 10

                """)
        #expect(transcript.header.shows == "a and b")
        #expect(transcript.header.remote == "[2001:db8::1]:2525")
        #expect(transcript.header.settings.hostname == "other.example")
        #expect(transcript.header.settings.timeouts.command == .seconds(5))
        #expect(transcript.header.settings.timeouts.done == .milliseconds(200))
        #expect(transcript.header.settings.replyLines == 7)
        #expect(transcript.header.settings.recipients == 8)
        #expect(transcript.header.settings.lineEndings == .refuse)
        #expect(transcript.header.gateway == GatewayTerms(offersTLS: true, allowsPasswordsInClear: true))
        #expect(transcript.manners == [.whole, .byteByByte, .pieces(seed: 9), .pieces(seed: 10)])
    }
}
