import Foundation
import Testing

@testable import OpenSSLTLS

@Suite struct IdentityTests {
    private let folder: String

    init() throws {
        self.folder = "\(Certificates.folder)/\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
    }

    private func write(_ text: String, _ name: String = "file") throws -> String {
        let path = "\(self.folder)/\(name)"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    @Test func ofAFileThatIsMissing() {
        let path = "\(self.folder)/missing.crt"
        let error = #expect(throws: TLSError.self) { try TLSIdentity(certificate: path, key: Certificates.good.key) }
        #expect(error?.description == "\(path): No such file or directory")
        #expect(throws: TLSError.file(path: path, reason: "No such file or directory")) {
            try TLSIdentity(certificate: Certificates.good.certificate, key: path)
        }
        #expect(throws: TLSError.file(path: path, reason: "No such file or directory")) { try TLSClientContext(trust: .file(path)) }
    }

    @Test func ofWhatIsNoFile() {
        #expect(throws: TLSError.file(path: self.folder, reason: "Is a directory")) { try TLSIdentity(certificate: self.folder, key: self.folder) }
        #expect(throws: TLSError.file(path: "/dev/zero", reason: "longer than 1048576 octets")) {
            try TLSIdentity(certificate: "/dev/zero", key: "/dev/zero")
        }
    }

    @Test func ofWhatIsNoPEM() throws {
        let path = try self.write("hello\n")
        #expect(throws: TLSError.file(path: path, reason: "there is no certificate in it (PEM, \"-----BEGIN CERTIFICATE-----\")")) {
            try TLSIdentity(certificate: path, key: path)
        }
        #expect(throws: TLSError.file(path: path, reason: "there is no private key in it (PEM, \"-----BEGIN PRIVATE KEY-----\")")) {
            try TLSIdentity(certificate: Certificates.good.certificate, key: path)
        }
        #expect(
            throws: TLSError.file(path: Certificates.good.certificate, reason: "there is no private key in it (PEM, \"-----BEGIN PRIVATE KEY-----\")")
        ) {
            try TLSIdentity(certificate: Certificates.good.certificate, key: Certificates.good.certificate)
        }
        let broken = try self.write("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "broken")
        let error = #expect(throws: TLSError.self) { try TLSIdentity(certificate: broken, key: broken) }
        #expect(error?.description.hasPrefix("\(broken): broken certificate: ") == true)
        let brokenKey = try self.write("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "broken-key")
        let other = #expect(throws: TLSError.self) { try TLSIdentity(certificate: Certificates.good.certificate, key: brokenKey) }
        #expect(other?.description.hasPrefix("\(brokenKey): broken private key: ") == true)
    }

    @Test func ofAKeyOfAnotherCertificate() {
        let pair = (Certificates.good.certificate, Certificates.other.key)
        let error = #expect(throws: TLSError.self) { try TLSIdentity(certificate: pair.0, key: pair.1) }
        #expect(error == .keyDoesNotMatch(certificate: pair.0, key: pair.1))
        #expect(error?.description == "\(pair.1): the key does not match the certificate in \(pair.0)")
    }

    @Test(arguments: [["ec", "-aes128"], ["pkcs8", "-topk8", "-v2", "aes128"]])
    func ofALockedKey(_ command: [String]) {
        let path = "\(self.folder)/locked.key"
        Command.run(command + ["-in", Certificates.good.key, "-out", path, "-passout", "pass:secret"])
        #expect(throws: TLSError.file(path: path, reason: "the key is locked with a password; it must be stored without")) {
            try TLSIdentity(certificate: Certificates.good.certificate, key: path)
        }
    }

    @Test func aModernServerRefusesASmallKey() throws {
        let error = #expect(throws: TLSError.self) { try TLSServerContext.testing(Certificates.small) }
        #expect(error?.description == "\(Certificates.small.certificate): ee key too small")
        _ = try TLSServerContext.testing(Certificates.small, .legacy)
    }

    @Test func itTellsWhatItIs() throws {
        let identity = try Certificates.good.identity()
        #expect(identity.certificate.names == ["mx.example.test"])
        #expect(abs(identity.certificate.notAfter - Int(Date().timeIntervalSince1970) - 30 * 86_400) < 3600)
    }

    // MARK: Self-signed

    @Test(arguments: [
        "shim.example.test", "192.0.2.7", "2001:db8::7", "a." + String(repeating: "b", count: 63) + "." + String(repeating: "c", count: 60),
    ])
    func aNewOneIsMadeAndKept(_ name: String) throws {
        let path = "\(self.folder)/self.pem"
        let made = try TLSIdentity.selfSigned(for: name, keptIn: path)
        #expect(made.certificate.names == [name])
        #expect(made.certificate.subject == "CN=\(name.prefix(64))")
        #expect(made.certificate.keyBits == 256)
        #expect(abs(made.certificate.notAfter - Int(Date().timeIntervalSince1970) - 3653 * 86_400) < 3600)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: self.folder) == ["self.pem"])

        let again = try TLSIdentity.selfSigned(for: name, keptIn: path)
        #expect(again.certificate == made.certificate)

        let printed = Command.run(["x509", "-in", path, "-noout", "-text"])
        #expect(printed.contains("ASN1 OID: prime256v1"))
        #expect(printed.contains("ecdsa-with-SHA256"))
        #expect(printed.contains("CA:FALSE"))
        #expect(printed.contains("TLS Web Server Authentication"))
        #expect(Command.run(["verify", "-x509_strict", "-CAfile", path, path]).contains("OK"))
    }

    @Test func itWorksAndIsNotBelieved() throws {
        let identity = try TLSIdentity.selfSigned(for: "shim.example.test", keptIn: "\(self.folder)/self.pem")
        let pair = try MemoryPair(
            TLSHandler(client: .testing(), name: "shim.example.test"), TLSHandler(server: TLSServerContext(identity: identity)))
        pair.pump()
        #expect(pair.client.recorder.facts?.chainDoubt == "self-signed certificate")
        #expect(pair.client.recorder.facts?.nameDoubt == nil)
        #expect(pair.client.recorder.facts?.peer?.fingerprint == identity.certificate.fingerprint)
        pair.close()
    }

    @Test func anotherNameMeansANewOne() throws {
        let path = "\(self.folder)/self.pem"
        let first = try TLSIdentity.selfSigned(for: "a.example.test", keptIn: path)
        let second = try TLSIdentity.selfSigned(for: "b.example.test", keptIn: path)
        #expect(second.certificate.names == ["b.example.test"])
        #expect(first.certificate.fingerprint != second.certificate.fingerprint)
    }

    @Test func anExpiredOneIsMadeAnew() throws {
        let path = "\(self.folder)/self.pem"
        let expired = try [Certificates.expired.certificate, Certificates.expired.key].map { try String(contentsOfFile: $0, encoding: .utf8) }
            .joined()
        try expired.write(toFile: path, atomically: true, encoding: .utf8)
        let identity = try TLSIdentity.selfSigned(for: Certificates.name, keptIn: path)
        #expect(identity.certificate.issuer == "CN=mx.example.test")
    }

    @Test func whatIsNotOursIsNotOverwritten() throws {
        let path = try self.write("precious\n")
        #expect(throws: TLSError.self) { try TLSIdentity.selfSigned(for: "a.example.test", keptIn: path) }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious\n")
    }

    /// Whoever may write to the folder could lead root to any other file by one.
    @Test(arguments: [true, false]) func noLinkIsFollowed(dangling: Bool) throws {
        let (path, target) = ("\(self.folder)/self.pem", "\(self.folder)/target.pem")
        if !dangling { _ = try TLSIdentity.selfSigned(for: "a.example.test", keptIn: target) }
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
        #expect(throws: TLSError.file(path: path, reason: "a symbolic link, which is not followed")) {
            try TLSIdentity.selfSigned(for: "a.example.test", keptIn: path)
        }
        #expect(FileManager.default.fileExists(atPath: target) != dangling)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == target)
    }

    /// A key that others could read is none.
    @Test(arguments: [(0o600, true), (0o640, true), (0o400, true), (0o644, false), (0o660, false), (0o604, false)])
    func oneThatOthersMayReadIsMadeAnew(_ mode: Int, isKept: Bool) throws {
        let path = "\(self.folder)/self.pem"
        let first = try TLSIdentity.selfSigned(for: "a.example.test", keptIn: path)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        let second = try TLSIdentity.selfSigned(for: "a.example.test", keptIn: path)
        #expect((second.certificate == first.certificate) == isKept)
        let kept = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
        #expect(kept?.intValue == (isKept ? mode : 0o600))
    }

    @Test func whereNothingCanBeWritten() {
        let path = "\(self.folder)/missing/self.pem"
        let error = #expect(throws: TLSError.self) { try TLSIdentity.selfSigned(for: "a.example.test", keptIn: path) }
        #expect(error?.description.hasSuffix("No such file or directory") == true)
        #expect(throws: TLSError.name("a b")) { try TLSIdentity.selfSigned(for: "a b", keptIn: path) }
    }
}
