import Glibc

/// Reading and writing files whole.
extension SecretBytes {
    /// - Parameter followsLink: false: where the path is a symbolic link, that is an error.
    /// - Throws: ``TLSError/file(path:reason:)``, also where there is more than `limit`.
    convenience init(contentsOf path: String, limit: Int, followsLink: Bool = true) throws(TLSError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | (followsLink ? 0 : O_NOFOLLOW))
        guard descriptor >= 0 else {
            throw .file(
                path: path, reason: !followsLink && errno == ELOOP ? "a symbolic link, which is not followed" : String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var length = 0
        var failure: Int32 = 0
        self.init(capacity: limit + 1) { storage in
            while length < storage.count {
                let count = read(descriptor, storage.baseAddress.map { $0 + length }, storage.count - length)
                if count == 0 { break }
                if count > 0 { length += count } else if errno != EINTR { failure = errno; break }
            }
            return length
        }
        if failure != 0 { throw .file(path: path, reason: String(cString: strerror(failure))) }
        if length > limit { throw .file(path: path, reason: "longer than \(limit) octets") }
    }

    /// Puts a file, which only its owner may read, in the place of another, or of none: there is never half of it.
    /// - Throws: ``TLSError/file(path:reason:)``.
    func replace(_ path: String) throws(TLSError) {
        let new = "\(path).\(getpid()).new"
        unlink(new)
        let descriptor = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .file(path: new, reason: String(cString: strerror(errno))) }
        var rest = self.bytes
        var failure: Int32 = 0
        while !rest.isEmpty, failure == 0 {
            let count = write(descriptor, rest.baseAddress, rest.count)
            if count >= 0 { rest = UnsafeRawBufferPointer(rebasing: rest[count...]) } else if errno != EINTR { failure = errno }
        }
        if failure == 0, fsync(descriptor) != 0 { failure = errno }
        if close(descriptor) != 0, failure == 0 { failure = errno }
        if failure == 0, rename(new, path) != 0 { failure = errno }
        guard failure == 0 else {
            unlink(new)
            throw .file(path: path, reason: String(cString: strerror(failure)))
        }
    }
}
