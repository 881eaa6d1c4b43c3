import NIOCore
import SMTPSession

/// Bytes that go both ways unread: after STARTTLS, and where a rule says `bypass`. Each side waits for the other; half closes are passed on.
struct Relay {
    private let patience: TimeAmount
    private var last: NIODeadline
    private(set) var octets = (fromGateway: 0, fromRemote: 0)

    /// Ends after so long a silence of both.
    init(patience: TimeAmount, at now: NIODeadline) {
        (self.patience, self.last) = (patience, now)
    }

    var deadline: NIODeadline { self.last + self.patience }

    mutating func count(_ octets: Int, from side: Side, at now: NIODeadline) {
        self.last = now
        switch side {
        case .gateway: self.octets.fromGateway += octets
        case .remote: self.octets.fromRemote += octets
        }
    }
}
