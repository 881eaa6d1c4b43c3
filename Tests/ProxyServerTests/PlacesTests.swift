import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import ProxyServer

/// The table of places as sessions on many threads see it.
struct PlacesTests {
    private func key() throws -> ConnectionLimiter.Key {
        ConnectionLimiter.Key(source: nil, remote: try SocketAddress(ipAddress: "192.0.2.1", port: 25))
    }

    @Test func neverMoreAtOnceThanAllowed() async throws {
        let places = ConnectionLimiter()
        let key = try self.key()
        let loopDetector = MultiThreadedEventLoopGroup.singleton
        let tally = Tally()
        let tasks = 200
        await withTaskGroup { group in
            for _ in 0..<tasks {
                group.addTask {
                    let loop = loopDetector.next()
                    let (stream, answers) = AsyncStream<Bool>.makeStream()
                    let (place, isGranted) = places.ask(key, .init(connections: 3), on: loop, wanted: {}, answer: { answers.yield($0) })
                    var isIn = isGranted
                    if !isIn { isIn = await stream.first { _ in true } ?? false }
                    #expect(isIn)
                    tally.enter()
                    await Task.yield()
                    tally.leave()
                    place.release()
                }
            }
        }
        #expect(tally.state.withLock { $0.served } == tasks)
        #expect(tally.state.withLock { $0.most } <= 3)
    }

    @Test func aHolderIsToldThatItsPlaceIsWanted() async throws {
        let places = ConnectionLimiter()
        let key = try self.key()
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let (stream, wanted) = AsyncStream<Void>.makeStream()
        let first = places.ask(key, .init(connections: 1), on: loop, wanted: { wanted.yield(()) }, answer: { _ in })
        #expect(first.isGranted)
        let (answers, answer) = AsyncStream<Bool>.makeStream()
        let second = places.ask(key, .init(connections: 1), on: loop, wanted: {}, answer: { answer.yield($0) })
        #expect(!second.isGranted)
        #expect(await stream.first { true } != nil)
        first.place.release()
        #expect(await answers.first { _ in true } == true)
        second.place.release()
    }

    @Test func waitingIsBounded() async throws {
        let places = ConnectionLimiter(patience: .milliseconds(50), reminder: .milliseconds(10))
        let key = try self.key()
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let first = places.ask(key, .init(connections: 1), on: loop, wanted: {}, answer: { _ in })
        let (answers, answer) = AsyncStream<Bool>.makeStream()
        let second = places.ask(key, .init(connections: 1), on: loop, wanted: {}, answer: { answer.yield($0) })
        #expect(first.isGranted && !second.isGranted)
        #expect(await answers.first { _ in true } == false)
    }

    @Test func aForgottenPlaceIsFree() throws {
        let places = ConnectionLimiter()
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        for _ in 0..<3 { #expect(places.ask(try self.key(), .init(connections: 1), on: loop, wanted: {}, answer: { _ in }).isGranted) }
    }
}

private final class Tally: Sendable {
    let state = Mutex((now: 0, most: 0, served: 0))

    func enter() {
        self.state.withLock { state in
            state.now += 1
            state.most = max(state.most, state.now)
        }
    }

    func leave() {
        self.state.withLock { state in
            state.now -= 1
            state.served += 1
        }
    }
}
