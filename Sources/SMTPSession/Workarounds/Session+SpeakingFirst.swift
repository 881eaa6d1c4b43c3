import NIOCore
import QuirkKit
import SMTPWire

/// A host that does not greet until it is spoken to (`slow-starter`), by rule. After a wait the gateway hears a greeting of ours, and its EHLO goes to a
/// host that has said nothing yet; the host's greeting and its reply to EHLO are then taken in turn:
///
///     >C 220 shim.example ESMTP
///     C= EHLO gateway.example
///     S: 220 mx.example.net ESMTP
///     S= 250 mx.example.net
extension Session {
    /// When the connection that is made is spoken to without a greeting; nil: never, or it was.
    var endOfSilence: NIODeadline? {
        guard let limit = self.workarounds.speaksFirst, self.remote.connection.state == .greeting, !self.remote.connection.isSpokenTo else { return nil }
        return self.remote.connection.since + .seconds(Int64(limit))
    }

    /// Whether the gateway was greeted in the host's place, and the host has said nothing since.
    var awaitsWordOfGateway: Bool {
        guard case .commands = self.gateway.phase else { return false }
        return self.remote.connection.state == .greeting && self.remote.connection.isSpokenTo && self.remote.connection.flight.isEmpty && self.rescue == nil
    }

    /// The wait for a greeting is over.
    mutating func endSilence() {
        guard let end = self.endOfSilence, end <= self.now else { return }
        self.remote.connection.isSpokenTo = true
        // It has begun to greet.
        guard !self.remote.saysMore, let quirk = self.remote.layers.quirk(behind: \.speaksFirst) else { return }
        self.note(.used(quirk: quirk))
        let isFirst = if case .opening = self.gateway.phase { true } else { false }
        let did = isFirst ? "greeted the gateway in the host's place" : "said \(self.helloVerb) before the greeting"
        self.log(.quirk(name: quirk, connection: self.remote.connection.number, did: did, because: "the host waits to be spoken to"))
        guard isFirst else { return self.sayHello() }
        self.gateway.phase = .commands
        self.tell(Reply(220, "\(self.settings.hostname) ESMTP"))
    }

    /// The first reply of a host that was spoken to: its greeting, or what it says to EHLO where it never greets.
    mutating func heardWhenSpokenTo(_ reply: Reply) {
        guard reply.code == 250 else { return self.greetedLate(reply) }
        self.remote.connection.enter(.hello, at: self.now)
        if let entry = self.remote.connection.dequeue(at: self.now) { self.helloAnswered(reply, to: entry.command) }
    }

    private mutating func greetedLate(_ reply: Reply) {
        self.remote.connection.host = reply.greetingName ?? ""
        guard reply.isPositive else { return self.refusedLate(reply) }
        self.noteLateGreeting(reply)
        self.remote.connection.enter(.hello, at: self.now)
    }

    /// It greets after the gateway was greeted, and before that said EHLO.
    mutating func greetedMeanwhile(_ reply: Reply) {
        self.noteLateGreeting(reply)
        guard reply.isPositive else {
            self.remote.dueRefusal = self.softened(greeting: self.rewritten(reply, at: .connect))
            return self.drop(politely: reply.code != 421)
        }
        self.remote.connection.enter(.ready, at: self.now)
        self.remote.minimumSecurity = self.remote.connection.security
    }

    private mutating func noteLateGreeting(_ reply: Reply) {
        if reply.isPositive { self.note(.greeted) }
        guard self.isFirstHello, self.remote.connection.number == 1 else { return }
        self.log(.greeted(connection: self.remote.connection.number, host: self.remote.connection.host, reply: reply.line))
        if reply.isPositive, !self.remote.connection.host.isEmpty { self.out.append(.lookUp(.host(self.remote.connection.host))) }
    }

    /// Its refusal is the answer to the gateway's EHLO.
    private mutating func refusedLate(_ reply: Reply) {
        guard self.waitingHello != nil else { return self.extraRefused(reply) }
        guard self.remote.connection.number == 1 else { return self.ladderRefused(reply.line) }
        self.noteLateGreeting(reply)
        self.drop(politely: reply.code != 421)
        self.helloRefusedByGreeting(self.softened(greeting: self.rewritten(reply, at: .connect)))
    }

    /// The greeting refused all there is to come.
    mutating func helloRefusedByGreeting(_ told: Reply) {
        self.waiting = nil
        self.tell(told)
        self.finish(because: "the remote refused the connection")
    }
}
