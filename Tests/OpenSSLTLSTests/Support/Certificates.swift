import Foundation

@testable import OpenSSLTLS

/// Certificates made by the `openssl` command for one run of the tests, in a folder that goes with the process.
enum Certificates {
    struct Pair: Sendable {
        let certificate: String
        let key: String

        func identity() throws -> TLSIdentity { try TLSIdentity(certificate: self.certificate, key: self.key) }
    }

    static let folder: String = {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("openssl-tls-tests-\(UUID().uuidString)").path
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        atexit { try? FileManager.default.removeItem(atPath: Certificates.folder) }
        return folder
    }()

    static let name = "mx.example.test"

    /// An authority, and one that nobody trusts.
    static let authority = makeAuthority("authority")
    static let stranger = makeAuthority("stranger")

    static let good = make("good", by: authority)
    static let other = make("other", by: authority, for: "other.example.test")
    static let unknown = make("unknown", by: stranger)
    static let expired = make("expired", by: authority, days: -1)
    static let small = make("small", by: authority, key: ["rsa:1024"])
    static let rsa = make("rsa", by: authority, key: ["rsa:2048"])
    static let expiredOther = make("expired-other", by: authority, for: "other.example.test", days: -1)
    static let address = make("address", by: authority, alternative: "IP:127.0.0.1,IP:::1,DNS:*.wild.test")

    /// Signed by an authority that the trusted one has signed: alone, and with the one between.
    static let between = makeAuthority("between", by: authority)
    static let deep = make("deep", by: between)
    static let deepChain: Pair = {
        let path = "\(folder)/deep-chain.crt"
        let both = [deep, between].compactMap { try? String(contentsOfFile: $0.certificate, encoding: .utf8) }.joined()
        try? both.write(toFile: path, atomically: true, encoding: .utf8)
        return Pair(certificate: path, key: deep.key)
    }()

    private static let p256 = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]

    private static func makeAuthority(_ file: String, by issuer: Pair? = nil) -> Pair {
        let pair = Pair(certificate: "\(folder)/\(file).crt", key: "\(folder)/\(file).key")
        Command.run(
            ["req", "-x509", "-nodes", "-subj", "/CN=\(file)", "-days", "30", "-keyout", pair.key, "-out", pair.certificate, "-newkey"] + p256
                + ["-addext", "keyUsage=critical,keyCertSign"] + (issuer.map { ["-CA", $0.certificate, "-CAkey", $0.key] } ?? []))
        return pair
    }

    private static func make(
        _ file: String, by issuer: Pair, for name: String = name, alternative: String? = nil, days: Int = 30, key: [String] = p256
    ) -> Pair {
        let pair = Pair(certificate: "\(folder)/\(file).crt", key: "\(folder)/\(file).key")
        let extensions = "\(folder)/\(file).ext"
        try? "subjectAltName=\(alternative ?? "DNS:\(name)")\nbasicConstraints=CA:FALSE\n".write(
            toFile: extensions, atomically: true, encoding: .utf8)
        Command.run(["req", "-nodes", "-subj", "/CN=\(name)", "-keyout", pair.key, "-out", "\(folder)/\(file).csr", "-newkey"] + key)
        Command.run([
            "x509", "-req", "-in", "\(folder)/\(file).csr", "-CA", issuer.certificate, "-CAkey", issuer.key, "-days", "\(days)",
            "-set_serial", "\(Int.random(in: 1...Int.max))", "-extfile", extensions, "-out", pair.certificate,
        ])
        return pair
    }
}
