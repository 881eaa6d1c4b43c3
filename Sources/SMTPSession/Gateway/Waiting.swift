import NIOCore
import SMTPWire

/// The one command of the gateway that waits, and what for. While it waits no other is read.
struct Waiting: Sendable {
    enum Reason: Hashable, Sendable {
        /// Its turn: replies to what was said before it, or a repair.
        case turn
        /// What the rules say of its recipient's domain.
        case domain
        /// The first EHLO or HELO: the remote's leg is being made ready.
        case connection(FirstHello)
    }

    let command: Command
    /// AUTH: its whole line.
    let secret: Secret?
    var reason: Reason

    init(_ command: Command, secret: Secret? = nil, for reason: Reason = .turn) {
        self.command = command
        self.secret = secret
        self.reason = reason
    }
}

/// How far the remote's leg is made ready for the gateway's first EHLO or HELO.
struct FirstHello: Hashable, Sendable {
    /// When work of our own began behind it: TLS, and what takes its place.
    private(set) var ownWorkBegan: NIODeadline?
    /// Why it is said once more: what a quirk made of the attempt before.
    var cause: Cause?

    mutating func begin(at now: NIODeadline) { if self.ownWorkBegan == nil { self.ownWorkBegan = now } }
}

extension Session {
    /// The gateway's first EHLO or HELO, while it waits for the remote's leg.
    @inline(__always)
    var waitingHello: Command? { self.firstHello == nil ? nil : self.waiting?.command }

    @inline(__always)
    var firstHello: FirstHello? {
        get { if case .connection(let hello)? = self.waiting?.reason { hello } else { nil } }
        set { if let newValue, self.firstHello != nil { self.waiting?.reason = .connection(newValue) } }
    }

    /// From now on it is our doing that the gateway waits: `repair` counts.
    mutating func beginOwnWork() {
        let now = self.now
        self.firstHello?.begin(at: now)
    }

    mutating func takeFirstHelloCause() -> Cause? {
        let cause = self.firstHello?.cause
        self.firstHello?.cause = nil
        return cause
    }
}
