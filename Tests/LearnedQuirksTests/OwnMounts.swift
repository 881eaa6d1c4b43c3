import Foundation
import Glibc

/// A thread with a mount namespace of its own, for disks that are full or cannot be written: root ignores permissions, but not these.
/// The mounts go with the thread; no other thread sees them.
enum OwnMounts {
    /// Where the thread may mount what it likes.
    static let isAllowed: Bool = (try? Self.run { true }) ?? false

    /// - Parameter body: runs on that thread; its mount point is a folder of its own.
    static func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) throws -> Result {
        let answer = Answer<Result>()
        let thread = Thread {
            guard Self.unshare() == 0, mount("none", "/", nil, UInt(MS_REC | MS_PRIVATE), nil) == 0 else {
                return answer.give(.failure(POSIXError(.EPERM)))
            }
            answer.give(Swift.Result { try body() })
        }
        thread.stackSize = 4 << 20
        thread.start()
        return try answer.take()
    }

    /// An empty file system of so many bytes.
    static func tmpfs(_ path: String, bytes: Int) throws {
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(bytes)") == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    }

    /// The folder as it is, but it cannot be written.
    static func readOnly(_ path: String) throws {
        let flags = UInt(MS_BIND)
        guard mount(path, path, nil, flags, nil) == 0,
            mount(nil, path, nil, flags | UInt(MS_REMOUNT | MS_RDONLY), nil) == 0
        else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    }

    static func unmount(_ path: String) { umount2(path, Int32(MNT_DETACH)) }

    /// sched.h does not show it to Swift.
    private static func unshare() -> Int32 {
        guard let symbol = dlsym(nil, "unshare") else { return -1 }
        let (cloneNewNS, cloneFS): (Int32, Int32) = (0x20000, 0x200)
        return unsafeBitCast(symbol, to: (@convention(c) (Int32) -> Int32).self)(cloneNewNS | cloneFS)
    }

    private final class Answer<Value: Sendable>: @unchecked Sendable {
        private let ready = DispatchSemaphore(value: 0)
        private var value: Result<Value, any Error>?

        func give(_ value: Result<Value, any Error>) {
            self.value = value
            self.ready.signal()
        }

        func take() throws -> Value {
            self.ready.wait()
            guard let value else { throw POSIXError(.EIO) }
            return try value.get()
        }
    }
}
