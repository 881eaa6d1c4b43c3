import Glibc
import NIOCore
import Rules

/// A listener that could not be opened.
public struct BindFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public let listener: String
    /// As in the config: "0.0.0.0:2525".
    public let bind: String
    public let because: String

    public var description: String { "listener \(self.listener): cannot listen on \(self.bind): \(self.because)" }

    /// What is wrong with a socket that was passed to us.
    enum Unfit: Error { case takesIPv4Too, notTransparent }

    static func words(for error: any Error) -> String {
        switch error {
        case let error as IOError:
            switch error.errnoCode {
            case EADDRINUSE: "the port is in use"
            case EAFNOSUPPORT: "this machine has no such protocol (without IPv6 leave the [::] address out of bind)"
            case EADDRNOTAVAIL: "no such address on this machine"
            case EACCES: "not permitted (ports below 1024 need CAP_NET_BIND_SERVICE)"
            case EPERM: "not permitted (tproxy needs CAP_NET_ADMIN)"
            case EMFILE, ENFILE: "too many open files"
            default: "error \(error.errnoCode)"
            }
        case is SocketAddressError: "no such address"
        case Unfit.takesIPv4Too: "the socket that was passed takes IPv4 too; its unit needs BindIPv6Only=ipv6-only"
        case Unfit.notTransparent: "the socket that was passed is not transparent; its unit needs Transparent=yes, or Mailshim CAP_NET_ADMIN"
        default: "\(error)"
        }
    }
}

extension Line {
    init(_ failure: BindFailure) {
        self = Line("bind-failed", .error).with("listener", failure.listener).with("bind", failure.bind).with("because", failure.because)
    }
}
