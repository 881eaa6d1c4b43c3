import Glibc
import OpenSSLTLS
import Rules
import Synchronization

/// The certificate that Mailshim makes itself (`tls = "auto"`): beside the state, so that gateways see the same one after a restart; in memory where it cannot
/// be kept. It encrypts and proves nothing.
final class OwnCertificate: Sendable {
    private struct Kept: Sendable {
        let hostname: String
        let identity: TLSIdentity
    }

    private let log: Log
    private let kept = Mutex<Kept?>(nil)

    init(log: Log) { self.log = log }

    func identity(for hostname: String, state: StateLocation) throws(TLSError) -> TLSIdentity {
        if let kept = self.kept.withLock({ $0 }), kept.hostname == hostname { return kept.identity }
        let identity = try self.made(for: hostname, state)
        self.kept.withLock { $0 = Kept(hostname: hostname, identity: identity) }
        return identity
    }

    /// Beside "learned.sqlite": "learned.pem".
    static func path(beside state: String) -> String {
        (state.hasSuffix(".sqlite") ? String(state.dropLast(".sqlite".count)) : state) + ".pem"
    }

    private func made(for hostname: String, _ state: StateLocation) throws(TLSError) -> TLSIdentity {
        guard case .file(let state) = state else { return try Self.inMemory(for: hostname) }
        do throws(TLSError) {
            return try TLSIdentity.selfSigned(for: hostname, keptIn: Self.path(beside: state))
        } catch {
            self.log.write(Line("certificate-not-kept", .warn).with("because", error.description).with("effect", "a new one at each start"))
            return try Self.inMemory(for: hostname)
        }
    }

    /// OpenSSLTLS keeps it in a file; this one is gone at once.
    private static func inMemory(for hostname: String) throws(TLSError) -> TLSIdentity {
        for place in ["/dev/shm", getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"] {
            var template = Array("\(place)/mailshim-XXXXXX".utf8CString)
            guard
                let folder = template.withUnsafeMutableBufferPointer({ name -> String? in
                    name.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
                })
            else { continue }
            defer { rmdir(folder) }
            let file = folder + "/own.pem"
            defer { unlink(file) }
            return try TLSIdentity.selfSigned(for: hostname, keptIn: file)
        }
        throw .file(path: "/dev/shm", reason: String(cString: strerror(errno)))
    }
}
