import NIOCore
import QuirkKit
import SMTPSession

/// What the sessions of one configuration share. A reload makes a new one; sessions keep theirs.
final class House: Sendable {
    let settings: Settings
    let catalogue: [any Quirk]
    let connectTimeout: TimeAmount
    let mostSessions: Int
    let mostSessionsPerGateway: Int
    let counsel: any Counsel
    let encryption: Encryption
    private let premises: Premises

    init(
        settings: Settings, catalogue: [any Quirk], connectTimeout: TimeAmount = .seconds(30), mostSessions: Int = 10_000,
        mostSessionsPerGateway: Int = 2_000, counsel: any Counsel, encryption: Encryption = Encryption(), premises: Premises
    ) {
        (self.settings, self.catalogue, self.connectTimeout) = (settings, catalogue, connectTimeout)
        (self.mostSessions, self.mostSessionsPerGateway) = (mostSessions, mostSessionsPerGateway)
        (self.counsel, self.encryption, self.premises) = (counsel, encryption, premises)
    }

    var log: Log { self.premises.log }
    var places: Places { self.premises.places }
    var sessions: Sessions { self.premises.sessions }
    var loops: Loops { self.premises.loops }
    var nextTurns: NextTurns { self.premises.nextTurns }
    var resolver: Resolver { self.premises.resolver }
    var refusals: Refusals { self.premises.refusals }

    /// Whether one of our listeners would take a connection to this address.
    func isOwn(_ address: SocketAddress) -> Bool { self.premises.addresses.listen(on: address) }

    /// The port does not matter.
    func isOfThisMachine(_ address: SocketAddress) -> Bool { self.premises.addresses.isOfThisMachine(address) }
}

/// What outlives a reload.
final class Premises: Sendable {
    let log: Log
    let places = Places()
    let sessions = Sessions()
    let loops = Loops()
    let nextTurns = NextTurns()
    let resolver = Resolver()
    let addresses = OwnAddresses()
    let refusals = Refusals()
    let ownCertificate: OwnCertificate

    init(log: Log) {
        self.log = log
        self.ownCertificate = OwnCertificate(log: log)
    }
}
