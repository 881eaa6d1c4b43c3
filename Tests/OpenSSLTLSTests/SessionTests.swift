import Glibc
import Testing

@testable import OpenSSLTLS

@Suite struct SessionTests {
    private let cache = TLSSessionCache()
    private let server: TLSServerContext

    init() throws { self.server = try .testing() }

    /// One connection with a few words, so that the tickets are read.
    private func connect(
        _ client: TLSClientContext, address: String = "192.0.2.1:25", name: String? = Certificates.name, alsoNamed: [String] = [],
        setting: String = "",
        to server: TLSServerContext? = nil
    ) throws -> TLSFacts {
        let pair = try MemoryPair(
            TLSHandler(client: client, name: name, alsoNamed: alsoNamed, sessions: self.cache.place(address: address, setting: setting)),
            TLSHandler(server: server ?? self.server))
        pair.server.write("220\r\n")
        pair.pump()
        #expect(pair.client.recorder.text == "220\r\n")
        // Ends without a word: that spoils nothing.
        pair.client.hangUp()
        pair.close()
        return try #require(pair.client.recorder.facts)
    }

    @Test(arguments: [TLSAge.modern, .legacy])
    func theSecondConnectionResumes(_ age: TLSAge) throws {
        let client = try TLSClientContext.testing(age)
        let first = try self.connect(client)
        #expect(!first.resumed && first.isVerified)
        #expect(self.cache.count == 1)
        for _ in 0..<3 {
            let next = try self.connect(client)
            #expect(next.resumed && next.isVerified)
            #expect(next.peer == first.peer)
            #expect(next.version == first.version)
        }
        #expect(self.cache.count == 1)
    }

    @Test func nothingIsResumedElsewhere() throws {
        let client = try TLSClientContext.testing()
        _ = try self.connect(client)
        #expect(try !self.connect(client, address: "192.0.2.2:25").resumed)
        #expect(try !self.connect(client, name: "other.example.test").resumed)
        #expect(try !self.connect(client, name: nil).resumed)
        #expect(try !self.connect(client, setting: "verified").resumed)
        #expect(try !self.connect(.testing()).resumed)
        #expect(try self.connect(client).resumed)
        #expect(try self.connect(client, name: Certificates.name.uppercased()).resumed)
    }

    @Test func aResumedSessionKeepsItsVerdictAndIsLookedAtForTheName() throws {
        let server = try TLSServerContext.testing(Certificates.expired)
        let client = try TLSClientContext.testing()
        let first = try self.connect(client, name: nil, alsoNamed: [Certificates.name], to: server)
        #expect(first.doubt == "certificate has expired")
        let second = try self.connect(client, name: nil, alsoNamed: ["other.example.test"], to: server)
        #expect(second.resumed)
        #expect(second.chainDoubt == "certificate has expired")
        #expect(second.nameDoubt == "the certificate is for mx.example.test, not for other.example.test")
    }

    /// A server that was started anew does not know its tickets any more.
    @Test func anotherServerMeansAFullHandshake() throws {
        let client = try TLSClientContext.testing()
        _ = try self.connect(client)
        #expect(try !self.connect(client, to: .testing()).resumed)
    }

    @Test func aHandshakeThatFailsForgetsTheSession() throws {
        let client = try TLSClientContext.testing()
        _ = try self.connect(client)
        #expect(self.cache.count == 1)
        let pair = MemoryPair()
        try pair.client.connect(TLSHandler(client: client, name: Certificates.name, sessions: self.cache.place(address: "192.0.2.1:25", setting: "")))
        pair.client.hangUp()
        #expect(self.cache.count == 0)
        pair.close()
    }

    @Test func itIsBoundedAndTheOldestGo() throws {
        let client = try TLSClientContext.testing()
        _ = try self.connect(client)
        let key = TLSSessionCache.Key(address: "192.0.2.1:25", name: Certificates.name, setting: "", generation: client.settings.generation)
        let session = try #require(self.cache.session(for: key))
        for limit in [1, 8, 100] {
            let cache = TLSSessionCache(limit: limit)
            for number in 0..<1000 {
                let key = TLSSessionCache.Key(address: "\(number)", name: nil, setting: "", generation: 1)
                cache.keep(session, for: key)
                if number % 3 == 0 { cache.keep(session, for: key) }
                #expect(cache.count <= limit)
                #expect(cache.session(for: key) != nil)
            }
            #expect(cache.count > limit / 2)
        }
    }

    @Test func noSessionIsOlderThanTwoHours() throws {
        let client = try TLSClientContext.testing()
        _ = try self.connect(client)
        let key = TLSSessionCache.Key(address: "192.0.2.1:25", name: Certificates.name, setting: "", generation: client.settings.generation)
        let session = try #require(self.cache.session(for: key))
        #expect(self.cache.session(for: key, now: session.expires - 1) != nil)
        #expect(self.cache.session(for: key, now: session.expires) == nil)
        #expect(self.cache.count == 0)
        let start = try #require(Optional(session.expires - 7200))
        #expect(abs(start - time(nil)) < 60)
    }

    @Test func allCanBeForgotten() throws {
        let client = try TLSClientContext.testing()
        _ = try self.connect(client)
        self.cache.removeAll()
        #expect(self.cache.count == 0)
        #expect(try !self.connect(client).resumed)
    }
}
