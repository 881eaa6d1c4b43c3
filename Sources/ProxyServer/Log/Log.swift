import Synchronization

/// The log: lines go into a bounded queue, and a thread of its own writes them.
///
/// A reader that has stopped reading (a full pipe) never stops a session: lines are dropped and counted, and the count is logged when it flows again.
public final class Log: Sendable {
    private let format: LineFormat
    private let spool: Spool
    private let watcher: (@Sendable (Line) -> Void)?

    /// Writes to a descriptor (2: standard error), holding back at most `capacity` octets. Every line is also shown to `watcher`, on the caller's thread.
    public init(_ format: LineFormat = .logfmt, descriptor: Int32 = 2, capacity: Int = 1 << 20, watcher: (@Sendable (Line) -> Void)? = nil) {
        self.format = format
        self.spool = Spool(descriptor: descriptor, capacity: capacity, lost: { format.render(Line("log-dropped").with("lines", $0)) })
        self.watcher = watcher
        self.spool.start()
    }

    deinit { self.spool.close() }

    /// Never waits.
    public func write(_ line: Line) {
        self.watcher?(line)
        self.spool.append(self.format.render(line))
    }

    /// Waits until everything has been written, at most so long. For the last lines before the process exits.
    public func drain(milliseconds: Int) {
        self.spool.drain(milliseconds: milliseconds)
    }
}
