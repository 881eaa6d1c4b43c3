import QuirkKit
import SMTPSession

/// Law 7: TLS is never silently weaker. Judged where something is written, or told.
extension World {
    /// What the rules demand of connections to the remote, by what has been told of them: a name that came in clear text makes it stricter, never laxer.
    func learnRule(_ profile: Profile) {
        var demand = profile.tls
        if !self.remotes.isEmpty, demand.level < self.rule.level { demand = self.rule }
        if self.scenario.terms.isEncrypted, demand.level == .opportunistic {
            demand = TLSDemand(.required, demand.manner == .passthrough ? .starttls : demand.manner)
        }
        self.rule = demand
    }

    var mayBeOld: Bool {
        self.profile.layers.contains { layer in
            layer.origin == .rule
                && self.scenario.catalogue.contains { $0.name == layer.setting.name && $0.workarounds(layer.setting.options).tls == .legacy }
        }
    }
    /// What is known of the host limits the recipients, so that `LIMITS RCPTMAX` is Mailshim's own.
    private var limitsRecipients: Bool {
        self.profile.layers.contains { layer in
            self.scenario.catalogue.contains { $0.name == layer.setting.name && $0.workarounds(layer.setting.options).recipients != nil }
        }
    }

    var isGatewayEncrypted: Bool { self.scenario.terms.isEncrypted || self.gateway.tls.stands }

    /// Whether this is less than what is demanded.
    private func lacks(_ demand: TLSDemand, _ security: Security?) -> Bool {
        switch demand.level {
        case .off, .opportunistic: return false
        case .required: return security.map { $0.isLegacy && !self.mayBeOld } ?? true
        case .verified:
            guard let security, !security.isLegacy else { return true }
            return demand.names.isEmpty ? security.doubt != nil : security.names.isDisjoint(with: demand.names)
        }
    }

    /// What was written to a connection, from this exchange on.
    func judgeTLS(of index: Int, from first: Int) {
        guard self.scenario.theme.hasTLS else { return }
        let isRefused = self.rule.manner != .passthrough && self.remotes[index].hasFailedTLS
        for exchange in self.remotes[index].watch.witness.exchanges[first...] {
            if isRefused, exchange.verb != "STARTTLS", exchange.verb != "QUIT" {
                self.blame(7, "\(exchange.shown) in clear text behind its STARTTLS")
            }
            switch exchange.verb {
            case "MAIL": self.judgeMail(exchange, on: index)
            case "RCPT", "DATA", "BDAT", ".": self.judgeLevel(exchange, on: index)
            case "STARTTLS":
                if self.rule.level == .off { self.blame(7, "STARTTLS where a rule says off") }
                self.beganTLS = self.beganTLS ?? self.now
            default: break
            }
        }
    }

    private func judgeLevel(_ exchange: Witness.Exchange, on index: Int) {
        let (security, number) = (self.remotes[index].watch.security, self.remotes[index].host.number)
        if self.lacks(self.rule, security) { self.blame(7, "on #\(number): \(exchange.shown) with \(security.shown), and \(self.rule) is demanded") }
        if self.gateway.tls.stands, !self.scenario.terms.isEncrypted, security == nil {
            self.blame(7, "on #\(number): \(exchange.shown) in clear text, and the gateway asked for TLS")
        }
        guard exchange.verb == "RCPT", let domain = exchange.line.path?.split(separator: "@").last,
            let demand = self.profile.tlsOfDomains[String(domain)]
        else { return }
        if self.lacks(demand, security) {
            self.blame(7, "on #\(number): \(exchange.shown) with \(security.shown), and \(demand) is demanded for the recipient")
        }
    }

    /// Whether the name behind EHLO is one that a quirk puts there.
    private func isAnotherName(_ hello: SpokenLine) -> Bool {
        self.scenario.hasRandomQuirks && RandomQuirk.helloNames.contains { hello.octets.shown.contains(" \($0)") }
    }

    private func judgeMail(_ exchange: Witness.Exchange, on index: Int) {
        let (watch, number) = (self.remotes[index].watch, self.remotes[index].host.number)
        self.judgeLevel(exchange, on: index)
        self.judgeFloor(exchange, on: index)
        if watch.security == nil, watch.keywords.contains("STARTTLS"), self.rule.level > .off, self.rule.manner == .starttls, !self.isClearExcused {
            self.blame(7, "on #\(number): \(exchange.shown) in clear text, and it offers STARTTLS")
        }
        let isAuthenticatedThere = watch.witness.exchanges.contains { ["AUTH", "response"].contains($0.verb) && $0.reply?.isPositive == true }
        if self.isAuthenticated, !isAuthenticatedThere { self.blame(7, "on #\(number): \(exchange.shown) without AUTH, and the gateway has said it") }
        for parameter in exchange.line.parameters { self.judgeParameter(parameter, exchange, on: index) }
        if self.gateway.tls.stands, !self.scenario.terms.isEncrypted, self.helloOverTLS == nil {
            self.blame(7, "on #\(number): \(exchange.shown), and the gateway has not said EHLO since its TLS")
        }
        if let said = self.helloOverTLS, let hello = watch.hello, hello.octets.dropFirst(4) != said.octets.dropFirst(4),
            !self.isAnotherName(hello)
        {
            self.blame(7, "on #\(number): \(exchange.shown) behind \(hello.octets.shown), and the gateway is \(said.octets.shown)")
        }
    }

    /// TLS failed before, or is known not to work.
    private var isClearExcused: Bool {
        self.remotes.contains { $0.hasFailedTLS } || self.profile.layers.contains { $0.setting.name == "broken-starttls" }
            || self.scenario.hasRandomQuirks
    }

