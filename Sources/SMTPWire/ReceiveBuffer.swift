import NIOCore

// Receive buffers are large; what is kept longer than a turn must not pin one.
extension ByteBuffer {
    /// Appends; takes `new` over without copying when nothing waits here.
    mutating func take(_ new: ByteBuffer) {
        guard self.readableBytes > 0 else {
            self = new
            return
        }
        if self.readerIndex > 0 { self.discardReadBytes() }
        self.writeImmutableBuffer(new)
    }

    /// Lets go of the storage when nothing waits; copies what waits when it is a small part of it.
    mutating func settle() {
        let waiting = self.readableBytes
        if waiting == 0 {
            if self.storageCapacity > 0 { self = ByteBuffer() }
        } else if self.storageCapacity > 512, self.storageCapacity / 4 > waiting {
            var copy = ByteBuffer()
            copy.reserveCapacity(waiting)
            copy.writeImmutableBuffer(self)
            self = copy
        }
    }
}

/// Puts something in a place and takes out what was there.
func exchange<Value>(_ place: inout Value, with new: Value) -> Value {
    let old = place
    place = new
    return old
}
