import Glibc
import NIOCore
import SMTPSession

/// Octets that go as a segment of their own (`pix`): they are written when the remote's system has acknowledged all that comes before them.
extension SessionDriver {
    func sendWhenDrained(_ bytes: ByteBuffer, by deadline: NIODeadline) {
        guard let remote else { return }
        // Not in this turn: when the octets are written nothing may wait that the session has not heard.
        self.loop.assumeIsolated().execute { self.look(bytes, on: remote, by: deadline, pause: .milliseconds(1)) }
    }

    /// Looks again and again, ever less often. A remote leg that was given up meanwhile is asked no more.
    private func look(_ bytes: ByteBuffer, on leg: ConnectionHandler, by deadline: NIODeadline, pause: TimeAmount) {
        guard self.remote === leg, leg.isOpen else { return }
        if leg.isDrained {
            leg.write(bytes)
            leg.flush()
            return self.hear(.drained)
        }
        guard NIODeadline.now() < deadline else { return self.hear(.notDrained) }
        self.loop.assumeIsolated().scheduleTask(in: pause) {
            self.look(bytes, on: leg, by: deadline, pause: min(pause * 2, .milliseconds(64)))
        }
    }
}

extension ConnectionHandler {
    /// Whether nothing of what was written waits any more, neither here nor in the socket's send queue (SIOCOUTQ, tcp(7): not yet acknowledged octets).
    /// Where the system does not tell, it is as drained as can be known.
    var isDrained: Bool { self.backlog == 0 && self.unacknowledged == 0 }
}
