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
        let premises = Premises(log: Log(descriptor: open("/dev/null", O_WRONLY)) { journal.add($0) })
        let memory = LearnedQuirks(location: .memory, policy: LearnedQuirks.Policy(.builtIn(hostname: "shim.test"))) { _ in }
        let house = House(
            settings: Settings(.builtIn(hostname: "shim.test")), catalogue: [],
            counsel: Knowledge(rules: RuleSet(), memory: memory, catalogue: []), premises: premises)
        let channel = EmbeddedChannel()
        let addresses = try [1, 2].map { try SocketAddress(ipAddress: "192.0.2.\($0)", port: 25) }
        try channel.connect(to: addresses[1]).wait()
        let handle = SessionHandle(SessionID.next(), on: channel.eventLoop)
        let turn = Turn(handle, Loops.Ends(near: addresses[0], far: addresses[1]), in: house, on: channel.eventLoop)
        let leg = Leg(.gateway, of: turn)
        try channel.pipeline.syncOperations.addHandler(leg)
        turn.secureFromTheFirstByte(leg) { () throws(TLSError) in throw .setting("SSL", reason: "out of memory") }
        turn.begin(Route(addresses: [addresses[1]]))
        channel.embeddedEventLoop.run()
        #expect(!channel.isActive)
        #expect(leg.isGone && turn.route == nil)
        #expect(journal.lines.map(\.text) == ["event=tls-failed session=\(handle.id) side=gateway because=\"SSL: out of memory\""])
    }
}
