import NIOCore

/// Linux socket options that NIO does not name (plain macros in the headers, so Swift does not import them).
extension ChannelOption where Self == ChannelOptions.Types.SocketOption {
    /// IP_TRANSPARENT and IPV6_TRANSPARENT: accept for, and bind to, addresses of others. Needs CAP_NET_ADMIN.
    static var transparent4: Self { .init(level: .ip, name: .init(rawValue: 19)) }
    static var transparent6: Self { .init(level: .ipv6, name: .init(rawValue: 75)) }
    /// IP_BIND_ADDRESS_NO_PORT: the port is chosen at connect, so that many connections to unlike remotes may share one.
    static var bindAddressNoPort: Self { .init(level: .ip, name: .init(rawValue: 24)) }
    /// SO_MEMINFO (sock_diag(7)), of which the first number is the memory that the receive queue takes: 0 where all was read.
    static var receiveQueue: Self { .init(level: .socket, name: .init(rawValue: 55)) }
}
