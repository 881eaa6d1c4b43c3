import Foundation
import Testing

extension Peers {
    /// `mailshim probe` against real mail servers: it finds what is there, and nothing else.
    @Suite(.enabled(if: Shim.obstacle == nil, Shim.reason)) struct Probes {
        private struct Outcome {
            let status: Int32
            let output: String
            private let json: [String: Any]

            init(_ host: RealHost, trusting authority: String = Certificates.authority.certificate) async throws {
                let scratch = try Scratch("probe")
                let words = "--helo gateway.test --json --timeout 20 --send-to box@remote.test --from a@gateway.test"
                let job = try Job(
                    "exec '\(binary.path)' probe localhost:\(host.port) \(words)", in: scratch.url,
                    environment: ["SSL_CERT_FILE": authority])
                let result = await job.result(within: 120)
                (self.status, self.output) = (result.status, result.output)
                self.json = (try? JSONSerialization.jsonObject(with: Data(result.output.utf8))) as? [String: Any] ?? [:]
            }

            var quirks: [String] {
                (self.json["quirks"] as? [[String: Any]] ?? []).map { quirk in
                    let options = (quirk["options"] as? [String: String] ?? [:]).sorted { $0.key < $1.key }.map {
                        "\($0.key)=\($0.value)"
                    }
                    return ([quirk["name"] as? String ?? ""] + options + [quirk["certainty"] as? String ?? ""]).joined(
                        separator: " ")
                }
            }

            var tls: [String: Any] { self.json["tls"] as? [String: Any] ?? [:] }
            var messages: Int? { self.json["messages_sent"] as? Int }

            func found(_ tried: String) -> String? {
                (self.json["findings"] as? [[String: Any]])?.first { $0["tried"] as? String == tried }?["found"]
                    as? String
            }
        }

        @Test(arguments: RealHost.Kind.allCases)
        func aHealthyHostHasNoQuirk(_ kind: RealHost.Kind) async throws {
            let host = try await RealHost(kind)
            let outcome = try await Outcome(host)
            print(
                "probe of \(kind.rawValue): \(outcome.found("EHLO") ?? "nothing"); \(outcome.found("STARTTLS") ?? "no TLS")"
            )
            #expect(outcome.quirks == [] && outcome.status == 0, "\(outcome.output)\n\(host.log.suffix(3000))")
            #expect(outcome.messages == 2, "\(outcome.output)")
            // What each offers it can do.
            #expect(outcome.found("parameters")?.hasPrefix("accepted: ") == true, "\(outcome.output)")
            #expect(
                outcome.found("parameters")?.contains("SIZE=1000, BODY=7BIT, BODY=8BITMIME") == true,
                "\(outcome.output)")
            if kind == .opensmtpd { return #expect(outcome.found("STARTTLS") == "not offered") }
            #expect(outcome.tls["version"] as? String == "TLSv1.3", "\(host.log.suffix(3000))")
            #expect(outcome.tls["names"] as? [String] == [Certificates.name])
            #expect(outcome.tls["chain_doubt"] is NSNull, "\(outcome.tls)")
            #expect((outcome.tls["name_doubt"] as? String)?.contains("not for localhost") == true, "\(outcome.tls)")
            await host.stop()
        }

        /// Shape D in real software.
        @Test func anEximThatTakesOneMessagePerConnection() async throws {
            let host = try await RealHost(.exim, extra: "smtp_accept_max_per_connection = 1")
            let outcome = try await Outcome(host)
            #expect(outcome.quirks == ["message-limit messages=1 shown"] && outcome.status == 1, "\(outcome.output)")
            await host.stop()
        }

        @Test(arguments: RealHosts.old)
        func aHostWithOldTLS(_ kind: RealHost.Kind, _ settings: String) async throws {
            let host = try await RealHost(kind, Certificates.rsa, extra: settings)
            let outcome = try await Outcome(host)
            #expect(outcome.quirks == ["legacy-tls shown"] && outcome.status == 1, "\(outcome.output)")
            #expect(outcome.tls["version"] as? String == "TLSv1")
            await host.stop()
        }

        /// A Postfix that refuses each sender.
        @Test func aPolicyIsNoQuirk() async throws {
            let host = try await RealHost(
                .postfix, extra: "smtpd_sender_restrictions = reject\nsmtpd_delay_reject = no")
            let outcome = try await Outcome(host)
            #expect(outcome.quirks == [] && outcome.status == 0, "\(outcome.output)")
            #expect(outcome.found("MAIL")?.hasPrefix("refused: 554 5.7.1") == true, "\(outcome.output)")
            await host.stop()
        }
    }
}
