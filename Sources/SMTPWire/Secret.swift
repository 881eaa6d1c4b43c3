/// Octets that nobody else may see: credentials (RFC 4954). They print as nothing and are wiped when the last holder lets go.
public final class Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Written once, in `init`; only read until `deinit`.
    private nonisolated(unsafe) let storage: UnsafeMutableRawBufferPointer

    public init(_ octets: some Collection<UInt8>) {
        self.storage = .allocate(byteCount: octets.count, alignment: 1)
        self.storage.copyBytes(from: octets)
    }

    deinit {
        // Not optimised away: the pointer escapes into a call that the compiler cannot see through.
        Self.wipe(self.storage)
        self.storage.deallocate()
    }

    @inline(never) @_optimize(none) private static func wipe(_ storage: UnsafeMutableRawBufferPointer) {
        for index in storage.indices { storage[index] = 0 }
    }

    public func withOctets<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result { body(UnsafeRawBufferPointer(self.storage)) }

    public static func == (left: Secret, right: Secret) -> Bool {
        guard left.storage.count == right.storage.count else { return false }
        return zip(left.storage, right.storage).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// By length alone.
    public func hash(into hasher: inout Hasher) { hasher.combine(self.storage.count) }

    public var description: String { "***" }
    public var debugDescription: String { "***" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
