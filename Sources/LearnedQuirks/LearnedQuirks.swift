import Dispatch
import Glibc
public import QuirkKit
import Synchronization

/// The memory of one process: which quirks its remotes were found to have, by address and port.
///
/// The event loops read and write it in memory; none of them ever waits for the file, which a task of its own (`run`) keeps in step.
/// A file that cannot be used costs the memory on disk, never a session: it is reported once and tried again now and then.
/// All times are Unix seconds but for the back-off's, which are monotonic milliseconds.
public final class LearnedQuirks: Sendable {
    public enum Location: Hashable, Sendable {
        case file(String)
        case memory
    }

    /// `[learning]` of the config; lengths of time in seconds.
    public struct Policy: Hashable, Sendable {
        /// False: nothing is learned or applied; what is in the file stays.
        public var enabled: Bool
        /// How long a learned quirk is believed after it was last seen.
        public var expires: Int
        /// How long after it was last seen it may be probed.
        public var heal: Int

        public init(enabled: Bool = true, expires: Int = 30 * 86_400, heal: Int = 86_400) {
            self.enabled = enabled
            self.expires = expires
            self.heal = heal
        }

        var bounded: Policy {
            Policy(enabled: self.enabled, expires: self.expires.clamped(to: Bounds.time), heal: self.heal.clamped(to: Bounds.time))
        }
    }

    private let ledger: Mutex<Ledger>
    private let backOff = Mutex(BackOff())
    private let file: FileLink?
    private let report: @Sendable (MemoryEvent) -> Void
    /// Whether `run` is at work.
    private let isRunning = Atomic(false)
    private let isNudged = Atomic(false)
    let queue = DispatchQueue(label: "learned-quirks")
    let operators: OperatorSide

    /// Reads the file before it returns, so that the first session knows all. Makes the file and its folder where they are missing.
    /// - Parameter report: called from any thread, never while the memory is locked.
    public convenience init(location: Location, policy: Policy, report: @escaping @Sendable (MemoryEvent) -> Void) {
        self.init(location: location, policy: policy, now: wallClock(), report: report)
    }

    init(location: Location, policy: Policy, now: Int, report: @escaping @Sendable (MemoryEvent) -> Void) {
        self.report = report
        switch location {
        case .memory:
            self.file = nil
            self.operators = OperatorSide(path: nil)
        case .file(let path):
            self.file = FileLink(path: path)
            self.operators = OperatorSide(path: path)
        }
        self.ledger = Mutex(Ledger(policy: policy, hasFile: self.file != nil))
        self.synchronise(now: now)
    }

    /// Applies to everything that is asked or found from now on. What was learned keeps its date of expiry until it is seen again.
    public func update(policy: Policy) { self.ledger.withLock { $0.policy = policy } }

    /// All that is known, in no order; also what has expired and was not removed yet.
    public var all: [Learned] { self.ledger.withLock { $0.entries }.all.map(\.learned) }

    /// What applies to a remote now, in the order of the quirks' names.
    public func known(of remote: String, at now: Int) -> [Learned] { self.ledger.withLock { $0.known(of: remote, at: now) } }

    /// All that is remembered of a remote.
    public struct History: Hashable, Sendable {
        /// What applies now, in the order of the quirks' names.
        public let known: [Learned]
        /// Findings that count once their sender is accepted as the first of another connection.
        public let suspicions: [Finding]
        /// Quirks whose repair failed within the last hour.
        public let barred: Set<String>
        /// What the host did well lately.
        public let abilities: Set<Ability>
    }

    public func history(of remote: String, at now: Int) -> History {
        self.ledger.withLock { ledger in
            History(
                known: ledger.known(of: remote, at: now), suspicions: ledger.suspicions(of: remote, at: now),
                barred: ledger.barred(at: remote, now: now),
                abilities: ledger.abilities(of: remote, at: now))
        }
    }

    /// A repair worked: counts what it found out, which is learned once as many connections agree as the finding needs.
    public func found(_ finding: Finding, at remote: String, session: String, now: Int) {
        self.tell(self.ledger.withLock { $0.found(finding, at: remote, session: session, now: now) }, now: now)
    }

    /// A finding that counts once its sender is accepted as the first of another connection: kept for a day, in memory only.
    public func suspected(_ finding: Finding, at remote: String, now: Int) { self.ledger.withLock { $0.suspected(finding, at: remote, now: now) } }

