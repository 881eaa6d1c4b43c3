public import AdminProtocol
import NIOCore
import Synchronization

/// One thing that has to be so for mail to flow as it should.
public struct HealthCheck: Hashable, Sendable {
    public enum State: String, Hashable, Sendable, CaseIterable, Comparable {
        case ok
        /// Mail flows, and somebody should look.
        case warn
        /// Not ready.
        case fail

        public static func < (left: State, right: State) -> Bool { left.order < right.order }

        private var order: Int { switch self { case .ok: 0; case .warn: 1; case .fail: 2 } }
    }

    /// "listener", "redirect rules".
    public var name: String
    /// Which of them, or "".
    public var subject: String
    public var state: State
    /// In words.
    public var detail: String

    public init(_ name: String, subject: String = "", _ state: State, _ detail: String) {
        (self.name, self.subject, self.state, self.detail) = (name, subject, state, detail)
    }

    public var json: JSON {
        ["name": .string(self.name), "subject": .string(self.subject), "state": .string(self.state.rawValue), "detail": .string(self.detail)]
    }
}

/// What others report of the health of the whole, as the watch of the firewall does.
public final class HealthReports: Sendable {
    private struct Report {
        let check: HealthCheck
        let until: NIODeadline
    }

    private let reports = Mutex<[String: Report]>([:])

    /// Takes the place of what was reported under that name and subject. Not said again for so many seconds, it is a warning.
    public func report(_ check: HealthCheck, goodFor seconds: Int) {
        let until = NIODeadline.now() + .seconds(Int64(seconds))
        self.reports.withLock { reports in
            guard reports["\(check.name) \(check.subject)"] != nil || reports.count < 64 else { return }
            reports["\(check.name) \(check.subject)"] = Report(check: check, until: until)
        }
    }

    func checks(at now: NIODeadline = .now()) -> [HealthCheck] {
        self.reports.withLock { reports in
            reports.sorted { $0.key < $1.key }.map { _, report in
                guard report.until < now else { return report.check }
                var check = report.check
                check.state = max(check.state, .warn)
                check.detail = "not reported lately; before: \(check.detail)"
                return check
            }
        }
    }
}
