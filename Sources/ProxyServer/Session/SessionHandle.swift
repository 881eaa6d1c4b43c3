import NIOCore
import SMTPSession

/// Reaches a session from anywhere; what is told is heard on its event loop. Holds the session until that has ended, not longer.
final class SessionHandle: @unchecked Sendable {
    enum Message: Sendable {
        case event(Event)
        /// The answer to the place asked for with this connection's number.
        case place(connection: Int, isGranted: Bool)
        /// Somebody waits for the place of this connection.
        case placeWanted(connection: Int)
        /// Do more of what there is to do.
        case goOn
        /// Time is up.
        case abort
    }

    let id: SessionID
    let loop: any EventLoop
    private var turn: SessionDriver?  // touched on the loop only

    init(_ id: SessionID, on loop: any EventLoop) {
        (self.id, self.loop) = (id, loop)
    }

    func attach(_ turn: SessionDriver) {
        self.loop.assertInEventLoop()
        self.turn = turn
    }

    func detach() {
        self.loop.assertInEventLoop()
        self.turn = nil
    }

    /// As `mailshim sessions` shows it; nil: it has ended. To be asked on its loop.
    var summary: SessionSummary? {
        self.loop.assertInEventLoop()
        return self.turn?.summary
    }

    func tell(_ message: Message) {
        if self.loop.inEventLoop { self.turn?.hear(message) } else { self.loop.execute { self.turn?.hear(message) } }
    }
}

extension SessionHandle: NIOScheduledCallbackHandler {
    /// The session's alarm, the only one that is set for it.
    func handleScheduledCallback(eventLoop: some EventLoop) { self.turn?.rang() }
}
