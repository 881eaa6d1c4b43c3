import Foundation
import LearnedQuirks
import NIOCore
import NIOEmbedded
import OpenSSLTLS
import Rules
import SMTPSession
import Testing

@testable import ProxyServer

/// What TLS is made with, and what becomes of a connection where it cannot be made.
@Suite struct EncryptionTests {
    /// Reading them takes milliseconds, which no event loop has.
    @Test(arguments: [false, true])
    func theAuthoritiesAreReadBeforehand(_ isLegacy: Bool) throws {
        let file = "\(Certificates.folder)/\(UUID().uuidString)"
        try FileManager.default.copyItem(atPath: Certificates.authority.certificate, toPath: file)
        let encryption = Encryption(trust: .file(file))
        try FileManager.default.removeItem(atPath: file)
        _ = try encryption.client(of: "192.0.2.1:25", Expectation(), isLegacy: isLegacy)
    }

    @Test(arguments: [false, true])
    func authoritiesThatAreOfNoUseAreToldPerConnection(_ isLegacy: Bool) {
        let encryption = Encryption(trust: .file("/nowhere/authorities.pem"))
        for _ in 0..<2 {
            #expect(throws: TLSError.file(path: "/nowhere/authorities.pem", reason: "No such file or directory")) {
                try encryption.client(of: "192.0.2.1:25", Expectation(), isLegacy: isLegacy)
            }
        }
    }

    /// TLS from the first byte that cannot begin: the timer that would end the connection is cancelled by then.
    @Test func aConnectionWithoutItsTLSIsClosed() throws {
        let journal = Rig.Journal()
        let shell = try Shell(log: Log(descriptor: open("/dev/null", O_WRONLY)) { journal.add($0) })
        let (channel, turn, leg) = (shell.channel, shell.turn, shell.leg)
        turn.secureFromTheFirstByte(leg) { () throws(TLSError) in throw .setting("SSL", reason: "out of memory") }
        turn.begin(RemoteEndpoint(addresses: [shell.far]))
        channel.embeddedEventLoop.run()
        #expect(!channel.isActive)
        #expect(leg.isGone && turn.route == nil)
        #expect(journal.lines.map(\.text) == ["event=tls-failed session=\(shell.handle.id) side=gateway because=\"SSL: out of memory\""])
    }
}
