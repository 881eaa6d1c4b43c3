/// A bounded dictionary whose values fade: what was not written for a while is gone, and when it is full the oldest goes.
struct Fading<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private var values: [Key: (value: Value, at: Int)] = [:]
    private let lifetime: Int
    private let limit: Int

    /// - Parameter lifetime: in the unit of the times that are given later.
    init(lifetime: Int, limit: Int = Bounds.remotes) {
        self.lifetime = lifetime
        self.limit = limit
    }

    var count: Int { self.values.count }

    func value(for key: Key, at now: Int) -> Value? {
        guard let (value, at) = self.values[key], self.isFresh(at, now) else { return nil }
        return value
    }

    mutating func set(_ value: Value, for key: Key, at now: Int) {
        self.values[key] = (value, now)
        if self.values.count > self.limit { self.makeRoom(now) }
    }

    mutating func remove(_ key: Key) { self.values[key] = nil }

    mutating func removeAll(where matches: (Key) -> Bool) { self.values = self.values.filter { !matches($0.key) } }

    private func isFresh(_ at: Int, _ now: Int) -> Bool { now - at < self.lifetime }

    /// A tenth at a time, so that a full dictionary is not sorted for each new key.
    private mutating func makeRoom(_ now: Int) {
        self.values = self.values.filter { self.isFresh($0.value.at, now) }
        guard self.values.count > self.limit else { return }
        let excess = self.values.count - self.limit + self.limit / 10
        for (key, _) in self.values.sorted(by: { $0.value.at < $1.value.at }).prefix(excess) { self.values[key] = nil }
    }
}
