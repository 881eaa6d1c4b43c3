import NIOCore

/// Tells the service manager that we live: `WATCHDOG=1`, each third of the time that it allows, after a way through every event loop. One that is stuck stops it,
/// and then we are ended and started anew. In between the line of `systemctl status`, when it changed.
struct Heartbeat: Sendable {
    let manager: ServiceManager
    let eventLoops: any EventLoopGroup
    /// False once a successor says it in our stead.
    let isMain: @Sendable () -> Bool
    let status: @Sendable () -> String

    /// How often the status is looked at where nothing watches.
    private static let leisure = Duration.seconds(5)

    /// Until cancelled.
    func run() async {
        var last = self.status()
        while true {
            await self.roundTrip()
            guard self.isMain() else { return }
            if self.manager.watchdog != nil { self.manager.tell(.alive) }
            let next = self.status()
            if next != last { self.manager.tell(.status(next)) }
            last = next
            let pause = min(self.manager.watchdog.map { $0 / 3 } ?? Self.leisure, Self.leisure)
            guard (try? await Task.sleep(for: pause)) != nil else { return }
        }
    }

    /// Through all of them, one after another.
    func roundTrip() async {
        for loop in self.eventLoops.makeIterator() { try? await loop.submit {}.get() }
    }
}
