import NIOCore
import SMTPWire

/// What the gateway has said and not heard an answer to, in order (law 3: one reply for one command): it tells what a reply is about.
struct UnansweredCommands: Sendable {
    // At the beginning a session waits for its greeting.
    private var stages: CircularBuffer<Activity.Stage>

    init() {
        self.stages = CircularBuffer(initialCapacity: 1)
        self.stages.append(.greeting)
    }

    mutating func add(_ command: Command) { self.stages.append(command.stage) }

    /// A reply is told. Nil: nobody had asked (421 at the end).
    mutating func answer(_ reply: Reply) -> Activity.Stage? {
        guard let stage = self.stages.first else { return nil }
        if !reply.isIntermediate {
            self.stages.removeFirst()
        } else if stage == .data {
            self.stages[self.stages.startIndex] = .end
        }
        return stage
    }
}

extension Command {
    /// What a session does that waits for the answer.
    var stage: Activity.Stage {
        switch self.body {
        case .ehlo, .helo: .ehlo
        case .mail: .mail
        case .rcpt: .rcpt
        case .data: .data
        case .bdat(let chunk): chunk.last ? .end : .data
        case .starttls: .tls
        case .auth: .auth
        case .quit: .quit
        case .rset, .noop, .vrfy, .expn, .help, .other, .malformed: .other
        }
    }
}
