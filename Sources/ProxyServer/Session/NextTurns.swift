import NIOCore
import Synchronization

/// Sessions with more to do than one turn of their event loop may take (law 9): they go on in a next one.
///
/// NIO goes on with tasks as long as any is due, before it looks at a socket again. So one timer a loop, armed only when all who wait have had their turn, and
/// a moment ahead: what has come for other sessions is heard between.
final class NextTurns: Sendable {
    static let pause = TimeAmount.microseconds(100)

    /// By event loop. There is an entry while a timer is armed or rings.
    private let waiting = Mutex<[ObjectIdentifier: [SessionHandle]]>([:])

    /// Tells the session to go on.
    func add(_ session: SessionHandle, on loop: any EventLoop) {
        let isFirst = self.waiting.withLock { waiting in
            guard waiting[ObjectIdentifier(loop)]?.append(session) == nil else { return false }
            waiting[ObjectIdentifier(loop)] = [session]
            return true
        }
        if isFirst { self.arm(loop) }
    }

    private func arm(_ loop: any EventLoop) {
        loop.scheduleTask(in: Self.pause) { self.rang(loop) }
    }

    private func rang(_ loop: any EventLoop) {
        let key = ObjectIdentifier(loop)
        for session in self.waiting.withLock({ exchange(&$0[key], with: []) }) ?? [] { session.tell(.goOn) }
        let isOver = self.waiting.withLock { waiting in
            guard waiting[key]?.isEmpty != false else { return false }
            waiting[key] = nil
            return true
        }
        if !isOver { self.arm(loop) }
    }
}
