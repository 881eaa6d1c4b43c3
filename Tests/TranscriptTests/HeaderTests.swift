import NIOCore
import QuirkKit
import SMTPSession
import Testing

@testable import Transcript

/// What the header says of quirks arrives as the profile that a session is told.
@Suite struct HeaderTests {
    /// Says to the remote which profiles it was told.
    private struct Listener: Played {
        var deadline: NIODeadline?
        func read(_ bytes: ByteBuffer, from side: Side) {}
        func ended(_ side: Side) {}
        func next(at now: NIODeadline) -> [Action]? { nil }
        func remains(of side: Side) -> ByteBuffer { ByteBuffer() }
        func receive(_ event: Event, at now: NIODeadline) -> [Action] {
            switch event {
            case .opened: return [.connect(isExtra: false)]
            case .connected: return [.lookUp(.host("mx.example.net"))]
            case .shutdown: return [.lookUp(.domain("example.org"))]
            case .profile(let profile):
                let quirks = profile.layers.map { applied in
                    let options = applied.setting.options.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
                    return "\(applied.setting.name)\(options) (\(applied.source)\(applied.isDueForProbe ? ", due" : ""))"
                }
                let rest = "\(profile.ignored.sorted()) \(profile.shownKeywords.sorted()) \(profile.bypass) \(profile.asksForDomains)"
                if profile.tls != .opportunistic || !profile.tlsOfDomains.isEmpty || profile.authUnverified {
                    let domains = profile.tlsOfDomains.sorted { $0.key < $1.key }.map { " \($0.key) \($0.value.level)" }.joined()
                    let auth = profile.authUnverified ? " unverified" : ""
                    return [.send(ByteBuffer(string: "\(profile.tls.level) \(profile.tls.manner)\(domains)\(auth)\r\n"), to: .gateway)]
                }
                return [.send(ByteBuffer(string: (quirks + [rest]).joined(separator: "; ") + "\r\n"), to: .gateway)]
            default: return []
            }
        }
    }

    private struct Numbered: Quirk {
        let description = QuirkDescription(
            name: "numbered", repairs: "", detection: "",
            options: [
                OptionDescription("n", .integer(1...9), standard: .integer(1), meaning: ""),
                OptionDescription("for", .seconds(1...99), standard: nil, meaning: ""),
            ], evidence: [], stage: .mail)
        let watches = Watches.none
        func workarounds(_ options: Options) -> Workarounds { Workarounds() }
        func diagnose(_ seen: Observation, _ facts: Facts) -> Diagnosis? { nil }
    }

    private func play(_ header: String, _ body: String) throws -> [Failure] {
        let transcript = try Transcript(body, header: header)
        return transcript.play(.whole, catalogue: [Numbered()]) { _, _ in Listener() }.failures
    }

    @Test func `options are complete, and more is known as names become known`() throws {
        let failures = try self.play(
            """
            quirks: numbered n=3 (learned 2026-11-23, due for probe)
            quirks of host mx.example.net: numbered for=5s
            quirks of domain example.org: numbered
            ignore: a b
            keywords: XA
            bypass: yes

            """,
            """
            >C numbered n=3 (learned 2026-11-23, due); ["a", "b"] ["XA"] true true
            #1
            >C numbered for=5s n=1 (configured); ["a", "b"] ["XA"] true true
            """)
        #expect(failures == [])
    }

    @Test(arguments: [
        ("off", "off starttls"), ("required", "required starttls"), ("verified", "verified starttls"), ("implicit", "required implicit"),
        ("implicit, verified", "verified implicit"), ("passthrough", "opportunistic passthrough"),
    ])
    func `what is demanded of TLS`(_ written: String, _ heard: String) throws {
        #expect(try self.play("tls: \(written)\n", ">C \(heard)\n#1\n>C \(heard)") == [])
    }

    @Test func `more is demanded of TLS as names become known`() throws {
        let failures = try self.play(
            "auth: unverified\ntls of host mx.example.net: required\ntls of domain example.org: verified\n",
            """
            >C opportunistic starttls unverified
            #1
            >C required starttls unverified
            ! shutdown
            >C required starttls example.org verified unverified
            """)
        #expect(failures == [])
    }

    /// Only what is configured may weaken TLS where TLS is demanded.
    @Test(arguments: [("", true), (" (learned 2026-11-23)", false), (" (address table)", false)])
    func `what nobody says the origin of is configured`(_ origin: String, _ isConfigured: Bool) throws {
        let transcript = try Transcript("C= a", header: "quirks: numbered\(origin)\n")
        let profiles = try Profiles(transcript.header, catalogue: [Numbered()], file: "")
        #expect(profiles.current.layers.map { $0.origin == .rule } == [isConfigured])
    }

    @Test(arguments: ["nobody", "numbered n=10", "numbered m=1", "numbered n=x", "numbered for=5"])
    func `an unknown quirk, option or value is a failure`(_ quirks: String) throws {
        let failures = try self.play("quirks: \(quirks)\n", "C: a")
        #expect(failures.map(\.line) == [2])
        #expect(failures.allSatisfy { $0.heard.contains("quirk") }, "\(failures)")
    }
}
