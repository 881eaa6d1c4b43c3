import NIOCore
import QuirkKit
import SMTPWire

/// AUTH (RFC 4954): carried between gateway and remote, and said again on extra connections.
extension Session {
    /// The mechanisms of AUTH that can be shown. Those that reveal a password need a remote that is who it says it is, and a gateway's leg that nobody hears.
    var passwordMechanisms: [String] {
        guard !self.isRelayingTLS, let offered = self.gateway.offered else { return [] }
        // To whom a rule lets no mail go, no password goes either.
        let isEnough = self.shortfall(of: self.remote.profile.tls, on: self.remote.minimumSecurity) == nil
        let remote = isEnough && self.remote.minimumSecurity.map { $0.isVerified || (self.remote.profile.authUnverified && !$0.isLegacy) } ?? false
        let local = self.isGatewayEncrypted || self.gateway.terms.allowsPasswordsInClear
        return offered.authMechanisms.map { $0.uppercased() }.filter { mechanism in
            !Authentication.isImpossible(mechanism) && (!Authentication.reveals(mechanism) || (remote && local))
        }
    }

    mutating func authenticate(_ mechanism: String, _ line: Secret) {
        self.take(Command(.auth(mechanism: mechanism)), secret: line)
    }

    mutating func auth(_ command: Command, _ mechanism: String, _ line: Secret?) {
        guard let line else { return self.tell(self.notImplemented) }
        if let objection = self.objection(toAuth: mechanism) {
            if objection.isPermanent { self.blame(objection) } else { self.tell(objection) }
            return self.authenticationFailed()
        }
        self.gateway.phase = .authenticating(Authentication(mechanism: mechanism, said: [line]), awaits: .remote)
        self.say(line, command)
    }

    private func objection(toAuth mechanism: String) -> Reply? {
        guard self.gateway.hello != nil, !self.gateway.mustSayHello else { return self.needHello }
        guard self.gateway.shown?.contains("AUTH") == true else { return self.notImplemented }
        guard self.isOutsideTransaction, self.gateway.credentials == nil else { return self.notNowInSequence }
        guard self.passwordMechanisms.contains(mechanism) else { return Reply(504, "5.5.4 mechanism not available") }
        guard self.remote.connection.state == .ready else { return self.notAuthenticated("not connected now") }
        guard self.connectionOffers(mechanism) else {
            return Reply(454, "4.7.0 \(self.remote.name) does not offer AUTH \(mechanism) on its new connection")
        }
        return nil
    }

    /// Nothing secret to who has not asked for it (pools of unlike hosts).
    private func connectionOffers(_ mechanism: String) -> Bool { self.remote.connection.keywords?.authMechanisms.contains(mechanism) == true }

    private mutating func say(_ secret: Secret, _ command: Command) {
        // What has come already is not its reply (law 3).
        if self.remote.saysMore, self.remote.connection.flight.isEmpty { self.remote.connection.isDesynchronised = true }
        if !self.remote.connection.isDesynchronised { self.out.append(.sendSecret(secret)) }
        self.remote.connection.enqueue(Exchange(command: command, purpose: .authentication, isAlone: true), at: self.now)
        self.remote.connection.endsInReset = false
    }

    /// The gateway's answer to a challenge.
    mutating func response(_ line: Secret) {
        self.gateway.lastHeard = self.now
        guard case .authenticating(var authentication, .gateway) = self.gateway.phase else { return }
        authentication.said.append(line)
        guard authentication.said.count <= Limits.authenticationSteps else {
            self.tell(Reply(421, "4.7.0 \(self.helloName) closing: too many answers"))
            return self.finish(because: "too many answers to challenges", by: .gateway)
        }
        self.answerChallenge(line, authentication)
    }

    /// An answer that cannot be passed on. The exchange is cancelled, as a client does it (RFC 4954 §4), and the gateway hears what was wrong.
    mutating func faultyResponse(_ fault: CommandFault) {
        self.gateway.lastHeard = self.now
        guard case .authenticating(var authentication, .gateway) = self.gateway.phase else { return }
        authentication.refusal = fault.reply
        self.answerChallenge(Secret(Array("*\r\n".utf8)), authentication)
    }

