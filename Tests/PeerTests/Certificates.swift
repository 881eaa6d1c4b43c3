import Foundation
import OpenSSLTLS

/// Certificates made by the `openssl` command for one run of the tests, in a folder that goes with the process.
enum Certificates {
    struct Pair: Sendable {
        let certificate: String
        let key: String

        func server() throws -> TLSServerContext { try TLSServerContext(identity: TLSIdentity(certificate: self.certificate, key: self.key)) }
    }

    /// The name that the hosts' certificates are for.
    static let name = "mx.remote.test"

    /// Who signed them; in no system's list.
    static let authority = make("authority", p256 + ["-subj", "/CN=authority", "-addext", "keyUsage=critical,keyCertSign"])
    static let good = signed("good", p256)
    /// For clients of TLS 1.0, which need not know elliptic curves.
    static let rsa = signed("rsa", ["-newkey", "rsa:2048"])

    private static let p256 = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]

    private static let folder: String = {
        let folder = FileManager.default.temporaryDirectory.appending(path: "mailshim-certificates-\(UUID().uuidString)").path
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        atexit { try? FileManager.default.removeItem(atPath: Certificates.folder) }
        return folder
    }()

    private static func signed(_ file: String, _ key: [String]) -> Pair {
        make(
            file,
            key + [
                "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:\(name)", "-addext", "basicConstraints=CA:FALSE", "-CA", authority.certificate,
                "-CAkey", authority.key,
            ])
    }

    private static func make(_ file: String, _ more: [String]) -> Pair {
        let pair = Pair(certificate: "\(folder)/\(file).crt", key: "\(folder)/\(file).key")
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = ["req", "-x509", "-nodes", "-days", "30", "-keyout", pair.key, "-out", pair.certificate] + more
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try? process.run()
        process.waitUntilExit()
        return pair
    }
}
