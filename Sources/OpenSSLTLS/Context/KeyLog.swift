import COpenSSL
import Glibc

/// A file to which the secrets of connections are appended, a line each (NSS key log format). Only when asked for.
final class KeyLog: Sendable {
    private let descriptor: Int32

    init(_ path: String) throws(TLSError) {
        self.descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard self.descriptor >= 0 else { throw .file(path: path, reason: String(cString: strerror(errno))) }
    }

    deinit { close(self.descriptor) }

    /// In one piece, so that the lines of several threads do not mix.
    func write(_ line: UnsafePointer<CChar>) {
        let count = strlen(line)
        withUnsafeTemporaryAllocation(byteCount: count + 1, alignment: 1) { whole in
            whole.copyMemory(from: UnsafeRawBufferPointer(start: line, count: count))
            whole[count] = UInt8(ascii: "\n")
            _ = Glibc.write(self.descriptor, whole.baseAddress, whole.count)
            OPENSSL_cleanse(whole.baseAddress, whole.count)
        }
    }
}
