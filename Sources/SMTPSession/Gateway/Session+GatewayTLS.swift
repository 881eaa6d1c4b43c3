import NIOCore
import QuirkKit
import SMTPWire

/// TLS as the gateway sees it (RFC 3207), and the EHLO that it is shown.
extension Session {
    /// The EHLO that the gateway sees now: what the first connection offered, less what cannot be kept.
    mutating func showKeywords() {
        guard let offered = self.gateway.offered else { return }
        let (hidden, names) = (self.workarounds.hiddenKeywords, self.remote.profile.shownKeywords.union(self.ownKeywords))
        var seen: Set<String> = []
        self.gateway.shown = offered.keeping(
            { keyword in
                guard seen.insert(keyword.name).inserted, !hidden.contains(keyword.name), let keyword = Keywords.shown(keyword, with: names) else {
                    return nil
                }
                return switch keyword.name {
                case "STARTTLS": self.showsTLS ? keyword : nil
                case "AUTH": self.passwordMechanisms.isEmpty ? nil : Keyword("AUTH", self.passwordMechanisms)
                case "REQUIRETLS": self.keepsRequireTLS ? keyword : nil
                case "LIMITS": self.withKnownLimits(keyword)
                default: keyword
                }
            }, adding: self.keywordsOfOurs)
    }

    /// RFC 9422: what is kept here is not shown, MAILMAX; of the host's limits of recipients and what is known of it the smaller is.
    private func withKnownLimits(_ keyword: Keyword) -> Keyword? {
        guard let known = self.workarounds.recipients, known != SessionLimits(keyword.arguments).rcptMax else { return keyword }
        let announced = keyword.arguments.filter { !$0.uppercased().hasPrefix("RCPTMAX=") }
        let limit = min(known, SessionLimits(keyword.arguments).rcptMax ?? known)
        return Keyword("LIMITS", announced + ["RCPTMAX=\(limit)"])
    }

    var isRelayingTLS: Bool { self.remote.profile.tls.manner == .passthrough }

    private var ownKeywords: Set<String> { self.isRelayingTLS ? [] : ["AUTH", "REQUIRETLS"] }

    /// STARTTLS is Mailshim's own: it stands in the list also where the remote, over TLS, no longer says it. Old `AUTH=` becomes AUTH.
    private var keywordsOfOurs: [Keyword] {
        var ours = self.showsTLS ? [Keyword("STARTTLS")] : []
        // What the host itself announces is its own to say.
        if let known = self.workarounds.recipients, known != self.remote.connection.keywords?.limits.rcptMax {
            ours.append(Keyword("LIMITS", ["RCPTMAX=\(known)"]))
        }
        return ours
    }

    var isGatewayEncrypted: Bool { self.gateway.terms.isEncrypted || self.gateway.security != nil }

    /// Where the remote offers it, whether it works there or not: the gateway's own policy decides what a 454 means.
    private var showsTLS: Bool {
        if self.isRelayingTLS { return self.gateway.offered?.contains("STARTTLS") == true }
        return self.gateway.terms.offersTLS && !self.isGatewayEncrypted && self.gateway.offersTLS && self.remote.profile.tls.level > .off
    }

    /// RFC 8689 §4: only where both legs are encrypted and the remote's certificate was verified.
    private var keepsRequireTLS: Bool { self.isGatewayEncrypted && self.remote.minimumSecurity?.isVerified == true }

    mutating func gatewayStartTLS(_ command: Command) {
        guard !self.isGatewayEncrypted else { return self.blame(self.encryptedAlready) }
        guard self.showsTLS else { return self.tell(self.gateway.hello == nil ? self.needHello : self.notImplemented) }
        // What it proved in clear text would have to be forgotten (RFC 3207 §4.2), and the remote will not hear it twice.
        guard self.isOutsideTransaction, self.gateway.credentials == nil else { return self.blame(self.notNowInSequence) }
        guard self.remote.minimumSecurity != nil else { return self.tell(self.noTLS) }
        self.tell(Reply(220, "2.0.0 Ready to start TLS"))
        self.gateway.phase = .securing
        self.out.append(.secure(.gateway, isLegacy: false))
    }

    mutating func gatewaySecured(_ security: Security) {
        guard case .securing = self.gateway.phase else { return }
        self.gateway.lastHeard = self.now
        self.gateway.security = security
        self.log(.secured(side: .gateway, connection: self.remote.connection.number, security))
        self.gateway.mustSayHello = true
        if let refused = exchange(&self.transaction, with: nil) { self.conclude(refused) }
        self.showKeywords()
        self.gateway.phase = .commands
    }

    /// The EHLO behind its TLS. Nothing read before is used after it (law 7): a remote that was told another name is let go, and the next is told this one.
    mutating func helloOverTLS(_ command: Command) {
        self.gateway.mustSayHello = false
        guard let before = exchange(&self.gateway.hello, with: command), before.body != command.body else { return }
        self.retire()
    }

    mutating func gatewayNotSecured(_ failure: TLSFailure) {
        guard case .securing = self.gateway.phase else { return }
        self.log(.gatewayFault(because: "TLS: \(failure.because)"))
        self.finish(because: "the gateway's TLS failed", by: .gateway)
    }
}
