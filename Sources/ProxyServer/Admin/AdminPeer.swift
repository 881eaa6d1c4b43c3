import Glibc
import NIOCore

/// Who asks over the admin socket, as the kernel knows it (SO_PEERCRED, unix(7)).
public struct AdminPeer: Hashable, Sendable {
    public let pid: Int32
    public let uid: UInt32
    public let gid: UInt32

    public init(pid: Int32, uid: UInt32, gid: UInt32) { (self.pid, self.uid, self.gid) = (pid, uid, gid) }

    /// The user's name, or its number where it has none.
    public var user: String {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var space = [CChar](repeating: 0, count: 4096)
        guard getpwuid_r(self.uid, &entry, &space, space.count, &found) == 0, found != nil, let name = entry.pw_name else { return "\(self.uid)" }
        return String(cString: name)
    }

    static func asking(on channel: any Channel) -> EventLoopFuture<AdminPeer> {
        guard let provider = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
        }
        // struct ucred, which Glibc's module does not have.
        let answer: EventLoopFuture<Credentials> = provider.unsafeGetSocketOption(level: .socket, name: .init(rawValue: SO_PEERCRED))
        return answer.map { AdminPeer(pid: $0.pid, uid: $0.uid, gid: $0.gid) }
    }

    private struct Credentials: Sendable {
        var pid: Int32 = 0
        var uid: UInt32 = 0
        var gid: UInt32 = 0
    }
}
