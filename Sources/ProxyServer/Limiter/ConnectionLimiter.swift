import NIOCore
import Synchronization

/// Who may connect to which remote, and when: `connections` and `pause`, over all sessions.
///
/// Counted per source address and remote address and port. Fair: who asks first connects first. Nothing waits here: answers arrive by a call on the asker's loop.
final class ConnectionLimiter: Sendable {
    struct Key: Hashable, Sendable {
        /// The address that the remote sees, where it is not Mailshim's own (`tproxy`).
        var source: SocketAddress?
        var remote: SocketAddress
    }

    private let shards: [Shard]
    /// Another process has taken over, and opens connections that are not counted here.
    let isDraining = Atomic(false)
    private let numbers = Atomic<UInt64>(0)

    init(patience: TimeAmount = .seconds(30), reminder: TimeAmount = .seconds(1)) {
        self.shards = (0..<16).map { _ in Shard(patience: patience, reminder: reminder) }
    }

    /// Asks for a place. Where none is free, `answer` says within `patience` whether one came free.
    ///
    /// `wanted` is called while this place is held and somebody else waits for it, again and again. Both are called on `loop`.
    func ask(
        _ key: Key, _ terms: SlotQueue.Terms, on loop: any EventLoop, wanted: @escaping @Sendable () -> Void,
        answer: @escaping @Sendable (Bool) -> Void
    ) -> (place: ConnectionSlot, isGranted: Bool) {
        let shard = self.shard(of: key)
        let number = self.numbers.add(1, ordering: .relaxed).newValue
        let person = SlotQueue.Waiter(number: number, terms: terms, loop: loop, wanted: wanted, answer: answer)
        return (ConnectionSlot(number, key, shard), shard.ask(key, person, at: .now()))
    }

    private func shard(of key: Key) -> Shard { self.shards[Int(UInt(bitPattern: key.hashValue) % UInt(self.shards.count))] }

    /// Tells how many connections stand at each remote, and from then on at each change how many. One watches at a time; nil: none.
    func watch(_ watcher: (@Sendable (Key, Int) -> Void)?) {
        for shard in self.shards { shard.watch(watcher) }
    }

    /// So many connections of another process count here too.
    func hold(_ count: Int, elsewhere key: Key) { self.shard(of: key).hold(count, elsewhere: key, at: .now()) }

    /// That process has ended.
    func holdNoneElsewhere() {
        for shard in self.shards { shard.holdNoneElsewhere(at: .now()) }
    }
}

/// One session's place at a remote, held or waited for. Given back once, at the latest when it is forgotten.
final class ConnectionSlot: Sendable {
    private let number: UInt64
    private let key: ConnectionLimiter.Key
    private let shard: Shard
    private let isReleased = Atomic(false)

    fileprivate init(_ number: UInt64, _ key: ConnectionLimiter.Key, _ shard: Shard) {
        (self.number, self.key, self.shard) = (number, key, shard)
    }

    deinit { self.release() }

    /// Its connection is past its greeting.
    func greeted() { self.shard.greeted(self.key, self.number) }

    /// Other connections to the same remote that are past their greeting; those that ended within five seconds count as one.
    func alongside() -> Int { self.shard.alongside(self.key, self.number, at: .now()) }

    func release() {
        guard !self.isReleased.exchange(true, ordering: .relaxed) else { return }
        self.shard.release(self.key, self.number, at: .now())
    }
}

/// A part of the table with a lock of its own.
private final class Shard: Sendable {
    private struct Table {
        var queues: [ConnectionLimiter.Key: SlotQueue] = [:]
        var sweepAt = 64
        /// Those with connections elsewhere.
        var elsewhere: Set<ConnectionLimiter.Key> = []
        var watcher: (@Sendable (ConnectionLimiter.Key, Int) -> Void)?

        func tell(_ key: ConnectionLimiter.Key) { self.watcher?(key, self.queues[key]?.holders ?? 0) }
    }

    private let patience: TimeAmount
    private let reminder: TimeAmount
    private let table = Mutex(Table())

    init(patience: TimeAmount, reminder: TimeAmount) {
        (self.patience, self.reminder) = (patience, reminder)
    }

    func ask(_ key: ConnectionLimiter.Key, _ person: SlotQueue.Waiter, at now: NIODeadline) -> Bool {
        self.table.withLock { table in
            let isGranted = table.queues[key, default: SlotQueue()].ask(person, until: now + self.patience, at: now)
            if isGranted { table.tell(key) }
            if !isGranted { self.arm(key, &table, at: now) }
            guard table.queues.count >= table.sweepAt else { return isGranted }
            table.queues = table.queues.filter { !$0.value.isForgettable(at: now) }
            table.sweepAt = max(64, 2 * table.queues.count)
            return isGranted
        }
    }

    func greeted(_ key: ConnectionLimiter.Key, _ number: UInt64) { self.table.withLock { $0.queues[key]?.greeted(number) } }

    func alongside(_ key: ConnectionLimiter.Key, _ number: UInt64, at now: NIODeadline) -> Int {
        self.table.withLock { $0.queues[key]?.alongside(number, at: now) ?? 0 }
    }

    func release(_ key: ConnectionLimiter.Key, _ number: UInt64, at now: NIODeadline) {
        self.table.withLock { table in
            guard let place = table.queues.index(forKey: key) else { return }
            table.queues.values[place].remove(number, at: now)
            if table.queues.values[place].waiters > 0 || table.watcher != nil {
                self.serve(key, &table, at: now)
                table.tell(key)
            } else if table.queues.values[place].isForgettable(at: now) {
                table.queues.remove(at: place)
            }
        }
    }

    func watch(_ watcher: (@Sendable (ConnectionLimiter.Key, Int) -> Void)?) {
        self.table.withLock { table in
            table.watcher = watcher
            for (key, queue) in table.queues where queue.holders > 0 { watcher?(key, queue.holders) }
        }
    }

    func hold(_ count: Int, elsewhere key: ConnectionLimiter.Key, at now: NIODeadline) {
        self.table.withLock { table in
            table.queues[key, default: SlotQueue()].hold(count, at: now)
            if count > 0 { table.elsewhere.insert(key) } else { table.elsewhere.remove(key) }
            self.serve(key, &table, at: now)
            table.tell(key)
        }
    }

    func holdNoneElsewhere(at now: NIODeadline) {
        for key in self.table.withLock({ $0.elsewhere }) { self.hold(0, elsewhere: key, at: now) }
    }

    private func serve(_ key: ConnectionLimiter.Key, _ table: inout Table, at now: NIODeadline, asksAll: Bool = false) {
        guard let answers = table.queues[key]?.serve(at: now) else { return }
        for (person, isGranted) in answers { person.loop.execute { person.answer(isGranted) } }
        if !answers.isEmpty { table.tell(key) }
        self.arm(key, &table, at: now, asksAll: asksAll)
        if table.queues[key]?.isForgettable(at: now) == true { table.queues[key] = nil }
    }

    /// One alarm a queue, on the loop of the first who waits.
    private func arm(_ key: ConnectionLimiter.Key, _ table: inout Table, at now: NIODeadline, asksAll: Bool = false) {
        for person in table.queues[key]?.asked(all: asksAll) ?? [] { person.loop.execute(person.wanted) }
        guard let (alarm, loop) = table.queues[key]?.nextAlarm(at: now, reminder: self.reminder) else { return }
        loop.scheduleTask(deadline: alarm) {
            self.table.withLock { table in
                guard table.queues[key]?.alarmRang(alarm) == true else { return }
                self.serve(key, &table, at: .now(), asksAll: true)
            }
        }
    }
}
