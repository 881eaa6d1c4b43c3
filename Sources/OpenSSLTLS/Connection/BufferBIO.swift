import COpenSSL
import NIOCore

/// An OpenSSL BIO whose two ends are ByteBuffers: no copy into BIO memory, and nothing kept when a connection falls idle.
final class BufferBIO {
    var input = ByteBuffer()
    var output = ByteBuffer()
    let pointer: OpaquePointer

    /// One method table for the process; written once, then only read.
    private nonisolated(unsafe) static let method: OpaquePointer? = {
        guard let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "ByteBuffer") else { return nil }
        BIO_meth_set_read(method) { bio, target, count in
            guard let bio, let target, count > 0, let owner = BufferBIO.of(bio) else { return -1 }
            return owner.read(bio, UnsafeMutableRawBufferPointer(start: target, count: Int(count)))
        }
        BIO_meth_set_write(method) { bio, source, count in
            guard let bio, let source, count >= 0, let owner = BufferBIO.of(bio) else { return -1 }
            owner.output.writeBytes(UnsafeRawBufferPointer(start: source, count: Int(count)))
            return count
        }
        BIO_meth_set_ctrl(method) { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }
        return method
    }()

    /// Whoever makes it frees `pointer`, or hands it to an SSL that does.
    init() throws(TLSError) {
        guard let method = Self.method, let bio = BIO_new(method) else { throw .setting("connection", reason: OpenSSLWords.drained()) }
        self.pointer = bio
        BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        BIO_set_init(bio, 1)
    }

    private static func of(_ bio: OpaquePointer) -> BufferBIO? {
        BIO_get_data(bio).map { Unmanaged<BufferBIO>.fromOpaque($0).takeUnretainedValue() }
    }

    private func read(_ bio: OpaquePointer, _ target: UnsafeMutableRawBufferPointer) -> Int32 {
        copenssl_clear_retry(bio)
        let count = min(target.count, self.input.readableBytes)
        guard count > 0 else {
            copenssl_retry_read(bio)
            return -1
        }
        self.input.readWithUnsafeReadableBytes {
            target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<count]))
            return count
        }
        return Int32(count)
    }
}
