import SMTPWire

/// What a session is doing at the moment, and for whom it waits: for `mailshim sessions` and the metrics.
public struct Activity: Hashable, Sendable {
    /// Numbered, since what is counted by stage is counted often.
    public enum Stage: Int, Hashable, Sendable, CaseIterable {
        case connect, greeting, ehlo, tls, auth, idle, mail, rcpt, data, content, end, other, relay, quit

        public var name: String { "\(self)" }
    }

    public enum Party: Int, Hashable, Sendable, CaseIterable {
        case gateway, remote
        /// A place at the remote (`connections`, `pause`).
        case place
        /// Nobody: there is something to do.
        case us

        public var name: String { "\(self)" }
    }

    public var stage: Stage
    public var awaits: Party

    public init(_ stage: Stage, awaits: Party) { (self.stage, self.awaits) = (stage, awaits) }
}

extension Session {
    @inline(__always)
    public var activity: Activity {
        switch self.gateway.phase {
        case .waiting: Activity(.connect, awaits: .us)
        case .opening: self.activityOfRemote ?? Activity(.greeting, awaits: .remote)
        case .commands: self.activityOfRemote ?? Activity(self.transaction == nil ? .idle : .mail, awaits: .gateway)
        case .startingTLS: Activity(.tls, awaits: .remote)
        case .securing: Activity(.tls, awaits: .gateway)
        case .authenticating(_, awaits: .remote): Activity(.auth, awaits: .remote)
        case .authenticating(_, awaits: .gateway): Activity(.auth, awaits: .gateway)
        case .data, .chunk: Activity(.content, awaits: .gateway)
        case .holdingEnd, .final: Activity(.end, awaits: .remote)
        case .relaying: Activity(.relay, awaits: .gateway)
        case .ending, .over: Activity(.quit, awaits: .remote)
        }
    }

    /// Nil: the remote owes nothing that the gateway waits for.
    @inline(__always)
    private var activityOfRemote: Activity? {
        switch self.remote.connection.state {
        case .connecting: return Activity(.connect, awaits: .remote)
        case .greeting: return Activity(.greeting, awaits: .remote)
        case .hello: return Activity(.ehlo, awaits: .remote)
        case .startingTLS, .securing: return Activity(.tls, awaits: .remote)
        case .authenticating: return Activity(.auth, awaits: .remote)
        case .none, .retiring: return nil
        case .ready:
            guard let first = self.remote.connection.flight.first else { return nil }
            guard first.purpose.concernsGateway || self.waiting != nil else { return nil }
            return Activity(first.stage, awaits: .remote)
        }
    }
}

extension Exchange {
    fileprivate var stage: Activity.Stage {
        switch self.purpose {
        case .contentEnd, .chunk(isLast: true): .end
        case .chunk(isLast: false), .conversion: .data
        case .authentication: .auth
        case .relay, .envelope, .swallow, .precedent, .reset, .discard:
            self.command.stage
        }
    }
}
