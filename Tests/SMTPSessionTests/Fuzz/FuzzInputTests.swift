import Foundation
import NIOCore
import SMTPSession
import Testing
import Transcript

/// What the fuzzer found, and what it was sown with, through the same entries (Tests/Fuzz/README.md).
@Suite struct FuzzInputTests {
    @Test(
        arguments: [
            ("commands", FuzzEntries.commands), ("content", FuzzEntries.content), ("replies", FuzzEntries.replies),
            ("sessions", FuzzEntries.sessions),
            ("worlds", FuzzEntries.worlds), ("transcripts", FuzzEntries.transcripts),
        ] as [(String, @Sendable ([UInt8]) -> String?)])
    func `inputs are taken`(_ target: String, _ entry: @Sendable ([UInt8]) -> String?) throws {
        let folder = TranscriptFile.folder(2, above: #filePath) + "/Fuzz/Inputs/\(target)"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(!names.isEmpty)
        for name in names {
            let octets = try #require(FileManager.default.contents(atPath: "\(folder)/\(name)"))
            let fault = entry([UInt8](octets))
            #expect(fault == nil, "\(target)/\(name)")
        }
    }

    /// An entry that sees nothing wrong in anything would find nothing.
    @Test func `a session that does wrong is seen`() {
        let ahead = FuzzedSession(quirks: [], GatewayTerms())
        ahead.remoteHears(Array("MAIL FROM:<a@b>\r\n".utf8))
        #expect(ahead.faults.contains { $0.contains("behind greeting") }, "\(ahead.faults)")
        let unasked = FuzzedSession(quirks: [], GatewayTerms())
        for _ in 0..<2 { unasked.gatewayHears(ByteBuffer(string: "250 ok\r\n")) }
        #expect(unasked.faults == ["law 3: the gateway is told 250 ok, and it had said nothing"])
        let untrue = FuzzedSession(quirks: [], GatewayTerms())
        for record in [
            "S220 a\r\n", "CEHLO a\r\n", "S250 a\r\n", "CMAIL FROM:<a@b>\r\n", "S250 a\r\n", "CRCPT TO:<a@b>\r\n",
            "S250 a\r\n",
        ] {
            untrue.play(Array(record.utf8)[...])
        }
        for record in ["CDATA\r\n", "S354 a\r\n", "C.\r\n"] { untrue.play(Array(record.utf8)[...]) }
        untrue.gatewayHears(ByteBuffer(string: "250 ok\r\n"))
        untrue.leave()
        #expect(untrue.faults.contains("law 1: 1 messages are acknowledged, and remotes took 0"))
    }
}
