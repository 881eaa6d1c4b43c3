import Glibc
import NIOCore
import Rules
import Synchronization

/// The way from this process to its successor, without a connection refused: it inherits the listening sockets, and when it listens this one stops to, and drains.
///
/// While this one drains it watches: a successor that dies meanwhile is followed by another at once.
final class HandOver: Sendable {
    /// With the names of their listeners.
    typealias Sockets = [(listener: String, socket: ListeningSocket)]

    /// Where it stands.
    private enum State: Sendable {
        case none
        case underWay
        /// The successor listens; its sockets are kept open here, so that connections that wait in their queues are not reset.
        case done(Successor, sockets: Sockets)
    }

    private let inheritance: Inheritance
    private let eventLoops: any EventLoopGroup
    private let services: SharedServices
    private let state = Mutex(State.none)

    init(_ inheritance: Inheritance, on eventLoops: any EventLoopGroup, services: SharedServices) {
        (self.inheritance, self.eventLoops, self.services) = (inheritance, eventLoops, services)
    }

    /// Whether the successor listens.
    var isDone: Bool {
        switch self.state.withLock({ $0 }) {
        case .done: true
        case .none, .underWay: false
        }
    }

    /// Starts a successor with these sockets, and waits until it listens, at most so long. Later ones fail, and so does one while another is under way.
    ///
    /// - Parameter pause: takes no connection from the sockets from now on: the successor does, as soon as that is done.
    func begin(_ sockets: Sockets, within patience: Duration, pause: () async -> Void) async -> HandOverOutcome {
        let isFree = self.state.withLock { state in
            guard case .none = state else { return false }
            state = .underWay
            return true
        }
        guard isFree else { return .failed(self.isDone ? "this process has handed over already" : "a hand-over is under way") }
        let start = ContinuousClock.now
        do throws(Successor.Failure) {
            let successor = try await self.startedSuccessor(sockets, within: patience)
            await pause()
            successor.link.send(.accept)
            self.state.withLock { $0 = .done(successor, sockets: sockets) }
            self.inheritance.manager.tell(.mainProcess(successor.processIdentifier), .ready)
            self.predecessorLink?.send(.succeeded)
            return .done(successor.processIdentifier, milliseconds: Int((ContinuousClock.now - start) / .milliseconds(1)))
        } catch {
            self.state.withLock { $0 = .none }
            return .failed(error.because)
        }
    }

    private func startedSuccessor(_ sockets: Sockets, within patience: Duration) async throws(Successor.Failure) -> Successor {
        var successor = try await Successor.start(
            self.inheritance.program, environment: self.inheritance.environment, sockets: sockets, on: self.eventLoops)
        self.services.log.write(Line("handing-over").with("sockets", sockets.count))
        let link = successor.link
        self.services.places.watch { key, count in link.send(.held(key, count)) }
        link.send(.counted)
        if let ready = await successor.ready(within: patience) {
            await successor.release(ready.process)
            return successor
        }
        self.services.places.watch(nil)
        guard let end = await successor.reaped(within: .milliseconds(200)) else {
            await successor.end()
            throw Successor.Failure(because: "it was not ready within \(patience.components.seconds) s")
        }
        link.close()
        throw Successor.Failure(because: end.words)
    }

    // MARK: While this one drains

    private static let mostAttempts = 5

    /// Until cancelled: where the successor dies, another takes its place.
    func care() async {
        var attempts = 0
        while case .done(let successor, let sockets) = self.state.withLock({ $0 }) {
            guard await successor.hasDied() else { return self.letGo() }
            attempts += 1
            guard attempts <= Self.mostAttempts, let next = await self.replaced(successor, sockets, after: attempts) else { return self.letGo() }
            self.state.withLock { $0 = .done(next, sockets: sockets) }
            self.inheritance.manager.tell(.mainProcess(next.processIdentifier), .ready)
        }
    }

