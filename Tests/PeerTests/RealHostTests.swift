import Testing

extension Peers {
    /// Real TLS servers (Exim's is GnuTLS, Postfix's OpenSSL) as remote hosts, real TLS clients as gateways, Mailshim between them.
    @Suite(.enabled(if: Shim.obstacle == nil, Shim.reason)) struct RealHosts {
        static let gateways: [Gateway] = [.exim, .postfix]

        @Test(arguments: RealHost.Kind.delivering, gateways)
        func everyLetterArrivesOverTLS(_ kind: RealHost.Kind, _ gateway: Gateway) async throws {
            for rule in ["opportunistic", "required", "verified"] {
                let run = try await Run(
                    kind, gateway, letters: 12, rule: "tls = \"\(rule)\"" + (rule == "verified" ? "\nnames = [\"\(Certificates.name)\"]" : ""))
                print("\(gateway) to \(kind.rawValue) as the host, TLS \(rule): \(run)")
                run.judge(version: "TLSv1.3")
            }
        }

        /// Shape D in real software: one message per connection, then "421 too many messages in this connection".
        @Test(arguments: gateways)
        func everyLetterArrivesAtAnEximThatTakesOneMessagePerConnection(_ gateway: Gateway) async throws {
            let run = try await Run(.exim, gateway, letters: 40, rule: "tls = \"required\"", host: "smtp_accept_max_per_connection = 1")
            print("\(gateway) to exim as the host, one message per connection, TLS required: \(run)")
            run.judge(version: "TLSv1.3")
            #expect(run.shimLog.contains("quirk=message-limit"), run.tail)
            #expect(run.connections >= 40, run.tail)
        }

        /// Hosts that speak nothing newer than TLS 1.0.
        static let old: [(RealHost.Kind, String)] = [
            (.exim, "tls_require_ciphers = NORMAL:-VERS-ALL:+VERS-TLS1.0"),
            (.postfix, "smtpd_tls_protocols = TLSv1\nsmtpd_tls_ciphers = low\ntls_low_cipherlist = ALL:@SECLEVEL=0"),
        ]

        @Test(arguments: old)
        func everyLetterArrivesAtAnOldHost(_ kind: RealHost.Kind, _ settings: String) async throws {
            let run = try await Run(kind, .exim, letters: 12, rule: "tls = \"opportunistic\"", host: settings, identity: Certificates.rsa)
            print("exim to \(kind.rawValue) as an old host, TLS opportunistic: \(run)")
            run.judge(version: "TLSv1")
            // Three failures over an hour are needed; each session finds out anew meanwhile.
            #expect(run.shimLog.contains(" quirk=legacy-tls ") && run.shimLog.contains(" action=legacy-tls outcome=ok "), run.tail)
            #expect(!run.shimLog.contains(" event=quirk-learned "), run.tail)
        }

        /// Under `required` there is no such step, nor one into clear text: the gateway, which itself would send in clear text, keeps its letters.
        @Test(arguments: old)
        func anOldHostGetsNothingWhereTheRuleDemandsMore(_ kind: RealHost.Kind, _ settings: String) async throws {
            let run = try await Run(
                kind, .exim, letters: 2, rule: "tls = \"required\"", host: settings, identity: Certificates.rsa, security: .opportunistic)
            print("exim to \(kind.rawValue) as an old host, TLS required: \(run)")
            #expect(run.outcome.deferred == 2 && run.outcome.bounced == 0 && run.arrivals.isEmpty, run.tail)
            #expect(run.outcome.log.contains("451 4.7.5"), "\(run.outcome.log)")
        }
    }
}
