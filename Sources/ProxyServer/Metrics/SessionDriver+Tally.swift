import NIOCore
import SMTPSession

/// What is counted of a session, and what `mailshim sessions` shows of it.
extension SessionDriver {
    func beginTally(_ listener: ListenerMetrics?) {
        self.tally.listener = listener
        listener?.sessions.add(at: 0)
        listener?.stages.add(at: self.tally.activity.stage.rawValue)
        self.snapshot.metrics.waits.add(at: self.tally.activity.awaits.rawValue)
    }

    func endTally() {
        self.tally.listener?.stages.add(-1, at: self.tally.activity.stage.rawValue)
        self.snapshot.metrics.waits.add(-1, at: self.tally.activity.awaits.rawValue)
    }

    /// A turn is over that began then.
    func tallyTurn(began: NIODeadline) {
        let now = self.loop.now
        let metrics = self.snapshot.metrics
        metrics.ownLatency.add(now - began)
        var activity = self.codec.activity
        if let connecting, connecting.leg == nil { activity.awaits = .place }
        let before = self.tally.activity
        guard activity != before else { return }
        if before.awaits == .remote { metrics.remoteReplies.add(now - self.tally.since, row: before.stage.rawValue) }
        metrics.waits.add(-1, at: before.awaits.rawValue)
        metrics.waits.add(at: activity.awaits.rawValue)
        if before.stage != activity.stage {
            self.tally.listener?.stages.add(-1, at: before.stage.rawValue)
            self.tally.listener?.stages.add(at: activity.stage.rawValue)
        }
        self.tally.activity = activity
        self.tally.since = now
    }

    func tally(_ record: Record) {
        self.tally.isEncrypted = self.remoteSecurity != nil
        if case .message(let message) = record {
            self.tally.messages += 1
            self.tally.quirks = message.quirks
        }
        self.snapshot.metrics.count(record, of: &self.tally)
    }

    var summary: SessionSummary {
        let now = self.loop.now
        return SessionSummary(
            id: self.handle.id.description, listener: self.tally.listener?.name ?? "", gateway: self.gatewayText, remote: self.remoteText,
            host: self.facts.greeting ?? "", stage: self.tally.activity.stage, awaits: self.tally.activity.awaits,
            stageSeconds: Double((now - self.tally.since).nanoseconds) / 1e9, ageSeconds: Double((now - self.tally.began).nanoseconds) / 1e9,
            messages: self.tally.messages, connections: self.connections, quirks: self.tally.quirks)
    }
}
