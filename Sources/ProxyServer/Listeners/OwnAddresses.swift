import NIOCore
import Synchronization

/// Where our listeners listen, and which addresses this machine has.
final class OwnAddresses: Sendable {
    private struct Interfaces {
        var asked = NIODeadline.distantPast
        var addresses: Set<SocketAddress> = []
    }

    private static let lifetime = TimeAmount.seconds(5)
    private let bound = Mutex<[SocketAddress]>([])
    private let interfaces = Mutex(Interfaces())

    func change(to addresses: [SocketAddress]) { self.bound.withLock { $0 = addresses.map(\.unmapped) } }

    /// Whether one of our listeners would take a connection to this address.
    func listen(on address: SocketAddress) -> Bool {
        let candidates = self.bound.withLock { $0.filter { $0.port == address.port } }
        guard !candidates.isEmpty else { return false }
        if candidates.contains(address) { return true }
        return candidates.contains { $0.isUnspecified && $0.protocol == address.protocol } && self.isOfThisMachine(address)
    }

    /// The port does not matter. Asks the system again after some seconds.
    func isOfThisMachine(_ address: SocketAddress) -> Bool {
        if case .v4 = address, address.withOctets({ $0.first }) == 127 { return true }
        let now = NIODeadline.now()
        return self.interfaces.withLock { interfaces in
            if now >= interfaces.asked + Self.lifetime || interfaces.addresses.isEmpty {
                interfaces.asked = now
                interfaces.addresses = Set(((try? System.enumerateDevices()) ?? []).compactMap { $0.address?.anyPort })
            }
            return interfaces.addresses.contains(address.anyPort)
        }
    }
}

extension SocketAddress {
    fileprivate var isUnspecified: Bool { self.withOctets { $0.allSatisfy { $0 == 0 } } }
}
