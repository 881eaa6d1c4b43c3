import Testing

@testable import OpenSSLTLS

/// The handshake goes on whatever the certificate is; what there is to say against it is a fact, chain and name apart.
@Suite struct VerificationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let pair: Certificates.Pair
        let name: String?
        var alsoNamed: [String] = []
        var serverAge = TLSAge.modern
        let chain: String?
        let named: String?
        var testDescription: String { "\(self.pair.certificate.split(separator: "/").last ?? "") for \(self.name ?? "nobody")" }
    }

    private static let mx = Certificates.name
    static let cases = [
        Case(pair: Certificates.good, name: mx, chain: nil, named: nil),
        Case(pair: Certificates.good, name: "MX.Example.Test.", chain: nil, named: nil),
        Case(pair: Certificates.rsa, name: mx, chain: nil, named: nil),
        Case(
            pair: Certificates.other, name: mx, chain: nil, named: "the certificate is for other.example.test, not for mx.example.test"),
        Case(pair: Certificates.other, name: mx, alsoNamed: ["other.example.test"], chain: nil, named: nil),
        Case(pair: Certificates.expired, name: mx, chain: "certificate has expired", named: nil),
        Case(
            pair: Certificates.expiredOther, name: mx, chain: "certificate has expired",
            named: "the certificate is for other.example.test, not for mx.example.test"),
        Case(pair: Certificates.unknown, name: mx, chain: "unable to get local issuer certificate", named: nil),
        Case(pair: Certificates.small, name: mx, serverAge: .legacy, chain: "EE certificate key too weak", named: nil),
        Case(pair: Certificates.deepChain, name: mx, chain: nil, named: nil),
        Case(pair: Certificates.deep, name: mx, chain: "unable to get local issuer certificate", named: nil),
        Case(pair: Certificates.address, name: "127.0.0.1", chain: nil, named: nil),
        Case(pair: Certificates.address, name: "0:0::1", chain: nil, named: nil),
        Case(
            pair: Certificates.address, name: "127.0.0.2", chain: nil,
            named: "the certificate is for 127.0.0.1, ::1, *.wild.test, not for 127.0.0.2"),
        Case(pair: Certificates.address, name: "a.wild.test", chain: nil, named: nil),
        Case(
            pair: Certificates.address, name: "a.b.wild.test", alsoNamed: ["wild.test"], chain: nil,
            named: "the certificate is for 127.0.0.1, ::1, *.wild.test, not for a.b.wild.test or wild.test"),
        Case(pair: Certificates.good, name: nil, chain: nil, named: "no name was expected"),
    ]

    @Test(arguments: cases, [TLSAge.modern, .legacy])
    func theReasonIsInWords(_ it: Case, age: TLSAge) throws {
        let pair = try MemoryPair(
            TLSHandler(client: .testing(age), name: it.name, alsoNamed: it.alsoNamed), TLSHandler(server: .testing(it.pair, it.serverAge)))
        pair.pump()
        let facts = try #require(pair.client.recorder.facts)
        #expect(facts.chainDoubt == it.chain)
        #expect(facts.nameDoubt == it.named)
        #expect(facts.isVerified == (it.chain == nil && it.named == nil))
        #expect(
            facts.doubt == ([it.chain, it.named].compactMap { $0 }.isEmpty ? nil : [it.chain, it.named].compactMap { $0 }.joined(separator: "; ")))
        pair.close()
    }

    @Test func aSmallKeyIsAWeakness() throws {
        let pair = try MemoryPair(
            TLSHandler(client: .testing(.legacy), name: Certificates.name), TLSHandler(server: .testing(Certificates.small, .legacy)))
        pair.pump()
        #expect(pair.client.recorder.facts?.weaknesses == [.certificateKey(bits: 1024)])
        #expect(pair.client.recorder.facts?.peer?.keyBits == 1024)
        pair.close()
    }

    /// OpenSSL as Debian builds it has none of them, other builds have.
    @Test(arguments: [
        ("RC4-SHA", true), ("ECDHE-RSA-RC4-SHA", true), ("RC4-MD5", true), ("NULL-MD5", true), ("AES128-SHA", false),
        ("TLS_AES_256_GCM_SHA384", false), ("DHE-RSA-AES128-SHA", false),
    ]) func aBrokenCipherIsAWeakness(_ name: String, isBroken: Bool) { #expect(TLSWeakness.isBroken(name) == isBroken) }

    @Test func anAddressIsNotSentAsAName() throws {
        let pair = try MemoryPair(
            TLSHandler(client: .testing(), name: "127.0.0.1"), TLSHandler(server: .testing(Certificates.address)))
        pair.pump()
        #expect(pair.server.recorder.facts != nil)
        #expect(pair.server.recorder.facts?.requestedName == nil)
        pair.close()
    }

    /// A certificate that is itself in the file of trust needs no authority.
    @Test func aServersOwnCertificateCanBeTrusted() throws {
        let client = try TLSClientContext(trust: .file(Certificates.unknown.certificate))
        let pair = try MemoryPair(TLSHandler(client: client, name: Certificates.name), TLSHandler(server: .testing(Certificates.unknown)))
        pair.pump()
        #expect(pair.client.recorder.facts?.doubt == nil)
        pair.close()
    }

    @Test func theSystemDoesNotTrustOurAuthority() throws {
        let pair = try MemoryPair(TLSHandler(client: TLSClientContext(), name: Certificates.name), TLSHandler(server: .testing()))
        pair.pump()
        #expect(pair.client.recorder.facts?.chainDoubt == "unable to get local issuer certificate")
        pair.close()
    }
}
