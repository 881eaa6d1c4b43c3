import Foundation
import Glibc
import Testing

@testable import OpenSSLTLS

/// The system's authorities: a file that is read once, and a folder in which one is looked up by its hash. In processes of their own, since the
/// environment says where they are.
@Suite struct SystemTrustTests {
    @Test func noFolderIsReadInAHandshakeWithAnUnknownHost() async {
        await #expect(processExitsWith: .success) {
            let folder = try Self.folder(with: [Certificates.good.certificate])
            let client = try TLSClientContext()
            let opened = try OpenedFolder(folder)
            for _ in 0..<3 where try Self.doubt(client, Certificates.unknown) != "unable to get local issuer certificate" { exit(3) }
            if opened.count > 0 { exit(4) }
            // The watch itself can see.
            _ = try FileManager.default.contentsOfDirectory(atPath: folder)
            exit(opened.count > 0 ? EXIT_SUCCESS : 5)
        }
    }

    @Test func anAuthorityThatIsOnlyInTheFolderIsTrusted() async {
        await #expect(processExitsWith: .success) {
            _ = try Self.folder(with: [Certificates.authority.certificate])
            #expect(try Self.doubt(TLSClientContext(), Certificates.good) == nil)
            #expect(try Self.doubt(TLSClientContext(age: .legacy), Certificates.good) == nil)
        }
    }

    /// It is asked of the folder when it is needed: no restart.
    @Test func alsoOneThatComesLater() async {
        await #expect(processExitsWith: .success) {
            let folder = try Self.folder(with: [])
            let client = try TLSClientContext()
            #expect(try Self.doubt(client, Certificates.good) == "unable to get local issuer certificate")
            try Self.put(Certificates.authority.certificate, in: folder)
            #expect(try Self.doubt(client, Certificates.good) == nil)
        }
    }

    @Test func anAuthorityThatIsOnlyInTheFileIsTrusted() async {
        await #expect(processExitsWith: .success) {
            _ = try Self.folder(with: [])
            setenv("SSL_CERT_FILE", Certificates.authority.certificate, 1)
            #expect(try Self.doubt(TLSClientContext(), Certificates.good) == nil)
        }
    }

    /// As `c_rehash` makes it; SSL_CERT_DIR names it, and SSL_CERT_FILE no file.
    private static func folder(with certificates: [String]) throws -> String {
        let folder = "\(Certificates.folder)/\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for certificate in certificates { try self.put(certificate, in: folder) }
        // Made by a command that would read the folder too.
        _ = (Certificates.good, Certificates.unknown)
        setenv("SSL_CERT_DIR", folder, 1)
        setenv("SSL_CERT_FILE", "\(folder)/none.pem", 1)
        return folder
    }

    private static func put(_ certificate: String, in folder: String) throws {
        let hash = Command.run(["x509", "-in", certificate, "-noout", "-subject_hash"]).trimmingCharacters(in: .whitespacesAndNewlines)
        try FileManager.default.copyItem(atPath: certificate, toPath: "\(folder)/\(hash).0")
    }

    private static func doubt(_ client: TLSClientContext, _ server: Certificates.Pair) throws -> String? {
        let pair = try MemoryPair(TLSHandler(client: client, name: Certificates.name), TLSHandler(server: .testing(server)))
        pair.pump()
        defer { pair.close() }
        return try #require(pair.client.recorder.facts).doubt
    }
}

/// How often a folder was opened to be read (inotify).
private final class OpenedFolder {
    private let descriptor: Int32
    private var sum = 0

    init(_ path: String) throws {
        self.descriptor = inotify_init1(Int32(IN_NONBLOCK))
        try #require(inotify_add_watch(self.descriptor, path, UInt32(IN_OPEN | IN_ONLYDIR)) >= 0)
    }

    deinit { close(self.descriptor) }

    /// Events of the folder itself; those of files in it do not count.
    var count: Int {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while case let length = read(self.descriptor, &bytes, bytes.count), length > 0 {
            bytes.withUnsafeBytes { events in
                var at = 0
                while at + MemoryLayout<inotify_event>.size <= length {
                    let event = events.loadUnaligned(fromByteOffset: at, as: inotify_event.self)
                    if event.mask & UInt32(IN_ISDIR) != 0 { self.sum += 1 }
                    at += MemoryLayout<inotify_event>.size + Int(event.len)
                }
            }
        }
        return self.sum
    }
}
