import Foundation
import LearnedQuirks
import OddHost
import OpenSSLTLS
import Rules
import Testing

@testable import ProxyServer

/// Mailshim's own certificates.
@Suite(.serialized) struct CertificateTests {
    private func fingerprint(_ secure: SecureRig) async throws -> String? {
        let gateway = try await secure.gateway()
        _ = await gateway.hello()
        let facts = try await gateway.startTLS()
        gateway.close()
        return facts?.peer?.fingerprint
    }

    /// Copies, so that they can be exchanged under the same name.
    private func install(_ pair: Certificates.Pair, in folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (from, to) in [(pair.certificate, "shim.crt"), (pair.key, "shim.key")] {
            try Data(contentsOf: URL(filePath: from)).write(to: URL(filePath: "\(folder)/\(to)"))
        }
    }

    @Test func aReloadReadsTheCertificateAgainAndAnErrorKeepsTheOldOne() async throws {
        let folder = "\(Certificates.folder)/\(UUID().uuidString)"
        try self.install(Certificates.good, in: folder)
        let table = "tls = { certificate = \"\(folder)/shim.crt\", key = \"\(folder)/shim.key\" }"
        let secure = try await SecureRig.start(try SecureRig.behaviour(), listener: table)
        let first = try await self.fingerprint(secure)
        #expect(try first == Certificates.good.identity().certificate.fingerprint)

        let old = try await secure.gateway()
        _ = await old.hello()
        try self.install(Certificates.second, in: folder)
        let port = secure.host.port
        let config = try Rig.parse(
            "[[listener]]\nbind = \"127.0.0.1:0\"\ndestination = \"localhost:\(port)\"\n\(table)\n[address.\"127.0.0.1\"]\ntls = \"required\"")
        await secure.rig.proxy.reload(config)
        #expect(try await self.fingerprint(secure) == Certificates.second.identity().certificate.fingerprint)
        // A session goes on as it began.
        #expect(try await old.startTLS()?.peer?.fingerprint == first)
        old.close()

        try Data("nonsense".utf8).write(to: URL(filePath: "\(folder)/shim.key"))
        await secure.rig.proxy.reload(config)
        #expect(secure.rig.journal.lines("certificate-failed").first?.text.contains("shim.key") == true)
        #expect(secure.rig.journal.lines("reload-failed").count == 1)
        #expect(try await self.fingerprint(secure) == Certificates.second.identity().certificate.fingerprint)
        try await secure.stop()
    }

    @Test func aCertificateThatIsNotThereIsAnErrorAtTheStart() async throws {
        let config = try Rig.parse(
            "[[listener]]\nbind = \"127.0.0.1:0\"\ndestination = \"127.0.0.1:1\"\ntls = { certificate = \"/nowhere/a.crt\", key = \"/nowhere/a.key\" }"
        )
        let rig = Rig(config, descriptor: open("/dev/null", O_WRONLY))
        await #expect(throws: CertificateFailures.self) { try await rig.hasStopped() }
        #expect(
            rig.journal.lines("certificate-failed").map(\.text) == [
                "event=certificate-failed listener=127.0.0.1:0 because=\"/nowhere/a.crt: No such file or directory\" file=test.toml line=6 column=7 key=listener.tls"
            ])
    }

    @Test func autoKeepsItsCertificateBesideTheState() async throws {
        let folder = "\(Certificates.folder)/\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = OwnCertificate.path(beside: "\(folder)/learned.sqlite")
        #expect(path == "\(folder)/learned.pem")
        let log = Log(descriptor: open("/dev/null", O_WRONLY))
        let first = try OwnCertificate(log: log).identity(for: "shim.test", state: .file("\(folder)/learned.sqlite"))
        let again = try OwnCertificate(log: log).identity(for: "shim.test", state: .file("\(folder)/learned.sqlite"))
        #expect(first.certificate.fingerprint == again.certificate.fingerprint)
        #expect(first.certificate.names == ["shim.test"])
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
    }

    @Test func whereItCannotBeKeptItIsInMemory() async throws {
        let journal = Rig.Journal()
        let own = OwnCertificate(log: Log(descriptor: open("/dev/null", O_WRONLY)) { journal.add($0) })
        let first = try own.identity(for: "shim.test", state: .file("/proc/nowhere/learned.sqlite"))
        #expect(journal.lines("certificate-not-kept").count == 1)
        #expect(try own.identity(for: "shim.test", state: .file("/proc/nowhere/learned.sqlite")) === first)
        let memory = try OwnCertificate(log: Log(descriptor: open("/dev/null", O_WRONLY))).identity(for: "shim.test", state: .memory)
        #expect(memory.certificate.fingerprint != first.certificate.fingerprint)
    }
}