    private func replaced(_ dead: Successor, _ sockets: Sockets, after attempts: Int) async -> Successor? {
        self.services.log.write(
            Line("successor-died", .error).with("successor", Int(dead.processIdentifier)).with("effect", "another one is started"))
        if attempts > 1 { guard (try? await Task.sleep(for: .seconds(attempts))) != nil else { return nil } }
        do throws(Successor.Failure) {
            let successor = try await self.startedSuccessor(sockets, within: .seconds(30))
            successor.link.send(.accept)
            self.services.log.write(Line("handed-over").with("successor", Int(successor.processIdentifier)))
            return successor
        } catch {
            self.services.log.write(Line("hand-over-failed", .error).with("because", error.because))
            return nil
        }
    }

    /// Until cancelled: the successor hears what is left to do here.
    func report(_ sessions: @Sendable () async -> [SessionSummary]) async {
        while !Task.isCancelled {
            self.tellSuccessor(.drains(DrainingProcess(pid: Int(getpid()), await sessions())))
            guard (try? await Task.sleep(for: .seconds(1))) != nil else { return }
        }
    }

    private func tellSuccessor(_ message: HandOverMessage) {
        if case .done(let successor, _) = self.state.withLock({ $0 }) { successor.link.send(message) }
    }

    /// The sockets are not ours to keep any more.
    private func letGo() {
        self.state.withLock { state in if case .done(let successor, _) = state { state = .done(successor, sockets: []) } }
    }

    // MARK: As the successor

    /// The predecessor accepts no connection any more.
    private let mayAccept = Atomic(false)
    /// Processes before this one that drain.
    let draining = DrainingProcesses()
    private let predecessor = Mutex<HandOverLink?>(nil)
    private var predecessorLink: HandOverLink? { self.predecessor.withLock { $0 } }

    /// Whether the process that this one succeeds still drains.
    var hasPredecessor: Bool { self.predecessorLink != nil }

    /// Before this one listens: its predecessor's connections count here until they end, or it does.
    func hearPredecessor() async {
        guard let file = self.inheritance.predecessor, let link = try? await HandOverLink(file, on: self.eventLoops) else { return }
        self.predecessor.withLock { $0 = link }
        let services = self.services
        let (counted, told) = AsyncStream.makeStream(of: Void.self)
        Task {
            for await message in link.messages {
                switch message {
                case .held(let key, let count): services.places.hold(count, elsewhere: key)
                case .accept: self.mayAccept.store(true, ordering: .relaxed)
                case .counted: told.yield()
                case .drains(let process):
                    self.draining.note(process)
                    // Of a chain each hears of all before it.
                    self.tellSuccessor(message)
                case .ready, .succeeded, .leaving: break
                }
            }
            told.finish()
            self.predecessor.withLock { $0 = nil }
            self.draining.removeAll()
            services.places.holdNoneElsewhere()
            services.log.write(Line("predecessor-ended"))
        }
        for await _ in counted { break }
    }

    /// This one listens.
    func tellPredecessor() { self.predecessorLink?.send(.ready(getpid())) }

    /// This one was asked to stop.
    func leave() { self.predecessorLink?.send(.leaving) }

    /// Until the predecessor accepts no connection any more, has ended, or seems not to know of this.
    func awaitTurn() async {
        let end = ContinuousClock.now + .seconds(5)
        while self.hasPredecessor, !self.mayAccept.load(ordering: .relaxed), ContinuousClock.now < end {
            guard (try? await Task.sleep(for: .milliseconds(1))) != nil else { return }
        }
    }
}

extension Successor {
    /// What it says when it listens.
    fileprivate struct Ready {
        /// Nil: of a version that does not say.
        let process: Int32?
    }

    /// Nil: it has not said so by then, or it ended.
    fileprivate func ready(within patience: Duration) async -> Ready? {
        await withTaskGroup(of: Ready?.self) { tasks in
            let messages = self.link.messages
            tasks.addTask {
                for await message in messages { if case .ready(let number) = message { return Ready(process: number) } }
                return nil
            }
            tasks.addTask {
                try? await Task.sleep(for: patience)
                return nil
            }
            defer { tasks.cancelAll() }
            return await tasks.next() ?? nil
        }
    }

    /// Waits for its end. False: it ended as asked to, has a successor itself, or nobody wants to know any more.
    fileprivate func hasDied() async -> Bool {
        for await message in self.link.messages where message == .succeeded || message == .leaving { return false }
        return !Task.isCancelled
    }
}
