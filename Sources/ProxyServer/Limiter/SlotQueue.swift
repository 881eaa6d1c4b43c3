import NIOCore

/// The queue before one remote: who is connected, who waits. A value; time is an argument.
struct SlotQueue: Sendable {
    /// What the rules say of the remote.
    struct Terms: Hashable, Sendable {
        /// At most so many at once.
        var connections: Int?
        /// At least so long between the end of one and the start of the next.
        var pause = TimeAmount.zero
    }

    struct Waiter: Sendable {
        let number: UInt64
        let terms: Terms
        let loop: any EventLoop
        /// Somebody waits for the place that this one holds.
        let wanted: @Sendable () -> Void
        let answer: @Sendable (Bool) -> Void
    }

    private struct Waiting: Sendable {
        let person: Waiter
        let until: NIODeadline
    }

    private struct Holding: Sendable {
        let person: Waiter
        var wasAsked = false
        /// Whether the remote has greeted it.
        var isGreeted = false
    }

    /// By number, which grows with the order of asking: thousands of sessions may have one remote, and each asks and leaves.
    private var holding: [UInt64: Holding] = [:]
    /// Of these, so many are past their greeting.
    private var greeted = 0
    private var waiting: [Waiting] = []
    /// Connections of the process that we succeed, while it drains.
    private var elsewhere = 0
    private var lastEnd: NIODeadline?
    /// When one ended that was past its greeting.
    private var lastGreetedEnd: NIODeadline?
    /// The longest pause anybody asked for: so long the last end is worth remembering.
    private var pause = TimeAmount.zero
    private var alarm: NIODeadline?

    var holders: Int { self.holding.count + self.elsewhere }

    /// A connection is past its greeting.
    mutating func greeted(_ number: UInt64) {
        guard self.holding[number]?.isGreeted == false else { return }
        self.holding[number]?.isGreeted = true
        self.greeted += 1
    }

    /// So long a connection that ended may still count at the remote.
    static let aftermath = TimeAmount.seconds(5)

    /// The others that are past their greeting; where there is none, one that ended a moment ago. Zero, where another process has some too: nothing is to be
    /// learned from a number that is not the whole.
    func alongside(_ number: UInt64, at now: NIODeadline) -> Int {
        guard self.elsewhere == 0 else { return 0 }
        let others = self.greeted - (self.holding[number]?.isGreeted == true ? 1 : 0)
        guard others == 0, let lastGreetedEnd, lastGreetedEnd + Self.aftermath > now else { return others }
        return 1
    }
    var waiters: Int { self.waiting.count }

    /// True: go ahead. False: wait for `serve`.
    mutating func ask(_ person: Waiter, until deadline: NIODeadline, at now: NIODeadline) -> Bool {
        self.pause = max(self.pause, person.terms.pause)
        if self.waiting.isEmpty, self.hasRoom(for: person, at: now) {
            self.holding[person.number] = Holding(person: person)
            return true
        }
        self.waiting.append(Waiting(person: person, until: deadline))
        return false
    }

    /// A connection ended, or somebody waits no more.
    mutating func remove(_ number: UInt64, at now: NIODeadline) {
        if let holder = self.holding.removeValue(forKey: number) {
            if holder.isGreeted {
                self.greeted -= 1
                self.lastGreetedEnd = now
            }
            self.lastEnd = now
        } else {
            self.waiting.removeAll { $0.person.number == number }
        }
    }

    /// So many stand elsewhere.
    mutating func hold(_ count: Int, at now: NIODeadline) {
        if count < self.elsewhere { self.lastEnd = now }
        self.elsewhere = count
    }

    /// Whose turn it is now, and who waited in vain.
    mutating func serve(at now: NIODeadline) -> [(Waiter, isGranted: Bool)] {
        var answers: [(Waiter, isGranted: Bool)] = []
        while let first = self.waiting.first {
            let isGranted = self.hasRoom(for: first.person, at: now)
            guard isGranted || first.until <= now else { break }
            if isGranted { self.holding[first.person.number] = Holding(person: first.person) }
            answers.append((first.person, isGranted))
            self.waiting.removeFirst()
        }
        return answers
    }

    private func hasRoom(for person: Waiter, at now: NIODeadline) -> Bool {
        if let most = person.terms.connections, self.holders >= most { return false }
        if let lastEnd, now < lastEnd + person.terms.pause { return false }
        return true
    }

    /// The holders to be asked for their place: one for each who waits, the oldest first; after a while all of them, since some may be busy.
    mutating func asked(all: Bool = false) -> [Waiter] {
        guard !self.waiting.isEmpty else { return [] }
        let holders = self.holding.values.filter { all || !$0.wasAsked }.sorted { $0.person.number < $1.person.number }
        let missing = self.waiting.count - (self.holding.count - holders.count)
        let asked = holders.prefix(all ? holders.count : max(0, missing)).map(\.person)
        for person in asked { self.holding[person.number]?.wasAsked = true }
        return asked
    }

    /// When to `serve` next, where an alarm has to be set for it; nil: one is set, or nobody waits.
    mutating func nextAlarm(at now: NIODeadline, reminder: TimeAmount) -> (NIODeadline, any EventLoop)? {
        guard let first = self.waiting.first else { return nil }
        var next = min(first.until, now + reminder)
        if let lastEnd, lastEnd + first.person.terms.pause > now { next = min(next, lastEnd + first.person.terms.pause) }
        if let alarm, alarm <= next { return nil }
        self.alarm = next
        return (next, first.person.loop)
    }

    /// False: a later alarm was replaced by an earlier one.
    mutating func alarmRang(_ alarm: NIODeadline) -> Bool {
        guard self.alarm == alarm else { return false }
        self.alarm = nil
        return true
    }

    /// Nothing in it matters any more.
    func isForgettable(at now: NIODeadline) -> Bool {
        guard self.holders == 0, self.waiting.isEmpty else { return false }
        guard self.lastGreetedEnd.map({ now >= $0 + Self.aftermath }) ?? true else { return false }
        return self.lastEnd.map { now >= $0 + self.pause } ?? true
    }
}
