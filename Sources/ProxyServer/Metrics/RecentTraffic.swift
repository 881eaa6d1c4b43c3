import AdminProtocol
import SMTPSession
import Synchronization

/// What was counted in the last five minutes: a sample every ten seconds, and the difference to the oldest.
final class RecentTraffic: Sendable {
    static let interval = 10
    private static let most = 31

    struct Sample: Hashable, Sendable {
        /// Seconds of a clock that nobody sets.
        var at = 0.0
        var messages = [Int](repeating: 0, count: Record.Outcome.all.count)
        var ownRefusals = 0
        var remoteRefusals = 0
        var repaired = 0
        var failedRepairs = 0
        var savedFromBounce = 0
        var clear = 0
        var clearByBrokenSTARTTLS = 0
        var own: [Int] = []
        var remote: [Int] = []
    }

    private let samples = Mutex<[Sample]>([])

    func add(_ sample: Sample) {
        self.samples.withLock { samples in
            samples.append(sample)
            if samples.count > Self.most { samples.removeFirst() }
        }
    }

    /// Since the oldest sample.
    func difference(to now: Sample) -> Sample {
        guard let then = self.samples.withLock({ $0.first }) else { return now }
        var since = now
        since.at = max(0.001, now.at - then.at)
        since.messages = zip(now.messages, then.messages).map { $0 - $1 }
        since.ownRefusals -= then.ownRefusals
        since.remoteRefusals -= then.remoteRefusals
        since.repaired -= then.repaired
        since.failedRepairs -= then.failedRepairs
        since.savedFromBounce -= then.savedFromBounce
        since.clear -= then.clear
        since.clearByBrokenSTARTTLS -= then.clearByBrokenSTARTTLS
        since.own = zip(now.own, then.own).map { $0 - $1 }
        since.remote = zip(now.remote, then.remote).map { $0 - $1 }
        return since
    }
}

extension RecentTraffic.Sample {
    /// Of a difference. Latencies in milliseconds; null where nothing was measured.
    var json: JSON {
        func milliseconds(_ share: Double, _ buckets: [Int]) -> JSON {
            Histogram.quantile(share, of: buckets).map { .real(($0 * 10_000).rounded() / 10) } ?? .null
        }
        return [
            "seconds": .real((self.at * 10).rounded() / 10),
            "messages": .object(zip(Record.Outcome.all, self.messages).map { JSON.Member($0.rawValue, .integer($1)) }),
            "refused_by_mailshim": .integer(self.ownRefusals), "refused_by_remotes": .integer(self.remoteRefusals),
            "repaired": .integer(self.repaired), "failed_repairs": .integer(self.failedRepairs),
            "saved_from_bounce": .integer(self.savedFromBounce), "cleartext": .integer(self.clear),
            "cleartext_by_broken_starttls": .integer(self.clearByBrokenSTARTTLS),
            "own_ms_p50": milliseconds(0.5, self.own), "own_ms_p99": milliseconds(0.99, self.own),
            "remote_ms_p50": milliseconds(0.5, self.remote), "remote_ms_p99": milliseconds(0.99, self.remote),
        ]
    }
}

extension Metrics {
    /// - Parameter at: seconds of a clock that nobody sets.
    func sample(at: Double) -> RecentTraffic.Sample {
        var sample = RecentTraffic.Sample()
        sample.at = at
        for listener in self.allListeners { sample.messages = zip(sample.messages, listener.outcomes).map { $0 + $1 } }
        sample.ownRefusals = self.refusals(.mailshim, 0) + self.refusals(.mailshim, 1)
        sample.remoteRefusals = self.refusals(.remote, 0) + self.refusals(.remote, 1)
        for quirk in self.quirks.indices {
            sample.repaired += self.repairs(of: quirk, isOK: true)
            sample.failedRepairs += self.repairs(of: quirk, isOK: false)
            sample.savedFromBounce += self.saved[quirk * 2]
        }
        sample.clearByBrokenSTARTTLS = self.clear[0]
        sample.clear = self.clear[0] + self.clear[1]
        sample.own = self.ownLatency.buckets()
        sample.remote = [Int](repeating: 0, count: Histogram.bounds.count + 1)
        for row in Activity.Stage.allCases.indices {
            sample.remote = zip(sample.remote, self.remoteReplies.buckets(row: row)).map { $0 + $1 }
        }
        return sample
    }
}
