import NIOCore
public import Rules

/// The listeners that are open.
actor Listeners {
    private let loopDetector: any EventLoopGroup
    private let services: SharedServices
    private let passed: PassedSockets
    private let manager: ServiceManager
    private var doors: [BoundListener] = []
    private var areShut = false
    private var areAccepting: Bool

    /// - Parameters:
    ///   - passed: sockets that were opened for those that are opened first.
    ///   - areAccepting: as soon as they are open; else with ``accept()``.
    init(
        on loopDetector: any EventLoopGroup, services: SharedServices, passed: PassedSockets = PassedSockets(), manager: ServiceManager = ServiceManager(),
        areAccepting: Bool = true
    ) {
        self.areAccepting = areAccepting
        (self.loopDetector, self.services, self.passed, self.manager) = (loopDetector, services, passed, manager)
    }

    enum Change: Hashable, Sendable {
        case done
        /// These cannot be opened; those that were open are open as before.
        case failed([BindFailure])
        /// Mailshim is stopping: none is open.
        case tooLate
    }

    /// Opens those that are not open, closes those that are no longer wanted, and changes the others for new connections; all of it, or nothing.
    func change(to listeners: [Listener], in snapshot: ConfigSnapshot) async -> Change {
        guard !self.areShut else { return .tooLate }
        var leaving = self.doors
        let orders = listeners.flatMap { listener in
            listener.bind.map { BoundListener.AcceptContext(listener: listener, bind: $0, snapshot: snapshot) }
        }
        let doors = orders.map { order in
            leaving.firstIndex { $0.key == BoundListener.Key(order) }.map { leaving.remove(at: $0) } ?? BoundListener(order)
        }
        let coming = doors.filter { $0.address == nil }
        let names = leaving.compactMap(\.keptName)

        let failures = await self.exchange(leaving, for: coming)
        // It may have been meanwhile.
        if self.areShut {
            for door in leaving + doors { await door.close() }
            return .tooLate
        }
        defer { self.services.addresses.change(to: self.doors.compactMap(\.address)) }
        guard failures.isEmpty else {
            self.doors.removeAll { $0.address == nil }
            return .failed(failures)
        }
        for (door, order) in zip(doors, orders) { door.change(to: order) }
        for door in leaving { self.announceEnd(of: door) }
        for name in names { self.manager.forget(name) }
        for door in coming {
            self.announce(door)
            if let socket = door.socket, let name = door.keptName { self.manager.keep(socket, as: name) }
        }
        self.doors = doors
        for passed in self.passed.takeRest() {
            self.services.log.write(Line(unused: passed))
            self.manager.forget(passed.name)
        }
        return .done
    }

    /// They take connections, those that are open and those that will be.
    func accept() async {
        self.areAccepting = true
        for door in self.doors { await door.accept() }
    }

    /// They take none for now: connections wait in the queues of their sockets.
    func pause() async {
        self.areAccepting = false
        for door in self.doors { await door.pause() }
    }

    /// No more are opened.
    func closeAll() async {
        self.areShut = true
        for door in Swift.exchange(&self.doors, with: []) {
            self.announceEnd(of: door)
            await door.close()
        }
    }

    /// The listeners by name with their addresses, as bound (a port 0 is filled in).
    var bound: [(listener: String, address: SocketAddress)] {
        self.doors.compactMap { door in door.address.map { (door.current.listener.name, $0) } }
    }

    /// The same, with their sockets.
    var sockets: [(listener: String, socket: ListeningSocket)] {
        self.doors.compactMap { door in door.socket.map { (door.current.listener.name, $0) } }
    }

    /// New ones are opened before old ones are closed; but an old one that is in a new one's way goes first, and comes back where that was in vain.
    private func exchange(_ leaving: [BoundListener], for coming: [BoundListener]) async -> [BindFailure] {
        let (inTheWay, others) = leaving.divided { old in coming.contains { old.key.collides(with: $0.key) } }
        let (blocked, free) = coming.divided { new in inTheWay.contains { $0.key.collides(with: new.key) } }
        var failures = await self.open(free)
        guard failures.isEmpty else { return failures }
        for door in inTheWay { await door.close() }
        failures = await self.open(blocked)
        guard failures.isEmpty else {
            for door in free { await door.close() }
            return await failures + self.open(inTheWay, keeping: true)
        }
        for door in others { await door.close() }
        return []
    }

    /// All of them, or none unless `keeping` those that can be.
    private func open(_ doors: [BoundListener], keeping: Bool = false) async -> [BindFailure] {
        var failures: [BindFailure] = []
        for door in doors {
            let listener = door.current.listener.name
            let passed = self.passed.take(door.key.bind, of: listener)
            do throws(BindFailure) {
                try await door.open(on: self.loopDetector, passed: passed, isAccepting: self.areAccepting)
                if passed == nil, self.doors.isEmpty, self.passed.wereAny { self.services.log.write(Line(notPassed: listener, door.key.bind)) }
            } catch {
                failures.append(error)
            }
        }
        if !failures.isEmpty, !keeping { for door in doors { await door.close() } }
        return failures
    }

    private func announceEnd(of door: BoundListener) {
        self.services.log.write(
            Line("listener-closed").with("listener", door.current.listener.name).with("bind", door.key.bind.description))
    }

    private func announce(_ door: BoundListener) {
        let listener = door.current.listener
        self.services.log.write(
            Line("listening").with("listener", listener.name).with("bind", door.address?.text ?? door.key.bind.description)
                .with("destination", listener.destination.word).with("allow", listener.allowed.joined(separator: ",")))
    }
}

extension BoundListener {
    /// The name under which a service manager keeps its socket; nil: it is not open, or would be another one each time (port 0).
    fileprivate var keptName: String? {
        guard self.key.bind.port != 0 else { return nil }
        return self.address.map { PassedSockets.name(of: self.current.listener.name, at: $0) }
    }
}

extension BoundListener.Key {
    /// Whether the system would refuse to open both at once. Port 0 is another one each time.
    func collides(with other: BoundListener.Key) -> Bool { self.bind.collides(with: other.bind) }
}

extension Array {
    fileprivate func divided(by isFirst: (Element) -> Bool) -> (first: [Element], rest: [Element]) {
        (self.filter(isFirst), self.filter { !isFirst($0) })
    }
}

extension Listener {
    /// Who may connect, as the log and `mailshim check` say it.
    public var allowed: [String] { self.allow.map(\.description) + (self.allowsThisMachine ? ["this machine's own addresses"] : []) }
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
