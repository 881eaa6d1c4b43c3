import LearnedQuirks
import OpenSSLTLS
import QuirkKit
import Rules
import SMTPWire

/// STARTTLS, with the steps down that opportunistic TLS takes (RFC 7435 §3), and the host's certificate.
extension Examination {
    /// - Returns: a connection ready for a transaction, encrypted where the host can do it.
    func firstTLS(_ first: ProbeSession) -> ProbeSession? {
        guard first.keywords?.contains("STARTTLS") == true else {
            self.add(ProbeFinding("STARTTLS", "not offered", []))
            return first
        }
        var session = first
        var lines: [String] = []
        var cause: (verdict: ProbeJudge.Verdict, seen: Seen)?
        while true {
            let mark = session.lines.count
            let result = self.startTLS(session)
            lines += session.lines(since: mark)
            switch result {
            case .stands(let facts):
                self.usesTLS = true
                self.report.tls = facts
                let quirk = cause.map { ProbedQuirk($0.verdict, $0.seen, isShown: $0.verdict.diagnosis.counts != nil) }
                self.add(ProbeFinding("STARTTLS", self.words(of: facts), lines, quirk))
                return session
            case .failed(let failure):
                session.leave()
                let seen = Seen(
                    observation: Observation(.tlsFailed(failure), to: .starttls),
                    facts: Facts(isEncrypted: false, workarounds: self.assumed))
                let verdict = failure.kind == .ours ? nil : ProbeJudge.verdict(on: seen)
                if let verdict { self.assumed.fold(verdict.workarounds) } else { self.assumed.tls = .clear }
                lines.append("(another connection)")
                guard let next = self.reopen(beforeTLS: true) else {
                    self.add(ProbeFinding("STARTTLS", "fails: \(failure.because)", lines))
                    return nil
                }
                session = next
                cause = verdict.map { ($0, seen) }
                guard self.assumed.tls == .clear else { continue }
                self.add(self.finding(on: failure, cause, lines + next.lines))
                return next
            }
        }
    }

    private func finding(
        on failure: TLSFailure, _ cause: (verdict: ProbeJudge.Verdict, seen: Seen)?, _ lines: [String]
    ) -> ProbeFinding {
        // A 4xx may be over tomorrow: it says nothing of the host.
        guard let cause, cause.verdict.diagnosis.counts != nil else {
            return ProbeFinding(
                "STARTTLS", "does not work now: \(failure.because); in clear text EHLO is accepted", lines)
        }
        let text = "offered, and does not work: \(failure.because); in clear text EHLO is accepted"
        return ProbeFinding("STARTTLS", text, lines, ProbedQuirk(cause.verdict, cause.seen, isShown: true))
    }

    /// STARTTLS, the handshake and EHLO over TLS.
    func startTLS(_ session: ProbeSession) -> ProbedTLS {
        let context: TLSClientContext
        do throws(TLSError) {
            context = try TLSClientContext(age: self.assumed.tls == .legacy ? .legacy : .modern)
        } catch {
            return .failed(TLSFailure(.ours, because: error.description))
        }
        let name = IPAddress(self.plan.endpoint.host) == nil ? self.plan.endpoint.host : nil
        let tls = session.startTLS(context, name: name)
        guard case .stands = tls else { return tls }
        let seen = self.hello(session)
        if seen?.isAccepted == true { return tls }
        return .failed(
            TLSFailure(
                .hello(seen?.reply?.code), because: "EHLO over TLS: \(seen?.words ?? "the connection was closed")"))
    }

    private func words(of facts: TLSFacts) -> String {
        var parts = ["\(facts.version), \(facts.cipher)"]
        if !facts.weaknesses.isEmpty {
            parts.append("weak: \(facts.weaknesses.map(\.description).joined(separator: ", "))")
        }
        if let peer = facts.peer {
            let names =
                peer.names.isEmpty
                ? peer.subject : peer.names.prefix(6).joined(separator: ", ") + (peer.names.count > 6 ? ", …" : "")
            parts.append("certificate for \(names), \(Self.validity(of: peer))")
        }
        parts.append("chain: \(facts.chainDoubt ?? "trusted")")
        if IPAddress(self.plan.endpoint.host) == nil { parts.append("name: \(facts.nameDoubt ?? "is the host's")") }
        return parts.joined(separator: "; ")
    }

    private static func validity(of peer: TLSCertificate) -> String {
        let days = (peer.notAfter - Moment.now.seconds) / 86_400
        let until = Moment(at: peer.notAfter).day
        return peer.notAfter < Moment.now.seconds ? "expired on \(until)" : "valid until \(until) (\(days) days)"
    }
}