    /// A connection took a second `MAIL` without any repair: for a day, three connections must agree before anything is learned that speaks against it.
    /// - Parameter mails: the `MAIL`s that the connection has taken by now. A limit that it has not reached may still be there.
    public func reused(_ remote: String, mails: Int, now: Int) {
        self.ledger.withLock { $0.reused(remote, mails: mails, now: now) }
    }

    /// A learned quirk was put to use.
    public func used(_ quirk: String, at remote: String, now: Int) { self.ledger.withLock { $0.used(quirk, at: remote, now: now) } }

    /// A probe went well: a connection did without the quirk. The third in a row removes it.
    public func clean(_ quirk: String, at remote: String, session: String, now: Int) {
        self.tell(self.ledger.withLock { $0.clean(quirk, at: remote, session: session, now: now) }, now: now)
    }

    /// Whether a session may do without the quirk now. True at most once an hour and remote.
    public func mayProbe(_ quirk: String, at remote: String, now: Int) -> Bool {
        self.ledger.withLock { $0.mayProbe(quirk, at: remote, now: now) }
    }

    /// A repair that took a quirk for granted ended in a like refusal: it is not tried again for an hour.
    public func failed(_ quirk: String, at remote: String, now: Int) { self.ledger.withLock { $0.failed(quirk, at: remote, now: now) } }

    /// The host did well. Remembered for ``Ability/lifetime``, by this process.
    public func did(_ ability: Ability, at remote: String, now: Int) { self.ledger.withLock { $0.did(ability, at: remote, now: now) } }

    /// An extra connection was refused: none is tried for a minute, then for two, and so on up to an hour.
    public func extraRefused(_ remote: String, now milliseconds: Int) { self.backOff.withLock { $0.refused(remote, now: milliseconds) } }

    public func extraAccepted(_ remote: String) { self.backOff.withLock { $0.accepted(remote) } }

    public func mayOpenExtra(_ remote: String, now milliseconds: Int) -> Bool {
        self.backOff.withLock { $0.mayOpen(remote, now: milliseconds) }
    }

    /// Keeps the file in step until cancelled: looks each second what the command line changed in it, and writes what was learned at once.
    public func run() async {
        self.isRunning.store(true, ordering: .relaxed)
        while !Task.isCancelled {
            await self.synchroniseOnQueue()
            try? await Task.sleep(for: .seconds(1))
        }
        self.isRunning.store(false, ordering: .relaxed)
        await self.synchroniseOnQueue(isLast: true)
    }

    /// Reports, and has it written at once: it should outlive a crash in the next second.
    private func tell(_ events: [MemoryEvent], now: Int) {
        guard !events.isEmpty else { return }
        for event in events { self.report(event) }
        self.takeDown(events)
        guard self.file != nil, self.isRunning.load(ordering: .relaxed), !self.isNudged.exchange(true, ordering: .sequentiallyConsistent) else {
            return
        }
        self.queue.async {
            self.isNudged.store(false, ordering: .sequentiallyConsistent)
            self.synchronise(now: now)
        }
    }

    /// Not on a thread of Swift's pool: a slow disk would stop everything else there.
    private func synchroniseOnQueue(isLast: Bool = false) async {
        await withCheckedContinuation { continuation in
            self.queue.async {
                self.synchronise(now: wallClock(), isLast: isLast)
                continuation.resume()
            }
        }
    }

    /// One step of `run`.
    /// - Parameter isLast: an unusable file is tried once more even if its time has not come.
    func synchronise(now: Int, isLast: Bool = false) {
        var events = self.ledger.withLock { $0.sweep(now) }
        if let file { events += file.synchronise(with: self.ledger, now: now, isLast: isLast) }
        for event in events { self.report(event) }
        self.takeDown(events)
    }

    /// What it does of itself is in the record too.
    private func takeDown(_ events: [MemoryEvent]) {
        guard let path = self.operators.path, self.isRunning.load(ordering: .relaxed) else { return }
        let entries = events.compactMap(\.audit)
        guard !entries.isEmpty else { return }
        self.queue.async { try? LearnedFile(path: path).record(entries) }
    }
}

func wallClock() -> Int { Int(time(nil)) }
