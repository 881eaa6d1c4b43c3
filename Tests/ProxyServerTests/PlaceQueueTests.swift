import NIOCore
import NIOEmbedded
import Testing

@testable import ProxyServer

/// `connections` and `pause` (README.md).
struct PlaceQueueTests {
    private func person(_ number: UInt64, _ connections: Int?, pause: Int64 = 0) -> SlotQueue.Waiter {
        SlotQueue.Waiter(
            number: number, terms: SlotQueue.Terms(connections: connections, pause: .seconds(pause)), loop: EmbeddedEventLoop(), wanted: {},
            answer: { _ in })
    }

    private func time(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(seconds) }

    @Test func withoutLimitsNobodyWaits() {
        let queue = Desk()
        for number in 1...100 { #expect(queue.ask(self.person(UInt64(number), nil), until: self.time(30), at: self.time(0))) }
        #expect(queue.holders == 100)
        for number in 1...100 { queue.remove(UInt64(number), at: self.time(1)) }
        #expect(queue.isForgettable(at: self.time(1)))
    }

    @Test func othersAreThoseThatWereGreeted() {
        let queue = Desk()
        for number: UInt64 in 1...3 { #expect(queue.ask(self.person(number, nil), until: self.time(30), at: self.time(0))) }
        #expect(queue.alongside(3, at: self.time(0)) == 0)
        queue.greeted(1)
        queue.greeted(2)
        #expect(queue.alongside(3, at: self.time(0)) == 2)
        #expect(queue.alongside(1, at: self.time(0)) == 1)
    }

    @Test func whatEndedAMomentAgoCountsAsOne() {
        let queue = Desk()
        for number: UInt64 in 1...3 { #expect(queue.ask(self.person(number, nil), until: self.time(30), at: self.time(0))) }
        // One that was never greeted was none at the host.
        queue.remove(1, at: self.time(10))
        #expect(queue.alongside(3, at: self.time(10)) == 0)
        queue.greeted(2)
        queue.remove(2, at: self.time(10))
        #expect(queue.alongside(3, at: self.time(14)) == 1)
        #expect(queue.alongside(3, at: self.time(15)) == 0)
        queue.remove(3, at: self.time(12))
        #expect(!queue.isForgettable(at: self.time(14)))
        #expect(queue.isForgettable(at: self.time(15)))
    }

    @Test func whoAsksFirstConnectsFirst() {
        let queue = Desk()
        #expect(queue.ask(self.person(1, 1), until: self.time(30), at: self.time(0)))
        for number: UInt64 in 2...4 { #expect(!queue.ask(self.person(number, 1), until: self.time(30), at: self.time(0))) }
        var order: [UInt64] = []
        for number: UInt64 in 1...4 {
            queue.remove(number, at: self.time(1))
            order += queue.serve(at: self.time(1)).filter(\.isGranted).map(\.0.number)
        }
        #expect(order == [2, 3, 4])
        #expect(queue.isForgettable(at: self.time(1)))
    }

    @Test func aLaterOneDoesNotOvertake() {
        let queue = Desk()
        #expect(queue.ask(self.person(1, 1), until: self.time(30), at: self.time(0)))
        #expect(!queue.ask(self.person(2, 1), until: self.time(30), at: self.time(0)))
        queue.remove(1, at: self.time(1))
        #expect(!queue.ask(self.person(3, 1), until: self.time(31), at: self.time(1)))
        #expect(queue.serve(at: self.time(1)).map(\.0.number) == [2])
    }

    @Test func waitingEndsAfterItsTime() {
        let queue = Desk()
        #expect(queue.ask(self.person(1, 1), until: self.time(30), at: self.time(0)))
        #expect(!queue.ask(self.person(2, 1), until: self.time(30), at: self.time(0)))
        #expect(queue.serve(at: self.time(29)).isEmpty)
        let answers = queue.serve(at: self.time(30))
        #expect(answers.map(\.0.number) == [2])
        #expect(answers.map(\.isGranted) == [false])
        #expect(queue.waiters == 0)
    }

    @Test func thePauseBeginsAtTheEnd() {
        let queue = Desk()
        #expect(queue.ask(self.person(1, nil, pause: 2), until: self.time(30), at: self.time(0)))
        queue.remove(1, at: self.time(10))
        #expect(!queue.isForgettable(at: self.time(11)))
        #expect(!queue.ask(self.person(2, nil, pause: 2), until: self.time(41), at: self.time(11)))
        #expect(queue.nextAlarm(at: self.time(11), reminder: .seconds(5))?.0 == self.time(12))
        #expect(queue.serve(at: self.time(11)).isEmpty)
        #expect(queue.serve(at: self.time(12)).map(\.isGranted) == [true])
        queue.remove(2, at: self.time(13))
        #expect(queue.isForgettable(at: self.time(15)))
    }

    @Test func oneHolderIsAskedForEachWhoWaits() {
        let queue = Desk()
        for number: UInt64 in 1...3 { #expect(queue.ask(self.person(number, 3), until: self.time(30), at: self.time(0))) }
        #expect(queue.asked().isEmpty)
        #expect(!queue.ask(self.person(4, 3), until: self.time(30), at: self.time(0)))
        #expect(queue.asked().map(\.number) == [1])
        #expect(queue.asked().isEmpty)
        #expect(!queue.ask(self.person(5, 3), until: self.time(30), at: self.time(0)))
        #expect(queue.asked().map(\.number) == [2])
        #expect(queue.asked(all: true).map(\.number) == [1, 2, 3])
    }

    @Test func anEarlierAlarmReplacesALaterOne() {
        let queue = Desk()
        #expect(queue.ask(self.person(1, 1), until: self.time(30), at: self.time(0)))
        #expect(!queue.ask(self.person(2, 1, pause: 2), until: self.time(30), at: self.time(0)))
        #expect(queue.nextAlarm(at: self.time(0), reminder: .seconds(10))?.0 == self.time(10))
        #expect(queue.nextAlarm(at: self.time(1), reminder: .seconds(10)) == nil)
        queue.remove(1, at: self.time(1))
        #expect(queue.serve(at: self.time(1)).isEmpty)
        #expect(queue.nextAlarm(at: self.time(1), reminder: .seconds(10))?.0 == self.time(3))
        #expect(!queue.alarmRang(self.time(10)))
        #expect(queue.alarmRang(self.time(3)))
        #expect(queue.serve(at: self.time(3)).map(\.isGranted) == [true])
    }
}

/// A queue that `#expect` can change.
private final class Desk {
    private var queue = SlotQueue()

    var holders: Int { self.queue.holders }
    var waiters: Int { self.queue.waiters }

    func ask(_ person: SlotQueue.Waiter, until deadline: NIODeadline, at now: NIODeadline) -> Bool {
        self.queue.ask(person, until: deadline, at: now)
    }
    func greeted(_ number: UInt64) { self.queue.greeted(number) }
    func alongside(_ number: UInt64, at now: NIODeadline) -> Int { self.queue.alongside(number, at: now) }
    func remove(_ number: UInt64, at now: NIODeadline) { self.queue.remove(number, at: now) }
    func serve(at now: NIODeadline) -> [(SlotQueue.Waiter, isGranted: Bool)] { self.queue.serve(at: now) }
    func asked(all: Bool = false) -> [SlotQueue.Waiter] { self.queue.asked(all: all) }
    func alarmRang(_ alarm: NIODeadline) -> Bool { self.queue.alarmRang(alarm) }
    func isForgettable(at now: NIODeadline) -> Bool { self.queue.isForgettable(at: now) }

    func nextAlarm(at now: NIODeadline, reminder: TimeAmount) -> (NIODeadline, any EventLoop)? {
        self.queue.nextAlarm(at: now, reminder: reminder)
    }
}
