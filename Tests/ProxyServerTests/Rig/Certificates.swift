import Foundation
import OpenSSLTLS

/// Certificates made by the `openssl` command for one run of the tests, in a folder that goes with the process.
enum Certificates {
    struct Pair: Sendable {
        let certificate: String
        let key: String

        func identity() throws -> TLSIdentity { try TLSIdentity(certificate: self.certificate, key: self.key) }
        func server(_ age: TLSAge = .modern) throws -> TLSServerContext { try TLSServerContext(identity: self.identity(), age: age) }
    }

    /// The name of hosts that the tests connect to; it resolves to loopback.
    static let name = "localhost"

    static let folder: String = {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mailshim-tests-\(UUID().uuidString)").path
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        atexit { try? FileManager.default.removeItem(atPath: Certificates.folder) }
        return folder
    }()

    static let authority = make("authority", ["-subj", "/CN=authority", "-addext", "keyUsage=critical,keyCertSign"])
    static let stranger = make("stranger", ["-subj", "/CN=stranger", "-addext", "keyUsage=critical,keyCertSign"])

    static let good = signed("good")
    static let second = signed("second")
    static let other = signed("other", for: "other.example.test")
    static let unknown = signed("unknown", by: stranger)
    static let expired = signed("expired", days: -1)
    static let small = signed("small", key: ["rsa:1024"])
    static let rsa = signed("rsa", key: ["rsa:2048"])

    /// What only an old client takes: TLS 1.0.
    private static let p256 = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]

    private static func make(_ file: String, _ more: [String]) -> Pair {
        let pair = Pair(certificate: "\(folder)/\(file).crt", key: "\(folder)/\(file).key")
        run(["req", "-x509", "-nodes", "-days", "30", "-keyout", pair.key, "-out", pair.certificate, "-newkey"] + p256 + more)
        return pair
    }

    private static func signed(_ file: String, by issuer: Pair = authority, for name: String = name, days: Int = 30, key: [String] = p256) -> Pair {
        let pair = Pair(certificate: "\(folder)/\(file).crt", key: "\(folder)/\(file).key")
        let extensions = "\(folder)/\(file).ext"
        try? "subjectAltName=DNS:\(name)\nbasicConstraints=CA:FALSE\n".write(toFile: extensions, atomically: true, encoding: .utf8)
        run(["req", "-nodes", "-subj", "/CN=\(name)", "-keyout", pair.key, "-out", "\(folder)/\(file).csr", "-newkey"] + key)
        run([
            "x509", "-req", "-in", "\(folder)/\(file).csr", "-CA", issuer.certificate, "-CAkey", issuer.key, "-days", "\(days)",
            "-set_serial", "\(Int.random(in: 1...Int.max))", "-extfile", extensions, "-out", pair.certificate,
        ])
        return pair
    }

    private static func run(_ arguments: [String]) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try? process.run()
        process.waitUntilExit()
    }
}
