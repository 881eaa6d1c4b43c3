import LearnedQuirks
import QuirkKit
import Testing

@testable import ProxyServer
@testable import SMTPSession

/// The log (INTERFACE.md, "The log").
struct LineTests {
    private static let message = Record.Message(
        number: 2, connection: 2, from: "a@example.org", recipients: 1, bytes: 4096, host: "mx.example.com", reply: "250 2.0.0 Ok: queued",
        quirks: ["message-limit"], milliseconds: 412, told: true, repairs: 0)

    private func text(_ line: Line, _ format: LineFormat = .logfmt) -> String { String(decoding: format.render(line), as: UTF8.self) }

    @Test func aMessageLineIsAsPromised() throws {
        let id = SessionID.next()
        let line = self.text(Line(.message(Self.message), session: id, remote: "192.0.2.1:25"))
        #expect(
            line
                == "event=message session=\(id) n=2 connection=2 from=<a@example.org> rcpts=1 bytes=4096 remote=192.0.2.1:25 host=mx.example.com "
                + "reply=\"250 2.0.0 Ok: queued\" quirks=message-limit ms=412\n")
    }

    @Test func whatTheGatewayDidNotHearIsMarked() {
        var message = Self.message
        message.told = false
        message.repairs = 3
        #expect(self.text(Line(.message(message), session: .next(), remote: "")).hasSuffix(" ms=412 told=no repairs=3\n"))
    }

    @Test func aLearnedLineIsAsPromised() {
        let learned = Learned(
            remote: "192.0.2.1:25", quirk: QuirkSetting("message-limit", ["messages": .integer(1)]), origin: .learned, shape: .noReuse,
            sent: "MAIL FROM:<b@example.org>", reply: "503 Sender already specified", firstSeen: 1_795_392_000, lastSeen: 1_795_392_000,
            expires: 1_797_984_000)
        #expect(
            self.text(Line(.learned(learned, session: "7f3a9c")))
                == "event=quirk-learned session=7f3a9c remote=192.0.2.1:25 quirk=message-limit messages=1 sent=\"MAIL FROM:<b@example.org>\" "
                + "reply=\"503 Sender already specified\" expires=2026-12-23\n")
    }

    @Test(arguments: [
        ("plain", "plain"), ("", "\"\""), ("two words", "\"two words\""), ("a=b", "\"a=b\""), ("say \"hi\"", "\"say \\\"hi\\\"\""),
        ("back\\slash", "\"back\\\\slash\""),
        ("line\r\nevent=forged", "\"line\\r\\nevent=forged\""), ("\u{1b}[31m", "\"\\u001b[31m\""), ("\u{9b}x", "\"\\u009bx\""),
        ("\u{202e}x", "\"\\u202ex\""),
        ("\u{0}", "\"\\u0000\""), ("grüße", "\"grüße\""), ("<prvs=1=a@example.org>", "\"<prvs=1=a@example.org>\""),
    ])
    func valuesAreQuoted(value: String, written: String) {
        #expect(self.text(Line("x").with("key", value)) == "event=x key=\(written)\n")
    }

    @Test func valuesAreBounded() {
        let long = String(repeating: "ü ", count: 100_000)
        for format in LineFormat.allCases { #expect(format.render(Line("x").with("key", long)).count < Line.longestValue + 40) }
    }

    @Test func everyByteOfAPeerMakesOnePrintableLine() {
        let bytes = (0...255).map { UInt8($0) }
        for format in LineFormat.allCases {
            let line = format.render(Line("x").with("reply", String(decoding: bytes, as: UTF8.self)))
            #expect(line.last == 10)
            #expect(line.dropLast().allSatisfy { $0 >= 0x20 && $0 != 0x7f })
        }
    }

    @Test func jsonKeepsNumbersAsNumbers() {
        #expect(
            self.text(Line("message").with("n", 2).with("from", "<a@b>").with("reply", "a \"b\""), .json)
                == #"{"event":"message","n":2,"from":"<a@b>","reply":"a \"b\""}"# + "\n")
    }

    @Test(arguments: [
        (0, "1970-01-01"), (86_399, "1970-01-01"), (951_782_400, "2000-02-29"), (1_797_984_000, "2026-12-23"), (4_107_542_400, "2100-03-01"),
        (-1, "1969-12-31"),
    ])
    func days(seconds: Int, day: String) {
        #expect(Moment(at: seconds).day == day)
    }

    @Test func sessionIDsAreDistinctHexDigits() {
        let ids = (0..<100_000).map { _ in SessionID.next().description }
        #expect(Set(ids).count == ids.count)
        #expect(ids.allSatisfy { $0.utf8.count == 8 && $0.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) } })
    }
}
