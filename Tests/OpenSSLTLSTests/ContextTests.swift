import Foundation
import NIOCore
import Testing

@testable import OpenSSLTLS

@Suite struct ContextTests {
    /// A new context is for new connections; open ones keep theirs.
    @Test func certificatesAreReloadedHot() throws {
        let client = try TLSClientContext.testing()
        var server: TLSServerContext? = try .testing()
        let old = try MemoryPair(TLSHandler(client: client, name: Certificates.name), TLSHandler(server: #require(server)))
        old.pump()
        server = try .testing(Certificates.other)
        let new = try MemoryPair(TLSHandler(client: client, name: Certificates.name), TLSHandler(server: #require(server)))
        new.pump()
        #expect(old.client.recorder.facts?.peer?.names == ["mx.example.test"])
        #expect(new.client.recorder.facts?.peer?.names == ["other.example.test"])
        old.client.write("still here")
        old.pump()
        #expect(old.server.recorder.text == "still here")
        old.close()
        new.close()
    }

    @Test func secretsAreLoggedOnlyWhenAskedFor() throws {
        let path = "\(Certificates.folder)/keys-\(UUID().uuidString)"
        setenv("SSLKEYLOGFILE", path, 1)
        let quiet = try MemoryPair.usual()
        quiet.pump()
        quiet.close()
        #expect(!FileManager.default.fileExists(atPath: path))
        unsetenv("SSLKEYLOGFILE")

        let pair = try MemoryPair(TLSHandler(client: .testing(keyLog: path), name: Certificates.name), TLSHandler(server: .testing()))
        pair.pump()
        pair.close()
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.count >= 5)
        #expect(lines.contains { $0.hasPrefix("CLIENT_TRAFFIC_SECRET_0 ") })
        #expect((try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber)?.intValue == 0o600)
    }

    @Test func aKeyLogThatCannotBeWritten() {
        #expect(throws: TLSError.file(path: "/proc/keys-log", reason: "No such file or directory")) {
            try TLSClientContext.testing(keyLog: "/proc/keys-log")
        }
    }

    @Test func noTwoContextsHaveOneGeneration() throws {
        #expect(try TLSClientContext.testing().settings.generation != TLSClientContext.testing().settings.generation)
    }
}
