import NIOCore
import SMTPSession

/// One TCP connection, from its peer's side.
struct Connection {
    /// The peer says no more.
    var hasEnded = false
    /// Our half is closed.
    var isClosed = false
    /// The peer resets the connection right behind its words, so that it hears nothing of what is said in return.
    var isDeaf = false
    /// Neither side hears the other.
    var isGone = false
    var tls = TLS.none
    /// When the shell gives up waiting for the peer's close.
    var goneAt: NIODeadline?

    /// INTERFACE of `.close`: the shell waits so long for the peer's close.
    static let patience = TimeAmount.seconds(2)

    enum TLS: Hashable { case none, begins, stands, failed }

    /// Whether what is said on it can be understood.
    var isIntelligible: Bool {
        switch self.tls {
        case .none, .stands: true
        case .begins, .failed: false
        }
    }
}

extension Side {
    var other: Side { self == .gateway ? .remote : .gateway }
}

extension Stage {
    func leg(_ side: Side) -> Leg? {
        switch side {
        case .gateway: .gateway
        case .remote: self.current.map(Leg.remote)
        }
    }

    /// Whether the transcript may let this peer act; if not, the transcript is wrong, or the engine cut it off too early.
    func connection(_ side: Side) -> Connection? { self.leg(side).flatMap { self.connections[$0] } }

    mutating func canSpeak(_ side: Side, _ line: Int) -> Bool {
        guard let connection = self.connection(side), !connection.isGone, !connection.hasEnded else {
            let gone = self.connection(side)?.isGone == true
            self.misdeeds.append(
                Difference(line: line, expected: "a connection to speak on", heard: gone ? "that it is gone" : "that this peer has closed it"))
            return false
        }
        return true
    }

    /// The peer closes its half.
    mutating func end(_ side: Side, _ line: Int) {
        guard let leg = self.leg(side), self.canSpeak(side, line) else { return }
        self.connections[leg]?.hasEnded = true
        if self.isRelaying {
            self.close(side.other)
            if self.connections[leg]?.isClosed == true { self.vanish(leg) }
        } else if self.connections[leg]?.isClosed == true {
            self.vanish(leg)
        } else {
            self.engine.ended(side)
        }
        self.drive()
    }

    mutating func reset(_ side: Side, _ line: Int) {
        guard let leg = self.leg(side), let connection = self.connections[leg], !connection.isGone else {
            self.misdeeds.append(Difference(line: line, expected: "a connection to reset", heard: "that it is gone"))
            return
        }
        if !connection.hasEnded, !connection.isClosed, !self.isRelaying { self.engine.ended(side) }
        self.vanish(leg)
        self.drive()
    }

    /// The shell reports it once the octets before are consumed.
    mutating func vanish(_ leg: Leg) {
        guard self.connections[leg]?.isGone == false else { return }
        self.connections[leg]?.isGone = true
        self.connections[leg]?.goneAt = nil
        // Where the next connection was asked for, nothing is reported of the one before.
        if leg == .gateway || !self.isDialling { self.departed.append(leg) }
    }

    /// Our half is closed: the peer hears it, and closes its own unless the transcript has it do something else.
    mutating func close(_ side: Side) {
        guard let leg = self.leg(side), let connection = self.connections[leg], !connection.isGone, !connection.isClosed else { return }
        self.connections[leg]?.isClosed = true
        self.note(leg) { $0.isClosed = true }
        if connection.hasEnded || !(self.transcript.lingering.contains(leg) || self.ending == leg) {
            self.vanish(leg)
            if self.isRelaying { self.close(side.other) }
        } else {
            let moment = self.now + Connection.patience
            self.connections[leg]?.goneAt = moment
        }
    }

    /// Of a remote that was aborted nothing more is reported.
    mutating func abort(_ side: Side) {
        guard let leg = self.leg(side), let connection = self.connections[leg], !connection.isGone else { return }
        self.note(leg) { $0.isAborted = true }
        self.vanish(leg)
        if side == .remote { self.departed.removeAll { $0 == leg } }
    }

    mutating func hear(_ octets: [UInt8], _ side: Side) {
        guard let leg = self.leg(side), let connection = self.connections[leg], !octets.isEmpty else { return }
        guard !connection.isClosed else {
            self.misdeeds.append(
                Difference(line: self.line, expected: "nothing for \(leg) after its close", heard: Escapes.readable(octets)))
            return
        }
        guard !connection.isGone else { return }
        guard connection.isIntelligible else {
            self.misdeeds.append(
                Difference(line: self.line, expected: "nothing for \(leg) in the middle of a TLS handshake", heard: Escapes.readable(octets)))
            return
        }
        self.note(leg) { $0.octets += octets }
    }

    private mutating func note(_ leg: Leg, _ change: (inout Heard) -> Void) {
        guard self.connections[leg]?.isDeaf == false else { return }
        change(&self.hearing.legs[leg, default: Heard()])
        change(&self.outcome.heard[leg, default: Heard()])
    }
}

/// TLS, as far as the two peers and Mailshim know of it.
extension Stage {
    mutating func secure(_ side: Side, isLegacy: Bool) {
        self.hearing.asks.append(.secure(side, isLegacy: isLegacy))
        guard let leg = self.leg(side), let connection = self.connections[leg] else { return }
        if connection.tls != .none || connection.isClosed {
            self.misdeeds.append(Difference(line: self.line, expected: "a connection in clear text for TLS on \(leg)", heard: "none"))
        }
        self.connections[leg]?.tls = .begins
    }

    mutating func handshakeEnded(_ side: Side, _ state: Connection.TLS, _ event: Event, _ line: Int) {
        guard let leg = self.leg(side), let connection = self.connections[leg], connection.tls == .begins, !connection.isGone else {
            self.misdeeds.append(Difference(line: line, expected: "a TLS handshake under way on \(side.letter)", heard: "none"))
            return
        }
        self.connections[leg]?.tls = state
        self.tell(event)
    }
}
