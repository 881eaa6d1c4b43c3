import LearnedQuirks
import QuirkKit
import Rules
import Testing

@testable import ProxyServer
@testable import SMTPSession

/// The log (docs/log.md).
struct LineTests {
    private static let message = Record.Message(
        number: 2, connection: 2, outcome: .accepted, from: "a@example.org", to: ["c@example.com"], recipients: 1, refusedRecipients: 0, bytes: 4096,
        host: "mx.example.com", reply: "250 2.0.0 Ok: queued", quirks: ["message-limit"], milliseconds: 412, told: true, repairs: 0)
    private static let legs = Line.Legs(gateway: "10.1.2.3", remote: "192.0.2.1:25", tls: "TLSv1.3")

    private func text(_ line: Line, _ format: LineFormat = .logfmt) -> String { String(decoding: format.render(line), as: UTF8.self) }

    @Test func aMessageLineIsAsPromised() throws {
        let id = SessionID.next()
        let line = self.text(Line(.message(Self.message), session: id, Self.legs))
        #expect(
            line
                == "event=message session=\(id) n=2 connection=2 outcome=accepted from=<a@example.org> to=<c@example.com> rcpts=1 bytes=4096 "
                + "gateway=10.1.2.3 remote=192.0.2.1:25 host=mx.example.com tls=TLSv1.3 reply=\"250 2.0.0 Ok: queued\" quirks=message-limit ms=412\n")
    }

    /// README.md shows these, and whoever reads them may count on their order.
    @Test func whatIsPromisedKeepsItsOrder() {
        let promised = ["session", "n", "connection", "from", "rcpts", "bytes", "remote", "host", "reply", "quirks", "ms"]
        let names = Line(.message(Self.message), session: .next(), Self.legs).fields.map(\.name)
        #expect(names.filter(promised.contains) == promised)
    }

    @Test func clearTextIsSaid() {
        var legs = Self.legs
        legs.tls = nil
        #expect(self.text(Line(.message(Self.message), session: .next(), legs)).contains(" tls=none reply="))
    }

    @Test func someOfManyRecipientsAreNamed() {
        var message = Self.message
        message.to = ["c@example.com", "=d@example.com"]
        (message.recipients, message.refusedRecipients) = (25, 3)
        let line = Line(.message(message), session: .next(), Self.legs)
        #expect(self.text(line).contains(" to=\"<c@example.com>,<=d@example.com>\" to-more=23 rcpts=25/28 bytes="))
        #expect(self.text(line, .json).contains(#","to":["<c@example.com>","<=d@example.com>"],"to-more":23,"rcpts":25,"rcpts-refused":3,"bytes":"#))
        (message.to, message.recipients) = ([], 0)
        #expect(self.text(Line(.message(message), session: .next(), Self.legs)).contains(" from=<a@example.org> rcpts=0/3 bytes="))
    }

    @Test func refusedRecipientsHaveALine() {
        let id = SessionID.next()
        let record = Record.recipient(number: 2, to: "x@example.com", reply: "550 5.1.1 User unknown", outcome: .rejected)
        #expect(
            self.text(Line(record, session: id, Self.legs))
                == "event=recipient session=\(id) n=2 to=<x@example.com> reply=\"550 5.1.1 User unknown\" outcome=rejected\n")
        #expect(self.text(Line(.recipientsUnlogged(number: 2, count: 5), session: id, Self.legs)) == "event=recipient session=\(id) n=2 more=5\n")
    }

    @Test func whatOpensAndEndsASessionNamesBothEnds() {
        let line = self.text(Line(.ended(messages: 1, connections: 2, because: "QUIT", by: .quit), session: .next(), Self.legs))
        #expect(line.hasSuffix(" gateway=10.1.2.3 remote=192.0.2.1:25 messages=1 connections=2 because=QUIT\n"))
    }

    @Test func levels() {
        func level(_ record: Record) -> String { Line(record, session: .next(), Self.legs).level.rawValue }
        var lost = Self.message
        lost.outcome = .lost
        #expect(level(.message(Self.message)) == "info")
        #expect(level(.message(lost)) == "warn")
        #expect(level(.ownReply(told: "451 x", because: "x", isRoutine: false)) == "warn")
        #expect(level(.ownReply(told: "421 x", because: "idle", isRoutine: true)) == "info")
        func repair(_ action: String, _ outcome: String) -> Record {
            .repair(.init(quirk: "q", connection: 2, sent: "s", reply: "r", action: action, outcome: outcome, because: "b"))
        }
        #expect(level(repair("reconnect", "ok")) == "info")
        #expect(level(repair("reconnect", "connection refused")) == "warn")
        // A downgrade, also where it works.
        #expect(level(repair("clear-text", "ok")) == "warn")
        #expect(level(repair("legacy-tls", "ok")) == "warn")
        #expect(level(.quirk(name: "broken-starttls", connection: 1, did: "used clear text", because: "known", isDowngrade: true)) == "warn")
        #expect(level(.quirk(name: "x", connection: 1, did: "y", because: "known")) == "info")
    }

    @Test func timeAndLevelComeFirst() {
        let time = Stamp.time(milliseconds: 1_795_745_467_312)
        let line = Line("x", .warn).with("n", 1)
        #expect(String(decoding: LineFormat.logfmt.render(line, time), as: UTF8.self) == "time=2026-11-27T02:11:07.312Z level=warn event=x n=1\n")
        #expect(
            String(decoding: LineFormat.json.render(line, time), as: UTF8.self)
                == #"{"time":"2026-11-27T02:11:07.312Z","level":"warn","event":"x","n":1}"# + "\n")
        #expect(String(decoding: LineFormat.logfmt.render(line, .priority), as: UTF8.self) == "<4>event=x n=1\n")
        #expect(String(decoding: LineFormat.json.render(line, .priority), as: UTF8.self) == #"<4>{"event":"x","n":1}"# + "\n")
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (86_399_999, "1970-01-01T23:59:59.999Z"), (951_782_400_001, "2000-02-29T00:00:00.001Z"),
        (951_868_800_000, "2000-03-01T00:00:00.000Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (1_798_761_599_010, "2026-12-31T23:59:59.010Z"),
    ])
    func timestamps(milliseconds: Int, written: String) {
        var bytes: [UInt8] = []
        bytes.append(timestamp: milliseconds)
        #expect(String(decoding: bytes, as: UTF8.self) == written)
    }

    @Test func whatTheGatewayDidNotHearIsMarked() {
        var message = Self.message
        message.told = false
        message.repairs = 3
        #expect(self.text(Line(.message(message), session: .next(), Self.legs)).hasSuffix(" ms=412 told=no repairs=3\n"))
    }

    @Test func aLearnedLineIsAsPromised() {
        let learned = Learned(
            remote: "192.0.2.1:25", quirk: QuirkSetting("message-limit", ["messages": .integer(1)]), origin: .learned,
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
