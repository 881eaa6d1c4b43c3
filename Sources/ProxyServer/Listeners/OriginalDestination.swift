import Glibc
import NIOCore

/// Where a connection that netfilter redirected to us was going (SO_ORIGINAL_DST, IP6T_SO_ORIGINAL_DST: both 80).
///
/// ENOENT means no connection tracking; the socket's own address, tracked but not redirected.
func originalDestination(of channel: any Channel) -> EventLoopFuture<SocketAddress> {
    guard let provider = channel as? any SocketOptionProvider, let local = channel.localAddress else {
        return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
    }
    switch local.unmapped {
    case .v4:
        let answer: EventLoopFuture<sockaddr_in> = provider.unsafeGetSocketOption(level: .ip, name: .init(rawValue: 80))
        return answer.map { SocketAddress($0, host: "") }
    case .v6:
        let answer: EventLoopFuture<sockaddr_in6> = provider.unsafeGetSocketOption(level: .ipv6, name: .init(rawValue: 80))
        return answer.map { SocketAddress($0, host: "") }
    case .unixDomainSocket:
        return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
    }
}
