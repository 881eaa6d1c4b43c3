import Glibc
import ProxyServer
import Rules
import ServiceLifecycle

/// SIGTERM and SIGINT: the first asks, the second does not wait. SIGHUP: reload. All others that would end or stop the process are ignored, with a line
/// in the log: a signal from logrotate or a wrong `kill` must not cost mail. (ServiceGroup's own handling is deaf to a second signal.)
struct Signals: Sendable {
    private let arrivals: AsyncStream<Int32>

    /// From now on they are caught.
    init() { self.arrivals = SignalPipe.arrivals(of: Self.obeyed + Self.ignored) }

    /// Returns at the first that asks to stop.
    func awaitedStop() async { for await signal in self.arrivals where signal == SIGTERM || signal == SIGINT { return } }

    /// Whoever ignores SIGPIPE again, as NIO does at its first socket, takes it from us.
    func heedPipe() { SignalPipe.heed(SIGPIPE) }

    /// Until cancelled.
    func obeyed(by group: ServiceGroup, _ log: Log, reload: @Sendable () async -> Void) async {
        var isStopping = false
        for await signal in self.arrivals {
            switch signal {
            case SIGHUP where isStopping:
                log.write(.reloadIgnored)
            case SIGHUP:
                await reload()
            case SIGTERM where !isStopping, SIGINT where !isStopping:
                isStopping = true
                await group.triggerGracefulShutdown()
            case SIGTERM, SIGINT:
                log.write(Line("stopped-at-once", .warn).with("signal", Self.name(of: signal)))
                log.drain(milliseconds: 1000)
                exit(0)
            default:
                log.write(Line("signal-ignored").with("signal", Self.name(of: signal)).with("known", "SIGTERM, SIGINT, SIGHUP"))
            }
        }
    }

    private static let obeyed = [SIGTERM, SIGINT, SIGHUP]

    /// Not those that tell of a fault of ours (SIGSEGV, SIGABRT and the like), not SIGKILL and SIGSTOP, which cannot be, and not those that do nothing by themselves.
    private static let ignored =
        [SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGPIPE, SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGSTKFLT, SIGXCPU, SIGXFSZ, SIGTSTP, SIGTTIN, SIGTTOU]
        + Array(realTime)

    /// The C library keeps the first two for itself.
    private static let realTime: ClosedRange<Int32> = 34...64

    private static let names: [Int32: String] = [
        SIGTERM: "SIGTERM", SIGINT: "SIGINT", SIGHUP: "SIGHUP", SIGQUIT: "SIGQUIT", SIGUSR1: "SIGUSR1", SIGUSR2: "SIGUSR2", SIGALRM: "SIGALRM",
        SIGPIPE: "SIGPIPE", SIGVTALRM: "SIGVTALRM", SIGPROF: "SIGPROF", SIGIO: "SIGIO", SIGPWR: "SIGPWR", SIGSTKFLT: "SIGSTKFLT", SIGXCPU: "SIGXCPU",
        SIGXFSZ: "SIGXFSZ", SIGTSTP: "SIGTSTP", SIGTTIN: "SIGTTIN", SIGTTOU: "SIGTTOU",
    ]

    private static func name(of signal: Int32) -> String { Self.names[signal] ?? "SIGRTMIN+\(signal - realTime.lowerBound)" }
}