    private mutating func answerChallenge(_ line: Secret, _ authentication: Authentication) {
        guard self.remote.connection.state == .ready else {
            self.gateway.phase = .commands
            self.tell(authentication.refusal ?? self.notAuthenticated("it closed in the middle of AUTH"))
            return self.authenticationFailed()
        }
        self.gateway.phase = .authenticating(authentication, awaits: .remote)
        self.say(line, Command(.auth(mechanism: authentication.mechanism)))
    }

    mutating func authenticationAnswered(_ reply: Reply) {
        guard case .authenticating(let authentication, .remote) = self.gateway.phase else { return }
        if let refusal = authentication.refusal { return self.cancelled(reply, refusal) }
        if let token = authentication.split?.token { return self.commandAnswered(reply, authentication, token) }
        if let parted = authentication.parted(after: reply), let command = parted.said.first {
            self.gateway.phase = .authenticating(parted, awaits: .remote)
            return self.say(command, Command(.auth(mechanism: parted.mechanism)))
        }
        self.authenticationAnswered(reply, authentication)
    }

    /// The reply to AUTH without its token: the token follows a 334. Of any other the gateway hears what was said of the line that was too long.
    private mutating func commandAnswered(_ reply: Reply, _ authentication: Authentication, _ token: Secret) {
        guard let refusal = authentication.split?.refusal else { return }
        let isInvited = reply.code == 334
        self.log(
            .repair(
                .init(
                    quirk: "none", connection: self.remote.connection.number, sent: "AUTH \(authentication.mechanism)", reply: refusal.withoutWords.line,
                    action: "again", outcome: isInvited ? "ok" : reply.withoutWords.line, because: "the line was too long with the token in it")))
        var authentication = authentication
        authentication.split?.token = nil
        guard isInvited else {
            // Who accepts nothing at all has not understood.
            if reply.isPositive || reply.isIntermediate { self.abortRemote() }
            return self.authenticationAnswered(reply.code == 421 ? reply : refusal, authentication)
        }
        self.gateway.phase = .authenticating(authentication, awaits: .remote)
        self.say(token, Command(.auth(mechanism: authentication.mechanism)))
    }

    private mutating func authenticationAnswered(_ reply: Reply, _ authentication: Authentication) {
        if reply.isIntermediate, reply.code != 334 { return self.remoteGone(.unexpected(reply.withoutWords.line)) }
        let told = self.rewritten(reply, at: .auth)
        self.tell(told)
        if reply.code == 334 { return self.gateway.phase = .authenticating(authentication, awaits: .gateway) }
        self.gateway.phase = .commands
        if reply.isPositive { self.gateway.credentials = authentication }
        if reply.code == 421 || told.code == 421 { self.finish(because: "the remote said \(reply.withoutWords.line)") }
        if !reply.isPositive { self.authenticationFailed() }
    }

    /// The reply to "*". Who does not refuse then has not understood, and may take somebody for authenticated.
    private mutating func cancelled(_ reply: Reply, _ refusal: Reply) {
        self.gateway.phase = .commands
        self.tell(refusal)
        if reply.isPositive || reply.isIntermediate { self.abortRemote() }
        self.lastWords(reply.withoutWords)
        self.authenticationFailed()
    }

    /// Says AUTH again on an extra connection; only for mechanisms that may be said again.
    mutating func authenticateAgain(_ credentials: Authentication) {
        guard self.connectionOffers(credentials.mechanism) else {
            return self.extraRefused(Reply(454, "4.7.0 AUTH \(credentials.mechanism) is not offered"))
        }
        self.remote.connection.enter(.authenticating, at: self.now)
        self.remote.connection.authenticationStep = 0
        self.sayAgain(credentials)
    }

    private mutating func sayAgain(_ credentials: Authentication) {
        guard credentials.said.indices.contains(self.remote.connection.authenticationStep) else {
            return self.extraRefused(Reply(454, "4.7.0 AUTH wanted more than before"))
        }
        self.say(credentials.said[self.remote.connection.authenticationStep], Command(.auth(mechanism: credentials.mechanism)))
        self.remote.connection.authenticationStep += 1
    }

    mutating func authenticatedAgain(_ reply: Reply) {
        guard let credentials = self.gateway.credentials else { return }
        if reply.code == 334 { return self.sayAgain(credentials) }
        if reply.isPositive { self.stands() } else { self.extraRefused(reply.withoutWords) }
    }
}

extension Reply {
    /// What the log may have of it: a remote may say in words what it was told.
    fileprivate var withoutWords: Reply { Reply(self.code, "in reply to AUTH") }
}
