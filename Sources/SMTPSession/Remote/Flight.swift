import NIOCore
import QuirkKit
import SMTPWire

/// The commands that were sent on a connection and are not answered yet, oldest first (law 3).
struct Flight: Sendable {
    /// Commands sent and not yet answered, at most (Q-62: a host that does not read while it writes; Exim synchronises every 100).
    static let limit = 100

    private var exchanges = CircularBuffer<Exchange>(initialCapacity: 1)
    /// Of these, so many that the gateway waits for, and that no command may follow: counted, since each command of the gateway asks.
    private var forGateway = 0
    private var alone = 0
    /// The group that is under way, or was the last: what was sent since nothing was owed. It outlives the connection's end, of which it may tell the reason.
    private(set) var group = Facts.Group(commands: 0)

    mutating func append(_ exchange: Exchange) {
        if self.exchanges.isEmpty { self.group = Facts.Group(commands: 0) }
        self.group.commands += 1
        self.exchanges.append(exchange)
        if exchange.purpose.concernsGateway { self.forGateway += 1 }
        if exchange.isAlone { self.alone += 1 }
    }

    mutating func popFirst() -> Exchange? {
        guard let first = self.exchanges.popFirst() else { return nil }
        self.group.answered += 1
        if first.purpose.concernsGateway { self.forGateway -= 1 }
        if first.isAlone { self.alone -= 1 }
        return first
    }

    /// The connection is over, or said QUIT: nothing of it is answered any more.
    mutating func clear() {
        self.exchanges.removeAll()
        (self.forGateway, self.alone) = (0, 0)
    }

    /// Turns every entry into one whose reply concerns nobody any more.
    mutating func discard() {
        for index in self.exchanges.indices { self.exchanges[index].purpose = .discard }
        self.forGateway = 0
    }

    /// Whether the gateway waits for any of it.
    var owesGateway: Bool { self.forGateway > 0 }

    /// Whether one more may go, as far as these are concerned.
    var mayGrow: Bool { self.alone == 0 && self.count < Self.limit }

    /// Whether the reply to DATA is still to come.
    var awaitsInvitation: Bool { self.exchanges.last.map { $0.purpose == .relay && $0.command.body == .data } ?? false }
}

extension Flight: RandomAccessCollection {
    var startIndex: CircularBuffer<Exchange>.Index { self.exchanges.startIndex }
    var endIndex: CircularBuffer<Exchange>.Index { self.exchanges.endIndex }
    subscript(index: CircularBuffer<Exchange>.Index) -> Exchange { self.exchanges[index] }
    func index(after index: CircularBuffer<Exchange>.Index) -> CircularBuffer<Exchange>.Index { self.exchanges.index(after: index) }
    func index(before index: CircularBuffer<Exchange>.Index) -> CircularBuffer<Exchange>.Index { self.exchanges.index(before: index) }
    func index(_ index: CircularBuffer<Exchange>.Index, offsetBy distance: Int) -> CircularBuffer<Exchange>.Index {
        self.exchanges.index(index, offsetBy: distance)
    }
    func distance(from start: CircularBuffer<Exchange>.Index, to end: CircularBuffer<Exchange>.Index) -> Int {
        self.exchanges.distance(from: start, to: end)
    }
    var isEmpty: Bool { self.exchanges.isEmpty }
    var count: Int { self.exchanges.count }
}
