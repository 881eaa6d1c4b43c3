public import Rules
import SMTPSession
import Synchronization

/// The log: lines go into a bounded queue, and a thread of its own writes them.
///
/// A reader that has stopped reading (a full pipe) never stops a session: lines are dropped and counted, and the count is logged when it flows again.
public final class Log: Sendable {
    private let pen: Pen
    private let spool: LogWriter
    private let watcher: (@Sendable (Line) -> Void)?

    /// Writes to a descriptor (2: standard error), holding back at most `capacity` octets. Every line is also shown to `watcher`, on the caller's thread,
    /// whether it is written or not.
    public init(
        _ settings: LogSettings = LogSettings(), descriptor: Int32 = 2, capacity: Int = 1 << 20, watcher: (@Sendable (Line) -> Void)? = nil
    ) {
        let pen = Pen(settings, isJournal: Stamp.isJournal(descriptor))
        self.pen = pen
        self.spool = LogWriter(descriptor: descriptor, capacity: capacity, lost: { pen.render(Line("log-dropped", .warn).with("lines", $0)) })
        self.watcher = watcher
        self.spool.start()
    }

    deinit { self.spool.close() }

    /// From the next line on.
    public func update(_ settings: LogSettings) { self.pen.settings.withLock { $0 = settings } }

    /// Never waits.
    public func write(_ line: Line) {
        self.watcher?(line)
        guard line.level >= self.pen.settings.withLock({ $0.level }) else { return }
        self.spool.append(self.pen.render(line))
    }

    /// Lines that were dropped since the start.
    var dropped: Int { self.spool.dropped }

    /// Whether a message has a line (`messages`).
    func wants(_ message: Record.Message) -> Bool {
        switch self.pen.settings.withLock({ $0.messages }) {
        case .all: true
        case .repaired: message.outcome != .accepted || !message.quirks.isEmpty || message.repairs > 0
        case .failed: message.outcome != .accepted
        }
    }

    /// Waits until everything has been written, at most so long. For the last lines before the process exits.
    public func drain(milliseconds: Int) {
        self.spool.drain(milliseconds: milliseconds)
    }
}

/// How lines are written now.
private final class Pen: Sendable {
    let settings: Mutex<LogSettings>
    private let isJournal: Bool

    init(_ settings: LogSettings, isJournal: Bool) {
        self.settings = Mutex(settings)
        self.isJournal = isJournal
    }

    func render(_ line: Line) -> [UInt8] {
        let settings = self.settings.withLock { $0 }
        let said = settings.recipients == .full ? line : line.hidingRecipients(settings.recipients)
        return settings.format.render(said, self.isJournal ? .priority : .now)
    }
}
