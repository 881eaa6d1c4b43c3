import Glibc
import ProxyServer
import ServiceLifecycle
import UnixSignals

/// SIGTERM and SIGINT: the first asks, the second does not wait. SIGHUP: reload. (ServiceGroup's own handling is deaf to a second signal.)
struct Signals: Sendable {
    private let sequence: UnixSignalsSequence

    /// From now on they are caught.
    init() async { self.sequence = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup) }

    /// Returns at the first that asks to stop.
    func awaitedStop() async { for await signal in self.sequence where signal != .sighup { return } }

    /// Until cancelled.
    func obeyed(by group: ServiceGroup, _ log: Log, reload: @Sendable () async -> Void) async {
        var isStopping = false
        for await signal in self.sequence {
            switch signal {
            case .sighup where isStopping:
                log.write(.reloadIgnored)
            case .sighup:
                await reload()
            case _ where isStopping:
                log.write(Line("stopped-at-once").with("signal", signal.description))
                log.drain(milliseconds: 1000)
                exit(0)
            default:
                isStopping = true
                await group.triggerGracefulShutdown()
            }
        }
    }
}
