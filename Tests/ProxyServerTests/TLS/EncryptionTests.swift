import Foundation
import OpenSSLTLS
import SMTPSession
import Testing

@testable import ProxyServer

/// What TLS is made with.
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
}
