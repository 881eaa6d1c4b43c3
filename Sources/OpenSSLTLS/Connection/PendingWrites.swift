import NIOCore

/// What was written and is not yet encrypted: whole writes before the handshake is over, less than a record after it. Small writes are joined.
struct PendingWrites {
    typealias Promise = EventLoopPromise<Void>

    private struct Write {
        var bytes: ByteBuffer
        var promises: [Promise]
    }

    private var writes = CircularBuffer<Write>()
    private(set) var count = 0

    var isEmpty: Bool { self.writes.isEmpty }
    var first: ByteBuffer? { self.writes.first?.bytes }

    mutating func append(_ bytes: ByteBuffer, _ promise: Promise?) {
        self.count += bytes.readableBytes
        if let last = self.writes.indices.last, bytes.readableBytes <= TLSBounds.small,
            self.writes[last].bytes.readableBytes + bytes.readableBytes <= TLSBounds.record
        {
            self.writes[last].bytes.writeImmutableBuffer(bytes)
            if let promise { self.writes[last].promises.append(promise) }
        } else {
            self.writes.append(Write(bytes: bytes, promises: promise.map { [$0] } ?? []))
        }
    }

    /// Takes octets off the first write.
    /// - Returns: the promises of what is wholly taken.
    mutating func take(_ count: Int) -> [Promise] {
        guard let first = self.writes.indices.first else { return [] }
        self.writes[first].bytes.moveReaderIndex(forwardBy: min(count, self.writes[first].bytes.readableBytes))
        self.count -= count
        guard self.writes[first].bytes.readableBytes == 0 else { return [] }
        return self.writes.removeFirst().promises
    }

    /// Forgets all of it.
    mutating func fail(_ error: any Error) {
        let forgotten = exchange(&self, with: PendingWrites())
        for write in forgotten.writes { for promise in write.promises { promise.fail(error) } }
    }
}
