import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import ProxyServer

/// A process that drains still has connections: they count for its successor.
@Suite struct ElsewhereTests {
    private let key: ConnectionLimiter.Key

    init() throws { self.key = ConnectionLimiter.Key(source: nil, remote: try SocketAddress(ipAddress: "192.0.2.1", port: 25)) }

    private func ask(
        _ places: ConnectionLimiter, most: Int, answer: @escaping @Sendable (Bool) -> Void = { _ in }
    ) -> (place: ConnectionSlot, isGranted: Bool) {
        places.ask(self.key, .init(connections: most), on: MultiThreadedEventLoopGroup.singleton.next(), wanted: {}, answer: answer)
    }

    @Test func whatDrainsIsToldAndForgotten() {
        let process = DrainingProcess(pid: 790, sessions: 3, oldest: 41, stage: "content")
        #expect(HandOverMessage("drains 790 3 41 content") == .drains(process))
        #expect(HandOverMessage(HandOverMessage.drains(process).text) == .drains(process))
        for line in ["drains 790 3 41", "drains 790 -3 41 content", "drains x 3 41 content", "drains 790 3 41 Content"] {
            #expect(HandOverMessage(line) == nil, "\(line)")
        }
        let all = DrainingProcesses()
        all.note(process, at: .uptimeNanoseconds(1_000_000_000))
        all.note(DrainingProcess(pid: 5, sessions: 0, oldest: 0, stage: "none"), at: .uptimeNanoseconds(4_000_000_000))
        #expect(all.all(at: .uptimeNanoseconds(5_000_000_000)).map(\.pid) == [5, 790])
        #expect(all.all(at: .uptimeNanoseconds(7_000_000_000)).map(\.pid) == [5])
        all.removeAll()
        #expect(all.all(at: .uptimeNanoseconds(7_000_000_000)).isEmpty)
    }

    @Test func connectionsElsewhereTakePlaces() async {
        let places = ConnectionLimiter()
        places.hold(2, elsewhere: self.key)
        let first = self.ask(places, most: 3)
        #expect(first.isGranted)
        let (answers, hearing) = AsyncStream.makeStream(of: Bool.self)
        let second = self.ask(places, most: 3) { hearing.yield($0) }
        #expect(!second.isGranted)
        places.hold(1, elsewhere: self.key)
        #expect(await answers.first { _ in true } == true)
        first.place.release()
        second.place.release()
    }

    @Test func theyGoWithTheirProcess() async {
        let places = ConnectionLimiter()
        places.hold(1, elsewhere: self.key)
        let (answers, hearing) = AsyncStream.makeStream(of: Bool.self)
        let asked = self.ask(places, most: 1) { hearing.yield($0) }
        #expect(!asked.isGranted)
        places.holdNoneElsewhere()
        #expect(await answers.first { _ in true } == true)
        asked.place.release()
    }

    /// What a predecessor tells, in order; a third in a row hears of the first's too.
    @Test func theWatcherHearsTheTableAndEachChange() {
        let places = ConnectionLimiter()
        let heard = Mutex<[Int]>([])
        let first = self.ask(places, most: 9)
        places.hold(4, elsewhere: self.key)
        places.watch { _, count in heard.withLock { $0.append(count) } }
        let second = self.ask(places, most: 9)
        first.place.release()
        places.holdNoneElsewhere()
        second.place.release()
        #expect(heard.withLock { $0 } == [5, 6, 5, 1, 0])
        places.watch(nil)
        self.ask(places, most: 9).place.release()
        #expect(heard.withLock { $0.count } == 5)
    }

    @Test func messagesComeBackAsTheyWere() throws {
        let six = ConnectionLimiter.Key(
            source: try SocketAddress(ipAddress: "10.0.0.1", port: 0), remote: try SocketAddress(ipAddress: "2001:db8::1", port: 2525))
        for message in [HandOverMessage.ready(nil), .ready(790), .leaving, .accept, .counted, .succeeded, .held(self.key, 3), .held(six, 0)] {
            #expect(HandOverMessage(message.text) == message)
            #expect(message.text.utf8.count < HandOverMessage.longest)
        }
        for line in ["", "held", "held - x 25 1", "held - 192.0.2.1 25 -1", "held y 192.0.2.1 25 1", "ready now", "else"] {
            #expect(HandOverMessage(line) == nil)
        }
    }
}
