import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// Addresses of a destination's host name, by the system's resolver, on threads of their own. One question at a time for each name; answers are kept for seconds.
final class Resolver: Sendable {
    struct Failure: Error, Hashable, Sendable { let because: String }

    private struct Answer {
        let asked: NIODeadline
        let addresses: EventLoopFuture<[SocketAddress]>
    }

    private static let lifetime = TimeAmount.seconds(5)
    private let answers = Mutex<[String: Answer]>([:])

    /// In the order in which they should be tried (RFC 6724); never empty.
    func addresses(of host: String, port: Int, on loop: any EventLoop) -> EventLoopFuture<[SocketAddress]> {
        let now = NIODeadline.now()
        let answer = self.answers.withLock { answers in
            if let answer = answers[host], now < answer.asked + Self.lifetime { return answer.addresses }
            let addresses = NIOThreadPool.singleton.runIfActive(eventLoop: loop) { try Self.ask(host) }
            answers[host] = Answer(asked: now, addresses: addresses)
            return addresses
        }
        return answer.hop(to: loop).map { addresses in
            addresses.map { address in
                var address = address
                address.port = port
                return address
            }
        }
    }

    private static func ask(_ host: String) throws(Failure) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &found)
        defer { if found != nil { freeaddrinfo(found) } }
        guard code == 0 else { throw Failure(because: "\(host) does not resolve: \(String(cString: gai_strerror(code)))") }
        var addresses: [SocketAddress] = []
        var next = found
        while let info = next?.pointee {
            switch info.ai_family {
            case AF_INET: info.ai_addr?.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { addresses.append(SocketAddress($0.pointee, host: "")) }
            case AF_INET6:
                info.ai_addr?.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { addresses.append(SocketAddress($0.pointee, host: "")) }
            default: break
            }
            next = info.ai_next
        }
        guard !addresses.isEmpty else { throw Failure(because: "\(host) does not resolve: no address") }
        return Array(addresses.prefix(4))
    }
}
