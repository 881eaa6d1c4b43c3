import COpenSSL

/// Octets that are zeroed when nobody holds them any more. Written while they are made, then only read.
final class SecretBytes: @unchecked Sendable {
    private let storage: UnsafeMutableRawBufferPointer

    /// - Parameter fill: writes at most `capacity` octets and says how many are of use.
    init(capacity: Int, fill: (UnsafeMutableRawBufferPointer) -> Int) {
        let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, capacity), alignment: 1)
        self.storage = storage
        self.count = min(capacity, max(0, fill(storage)))
    }

    deinit {
        OPENSSL_cleanse(self.storage.baseAddress, self.storage.count)
        self.storage.deallocate()
    }

    let count: Int
    /// Valid as long as this object.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self.storage[..<self.count]) }
}