    /// An extra connection is never weaker than the one that it replaces.
    func judgeFloor(_ exchange: Witness.Exchange, on index: Int) {
        let security = self.remotes[index].watch.security
        if let floor = self.floor, floor.index != index, let before = floor.security {
            let isWeaker = security.map { (before.isVerified && !$0.isVerified) || (!before.isLegacy && $0.isLegacy) } ?? true
            if isWeaker {
                self.blame(7, "on #\(self.remotes[index].host.number): \(exchange.verb) with \(security.shown), and the one before had \(before)")
            }
            if exchange.verb == "MAIL" { self.tally[.extraOverTLS, default: 0] += 1 }
        }
        self.floor = (index, security)
    }

    private func judgeParameter(_ parameter: String, _ exchange: Witness.Exchange, on index: Int) {
        let name = parameter.prefix { $0 != "=" }.uppercased()
        let (watch, number) = (self.remotes[index].watch, self.remotes[index].host.number)
        let keyword = name == "BODY" ? "8BITMIME" : name == "RET" ? "DSN" : name
        let isShown = self.shown.names.contains(keyword)
        if isShown, watch.hello?.verb == "EHLO", !watch.keywords.contains(keyword) {
            self.blame(7, "on #\(number): \(exchange.shown), and \(keyword) is not offered there")
        }
        if name == "REQUIRETLS", watch.security?.isVerified != true || !self.isGatewayEncrypted {
            self.blame(7, "on #\(number): REQUIRETLS with \(watch.security.shown)")
        }
    }

    /// Credentials, and only where the rules allow it.
    func judgeSecret(_ octets: [UInt8]) {
        guard let current else { return self.blame(9, "a secret for a remote that is not there") }
        let leg = self.remotes[current]
        let security = leg.watch.security
        guard let auth = leg.watch.witness.exchanges.last(where: { $0.verb == "AUTH" })?.line else {
            return self.blame(7, "a secret that is no AUTH")
        }
        self.judgeFloor(leg.watch.witness.exchanges[leg.watch.witness.exchanges.count - 1], on: current)
        let isTold = self.gateway.witness.exchanges.contains { ["AUTH", "response"].contains($0.verb) && $0.line.octets + [0x0D, 0x0A] == octets }
        if !isTold, octets != [UInt8]("*\r\n") { self.blame(7, "a secret that the gateway has not said") }
        guard auth.mechanism != "CRAM-MD5" else { return }
        if self.lacks(self.rule, security) { self.blame(7, "a password with \(security.shown), and \(self.rule) is demanded") }
        let isTrusted = security.map { !$0.isLegacy && ($0.doubt == nil || self.scenario.profile.authUnverified) } ?? false
        if !isTrusted { self.blame(7, "on #\(leg.host.number): a password with \(security.shown)") }
        if !self.isGatewayEncrypted, !self.scenario.terms.allowsPasswordsInClear { self.blame(7, "a password that came in clear text") }
    }

    /// What the gateway is shown was offered, over TLS where there is TLS.
    func judgeShown(_ text: String, for line: SpokenLine) {
        guard self.scenario.theme.hasTLS else { return }
        if self.gateway.tls.stands, !self.scenario.terms.isEncrypted { self.helloOverTLS = self.helloOverTLS ?? line }
        if !self.hasShown {
            self.hasShown = true
            self.offered = KeywordList()
            if self.scenario.isRouted {
                self.offered = KeywordList("shim.example\nPIPELINING\n8BITMIME\nENHANCEDSTATUSCODES")
            } else if let current, !self.remotes[current].isClosed {
                self.floor = (current, self.remotes[current].watch.security)
                self.offered = self.remotes[current].watch.offer
            }
        }
        guard line.verb == "EHLO" else { return }
        let shown = KeywordList(text)
        self.shown = shown
        let own: Set<String> = self.limitsRecipients ? ["STARTTLS", "LIMITS"] : ["STARTTLS"]
        let excess = shown.names.subtracting(self.offered.names).subtracting(own)
        if !excess.isEmpty {
            self.blame(7, "shows \(excess.sorted()), which the remote does not offer\(self.floor?.security == nil ? "" : " over TLS")")
        }
        let isPassthrough = self.rule.manner == .passthrough
        if shown.names.contains("STARTTLS"), !isPassthrough, !self.scenario.terms.offersTLS || self.isGatewayEncrypted {
            self.blame(7, "shows STARTTLS, and has none")
        }
        let security = self.floor?.security
        if shown.names.contains("REQUIRETLS"), !self.isGatewayEncrypted || security?.isVerified != true {
            self.blame(7, "shows REQUIRETLS with \(security.shown)")
        }
        if !shown.mechanisms.isSubset(of: self.offered.mechanisms) {
            self.blame(7, "shows \(shown.mechanisms.sorted()), and \(self.offered.mechanisms.sorted()) are offered")
        }
        if shown.mechanisms.contains("EXTERNAL") || shown.mechanisms.contains(where: { $0.hasSuffix("-PLUS") }) {
            self.blame(7, "shows \(shown.mechanisms.sorted())")
        }
    }

    /// 220 to the gateway's STARTTLS: it would be a lie where the remote's leg is in clear text.
    func judgeSTARTTLS(_ code: Int, isRemotes: Bool) {
        if code == 454, !isRemotes { self.tally[.refusals, default: 0] += 1 }
        guard code == 220, !isRemotes else { return }
        let isClear = current.map { !self.remotes[$0].isClosed && self.remotes[$0].watch.security == nil } ?? false
        if self.floor?.security == nil || isClear { self.blame(7, "told the gateway 220 for STARTTLS, and the remote's leg is in clear text") }
    }
}

extension Security? {
    fileprivate var shown: String { self.map { "\($0)" } ?? "no TLS" }
}
