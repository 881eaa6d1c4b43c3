import NIOCore
import Synchronization

/// Where our listeners listen.
final class OwnAddresses: Sendable {
    private let bound = Mutex<[SocketAddress]>([])

    func change(to addresses: [SocketAddress]) { self.bound.withLock { $0 = addresses.map(\.unmapped) } }

    /// Whether one of them would take a connection to this address.
    func contain(_ address: SocketAddress) -> Bool {
        let candidates = self.bound.withLock { $0.filter { $0.port == address.port } }
        guard !candidates.isEmpty else { return false }
        return candidates.contains(address)
            || (candidates.contains { $0.isUnspecified && $0.protocol == address.protocol } && address.isOfThisMachine)
    }
}

extension SocketAddress {
    fileprivate var isUnspecified: Bool { self.ipAddress == "0.0.0.0" || self.ipAddress == "::" }

    fileprivate var isOfThisMachine: Bool {
        if case .v4 = self, self.ipAddress?.hasPrefix("127.") == true { return true }
        let devices = (try? System.enumerateDevices()) ?? []
        return devices.contains { $0.address?.anyPort == self.anyPort }
    }
}
