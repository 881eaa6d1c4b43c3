import NIOCore
import Rules
import Synchronization

/// The listeners that are open.
actor Doors {
    private let loops: any EventLoopGroup
    private let premises: Premises
    private var doors: [Door] = []

    init(on loops: any EventLoopGroup, premises: Premises) {
        (self.loops, self.premises) = (loops, premises)
    }

    /// Opens those that are not open, closes those that are no longer wanted, and changes the others for new connections.
    ///
    /// Whatever cannot be opened is returned; the others are open all the same.
    func change(to listeners: [Listener], in house: House) async -> [BindFailure] {
        let wanted = Set(listeners.map(Door.Key.init))
        for door in self.doors where !wanted.contains(door.key) { await self.close(door) }
        var failures: [BindFailure] = []
        for listener in listeners {
            let order = Door.Order(listener: listener, house: house)
            if let door = self.doors.first(where: { $0.key == Door.Key(listener) }) {
                door.change(to: order)
                continue
            }
            let door = Door(order)
            do {
                try await door.open(on: self.loops)
                self.doors.append(door)
                self.announce(door)
            } catch {
                failures.append(error)
            }
        }
        self.premises.addresses.change(to: self.doors.compactMap(\.address))
        return failures
    }

    func closeAll() async {
        for door in self.doors { await self.close(door) }
    }

    /// The listeners by name with their addresses, as bound (a port 0 is filled in).
    var bound: [(listener: String, address: SocketAddress)] {
        self.doors.compactMap { door in door.address.map { (door.current.listener.name, $0) } }
    }

    private func close(_ door: Door) async {
        self.premises.log.write(Line("listener-closed").with("listener", door.current.listener.name).with("bind", door.key.bind.description))
        await door.close()
        self.doors.removeAll { $0 === door }
    }

    private func announce(_ door: Door) {
        let listener = door.current.listener
        self.premises.log.write(
            Line("listening").with("listener", listener.name).with("bind", door.address?.text ?? listener.bind.description)
                .with("destination", listener.destination.word).with("allow", listener.allow.map(\.description).joined(separator: ",")))
    }
}

extension Destination {
    /// As it is written in the config file.
    var word: String {
        switch self {
        case .original: "original"
        case .tproxy: "tproxy"
        case .fixed(let host, let port): SocketEndpoint(host: host, port: port).description
        case .socks5: "socks5"
        case .proxyProtocol: "proxy-protocol"
        case .mx: "mx"
        }
    }
}
