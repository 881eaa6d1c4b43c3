import NIOCore
import QuirkKit
import SMTPSession
import Synchronization

/// What the sessions of one configuration share. A reload makes a new one; sessions keep theirs.
final class ConfigSnapshot: Sendable {
    let settings: Settings
    let catalogue: Catalogue
    let connectTimeout: TimeAmount
    let mostSessions: Int
    let mostSessionsPerGateway: Int
    let policies: any PolicySource
    let encryption: Encryption
    private let services: SharedServices

    init(
        settings: Settings, catalogue: Catalogue, connectTimeout: TimeAmount = .seconds(30), mostSessions: Int = 10_000,
        mostSessionsPerGateway: Int = 2_000, policies: any PolicySource, encryption: Encryption = Encryption(), services: SharedServices
    ) {
        (self.settings, self.catalogue, self.connectTimeout) = (settings, catalogue, connectTimeout)
        (self.mostSessions, self.mostSessionsPerGateway) = (mostSessions, mostSessionsPerGateway)
        (self.policies, self.encryption, self.services) = (policies, encryption, services)
    }

    var log: Log { self.services.log }
    var places: ConnectionLimiter { self.services.places }
    var sessions: Sessions { self.services.sessions }
    var loopDetector: LoopDetector { self.services.loopDetector }
    var nextTurns: NextTurns { self.services.nextTurns }
    var resolver: Resolver { self.services.resolver }
    var refusals: Refusals { self.services.refusals }
    var metrics: Metrics { self.services.metrics }

    /// Whether one of our listeners would take a connection to this address.
    func isOwn(_ address: SocketAddress) -> Bool { self.services.addresses.listen(on: address) }

    /// The port does not matter.
    func isOfThisMachine(_ address: SocketAddress) -> Bool { self.services.addresses.isOfThisMachine(address) }
}

/// What outlives a reload.
final class SharedServices: Sendable {
    let log: Log
    let places = ConnectionLimiter()
    let sessions = Sessions()
    let loopDetector = LoopDetector()
    let nextTurns = NextTurns()
    let resolver = Resolver()
    let addresses = OwnAddresses()
    let refusals = Refusals()
    let metrics: Metrics
    /// The last that `firewall watch` told.
    let redirect = Mutex<(report: RedirectReport, until: NIODeadline)?>(nil)
    let ownCertificate: OwnCertificate

    init(log: Log, quirks: [String] = []) {
        self.log = log
        self.metrics = Metrics(quirks: quirks)
        self.ownCertificate = OwnCertificate(log: log)
    }
}
