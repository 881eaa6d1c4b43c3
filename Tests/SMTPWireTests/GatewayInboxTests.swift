import NIOCore
import Testing

@testable import SMTPWire

func commands(_ pieces: [ByteBuffer]) -> (commands: [Command], held: Int) {
    var inbox = GatewayInbox()
    var all: [Command] = []
    var held = 0
    for piece in pieces {
        inbox.append(piece)
        while let command = inbox.command() { all.append(command) }
        inbox.settle()
        held = max(held, inbox.count)
    }
    return (all, held)
}

@Suite struct GatewayInboxTests {
    private static func text(_ count: Int) -> String { String(repeating: "a", count: count) }

    private static let streams: [(String, [Command.Body])] = [
        ("RSET\r\nQUIT\r\n", [.rset, .quit]),
        ("RSET\nQUIT\r\nNOOP\r\n", [.malformed(.bareLF), .noop]),
        ("RSET\rQUIT\r\nNOOP\r\n", [.malformed(.bareCR), .noop]),
        ("RSET\r\r\nNOOP\r\n", [.malformed(.bareCR), .noop]),
        ("RSET\n\r\nNOOP\r\n", [.malformed(.bareLF), .noop]),
        ("\r\n\nNOOP\r\nNOOP\r\n", [.malformed(.noVerb), .malformed(.bareLF), .noop]),
        ("NOOP " + text(2041) + "\r\nRSET\r\n", [.noop, .rset]),
        ("NOOP " + text(2042) + "\r\nRSET\r\n", [.malformed(.tooLong), .rset]),
        ("NOOP " + text(2043) + "\r\nRSET\r\n", [.malformed(.tooLong), .rset]),
        ("NOOP " + text(9000) + "\rx\n\0\r\nRSET\r\n", [.malformed(.tooLong), .rset]),
        (text(2046) + "\rx\r\nRSET\r\n", [.malformed(.tooLong), .rset]),
        (text(5000) + "\r\n" + text(5000) + "\r\nRSET\r\n", [.malformed(.tooLong), .malformed(.tooLong), .rset]),
        ("auth plain " + text(12275) + "\r\nRSET\r\n", [.auth(mechanism: "PLAIN"), .rset]),
        ("auth plain " + text(12276) + "\r\nRSET\r\n", [.malformed(.tooLong), .rset]),
        ("authx plain " + text(5000) + "\r\nRSET\r\n", [.malformed(.tooLong), .rset]),
    ]

    @Test(arguments: Self.streams)
    func `only CRLF ends a line, and lines are bounded, however they are cut`(stream: String, bodies: [Command.Body]) {
        let stream = Array(stream)
        var random = SplitMix64(seed: 11)
        let whole = commands([ByteBuffer(bytes: stream)])
        #expect(whole.commands.map(\.body) == bodies)
        #expect(commands(stream.bytewise).commands == whole.commands)
        for _ in 0..<20 { #expect(commands(stream.inPieces(&random, upTo: 3000)).commands == whole.commands) }
    }

    @Test(arguments: [("a", Limits.commandLine), ("a\n", Limits.commandLine), ("a\r", Limits.commandLine), ("AUTH ", Limits.authenticationLine)])
    func `an endless line is not kept`(part: String, limit: Int) {
        let stream = Array(String(repeating: part, count: 1_000_000 / part.utf8.count))
        var random = SplitMix64(seed: 12)
        let heard = commands(stream.inPieces(&random, upTo: 60_000))
        #expect(heard.commands.map(\.body) == [.malformed(.tooLong)])
        #expect(heard.held < limit)
    }

    @Test func `answers to challenges`() throws {
        var inbox = GatewayInbox()
        inbox.append(ByteBuffer(string: "AGEAYg==\r\n\r\n*\r\na\nb\r\na\rb\r\na\0b\r\n" + Self.text(13_000) + "\r\nQUIT\r\n"))
        #expect(try inbox.line() == Array("AGEAYg==\r\n"))
        #expect(try inbox.line() == Array("\r\n"))
        #expect(try inbox.line() == Array("*\r\n"))
        #expect(throws: CommandFault.bareLF) { try inbox.line() }
        #expect(throws: CommandFault.bareCR) { try inbox.line() }
        #expect(throws: CommandFault.nul) { try inbox.line() }
        #expect(throws: CommandFault.tooLong) { try inbox.line() }
        #expect(try inbox.line() == Array("QUIT\r\n"))
        #expect(try inbox.line() == nil)
    }

    @Test func `BDAT octets are opaque`() {
        var inbox = GatewayInbox()
        inbox.append(ByteBuffer(string: "BDAT 12 LAST\r\n\r\n.\r\nRSET\r\nQUIT\r\n"))
        #expect(inbox.command()?.body == .bdat(Chunk(octets: 12, last: true)))
        #expect(inbox.octets(upTo: 0) == nil)
        #expect(inbox.octets(upTo: 5) == ByteBuffer(string: "\r\n.\r\n"))
        #expect(inbox.octets(upTo: 7) == ByteBuffer(string: "RSET\r\nQ"))
        #expect(inbox.command()?.body == .other("UIT"))
        #expect(inbox.octets(upTo: 7) == nil)
        inbox.append(ByteBuffer(string: "abc"))
        #expect(inbox.octets(upTo: .max) == ByteBuffer(string: "abc"))
        #expect(inbox.count == 0)
    }

    @Test func `commands, content and octets take turns`() {
        var inbox = GatewayInbox()
        inbox.append(ByteBuffer(string: "DATA\r\na\r\n.\r\nBDAT 2\r\nxyMAIL FR"))
        #expect(inbox.command() == .data)
        var scanner = MailDataScanner()
        #expect(inbox.content(&scanner) == MailDataScanner.Piece(content: ByteBuffer(string: "a\r\n"), isEnd: true))
        #expect(inbox.content(&scanner) == nil)
        #expect(inbox.command()?.body == .bdat(Chunk(octets: 2, last: false)))
        #expect(inbox.octets(upTo: 2) == ByteBuffer(string: "xy"))
        #expect(inbox.command() == nil)
        #expect(inbox.count == 7)
        inbox.append(ByteBuffer(string: "OM:<>\r\nrest"))
        #expect(inbox.command()?.body == .mail(Mail(reversePath: "")))
        #expect(inbox.command() == nil)
        #expect(inbox.takeAll() == ByteBuffer(string: "rest"))
        #expect(inbox.count == 0)
    }

    @Test func `lets go of the receive buffer`() {
        var inbox = GatewayInbox()
        inbox.append(ByteBuffer(string: String(repeating: "NOOP\r\n", count: 10_000) + "RS"))
        var count = 0
        while inbox.command() != nil { count += 1 }
        #expect(count == 10_000)
        inbox.settle()
        #expect(inbox.capacity <= 64)
        inbox.append(ByteBuffer(string: "ET\r\n"))
        #expect(inbox.command() == .rset)
        inbox.settle()
        #expect(inbox.capacity == 0)
    }
}
