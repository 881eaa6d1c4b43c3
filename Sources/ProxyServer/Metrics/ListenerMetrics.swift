import SMTPSession
import Synchronization

/// What is counted for one listener. It outlives a reload, under the listener's name.
final class ListenerMetrics: Sendable {
    /// Why a gateway's connection is refused.
    enum Refusal: String, CaseIterable, Sendable {
        case notAllowed = "not-allowed"
        case sessions, sessionsPerGateway = "sessions-per-gateway"
        case loop, notRedirected = "not-redirected", other
    }

    let name: String
    /// By outcome, then ``MessageStage``.
    let messages = Cells(Record.Outcome.all.count * MessageStage.allCases.count)
    /// Accepted, refused.
    let recipients = Cells(2)
    let octets = Cells(1)
    /// Sessions that began.
    let sessions = Cells(1)
    /// That ended, by whose doing.
    let ends = Cells(SessionEnd.allCases.count)
    let refusals = Cells(Refusal.allCases.count)
    /// Sessions that there are, by what they are doing.
    let stages = Cells(Activity.Stage.allCases.count)

    init(_ name: String) { self.name = name }

    /// Sessions that have not ended.
    var active: Int { self.stages.all.reduce(0, +) }

    func count(_ message: Record.Message) {
        self.messages.add(at: message.outcome.index * MessageStage.allCases.count + MessageStage(message).rawValue)
        self.recipients.add(message.recipients, at: 0)
        self.recipients.add(message.refusedRecipients, at: 1)
        if message.outcome == .accepted { self.octets.add(message.bytes, at: 0) }
    }

    /// Of all stages, by outcome.
    var outcomes: [Int] {
        let stages = MessageStage.allCases.count
        return Record.Outcome.all.indices.map { outcome in (0..<stages).reduce(0) { $0 + self.messages[outcome * stages + $1] } }
    }

    func refused(_ reason: Refusal) { self.refusals.add(at: Refusal.allCases.firstIndex(of: reason) ?? 0) }
}

/// How far a message came.
enum MessageStage: Int, CaseIterable {
    /// No recipient was accepted.
    case envelope
    /// No octet of content went.
    case data
    /// Its content went, or part of it.
    case content

    init(_ message: Record.Message) {
        self = message.recipients == 0 ? .envelope : message.bytes == 0 ? .data : .content
    }
}

extension Record.Outcome {
    static let all: [Record.Outcome] = [.accepted, .deferred, .rejected, .lost]

    var index: Int {
        switch self {
        case .accepted: 0
        case .deferred: 1
        case .rejected: 2
        case .lost: 3
        }
    }
}
