import Glibc
import NIOCore
import NIOPosix

extension RemoteEndpoint {
    /// Opens a connection to the remote on the gateway's event loop; `leg` is told when it stands.
    func dial(_ leg: ConnectionHandler, within timeout: TimeAmount, on loop: any EventLoop) -> EventLoopFuture<any Channel> {
        guard let address = self.addresses.first else { return loop.makeFailedFuture(ChannelError.operationUnsupported) }
        let leg = NIOLoopBound(leg, eventLoop: loop)
        var bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(timeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.becomeLeg()
                    try channel.pipeline.syncOperations.addHandler(leg.value)
                }
            }
        if let source = self.source {
            bootstrap = bootstrap.channelOption(.bindAddressNoPort, value: 1)
            if self.isTransparent {
                let isV6 = if case .v6 = address { true } else { false }
                bootstrap = bootstrap.channelOption(isV6 ? .transparent6 : .transparent4, value: 1)
            }
            bootstrap = bootstrap.bind(to: source)
        }
        return bootstrap.connect(to: address)
    }

    /// Why there is no connection, in words for the gateway and the log.
    static func words(for error: any Error) -> String {
        switch error {
        case ChannelError.connectTimeout(let time): "timed out after \(time.nanoseconds / 1_000_000_000)s"
        case let error as IOError:
            switch error.errnoCode {
            case ECONNREFUSED: "connection refused"
            case ETIMEDOUT: "timed out"
            case EHOSTUNREACH: "no route to host"
            case ENETUNREACH: "network is unreachable"
            case ECONNRESET: "connection reset"
            case EADDRNOTAVAIL: "the source address is not available"
            case EPERM, EACCES: "not permitted (a firewall, or no CAP_NET_ADMIN for tproxy)"
            case EMFILE, ENFILE: "too many open files"
            default: "error \(error.errnoCode)"
            }
        default: "\(error)"
        }
    }
}
