import NIOCore
import QuirkKit
import SMTPWire

/// A connection that a transaction needs is refused because there are others of ours: tried again a little later, within `repair`.
extension Session {
    /// True: it will be.
    mutating func triesLater(_ reply: Reply) -> Bool {
        guard let rescue = self.rescue, rescue.stage == .connecting, Rescue.pauses.indices.contains(rescue.pauses),
            let (name, diagnosis) = self.diagnosis(of: Observation(.reply(reply), to: nil, at: .greeting), isTooLate: true), diagnosis.retry == .later
        else { return false }
        let pause = Rescue.pauses[rescue.pauses]
        if let finding = Cause(name, diagnosis, nil, .reply(reply), entry: nil).finding { self.note(.found(finding)) }
        let did = "waits \(pause.nanoseconds / 1_000_000_000) s for a connection"
        self.log(.quirk(name: name, connection: self.remote.connection.number, did: did, because: diagnosis.because))
        self.transaction?.credit(name)
        self.drop(politely: reply.code != 421)
        self.rescue?.pauses += 1
        self.rescue?.stage = .pausing(until: self.now + pause)
        return true
    }

    /// When a pause is over.
    var pauseEnds: NIODeadline? { if case .pausing(let until)? = self.rescue?.stage { until } else { nil } }

    mutating func endPause() {
        guard let ends = self.pauseEnds, ends <= self.now else { return }
        self.rescue?.stage = .connecting
        // What is still being said goodbye to would be one connection more.
        self.abortRemote()
        self.connectionFreed()
    }
}
