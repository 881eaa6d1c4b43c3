import NIOCore
import SMTPSession

/// Bytes that go both ways unread: after STARTTLS, and where a rule says `bypass`. Each side waits for the other; half closes are passed on.
struct Tunnel {
    private let patience: TimeAmount
    private var last: NIODeadline
    private(set) var octets = (fromGateway: 0, fromRemote: 0)
    /// Octets that the peers had not taken when time was up last.
    private var backlog = 0

    /// Ends after so long a silence of both.
    init(patience: TimeAmount, at now: NIODeadline) {
        (self.patience, self.last) = (patience, now)
    }

    var deadline: NIODeadline { self.last + self.patience }

    /// Time is up, and so many octets wait to be taken by the peers. Who takes some of them, however slowly, is not silent.
    /// - Returns: whether it is over.
    mutating func isOver(backlog: Int, at now: NIODeadline) -> Bool {
        guard backlog > 0, backlog != self.backlog else { return true }
        (self.backlog, self.last) = (backlog, now)
        return false
    }

    mutating func count(_ octets: Int, from side: Side, at now: NIODeadline) {
        self.last = now
        switch side {
        case .gateway: self.octets.fromGateway += octets
        case .remote: self.octets.fromRemote += octets
        }
    }
}
