import NIOCore
import QuirkKit
import SMTPSession

/// What the sessions of one configuration share. A reload makes a new one; sessions keep theirs.
final class House: Sendable {
    let settings: Settings
    let catalogue: [any Quirk.Type]
    let connectTimeout: TimeAmount
    let counsel: any Counsel
    let places: Places
    let sessions: Sessions
    let log: Log

    init(
        settings: Settings, catalogue: [any Quirk.Type], connectTimeout: TimeAmount, counsel: any Counsel, places: Places, sessions: Sessions, log: Log
    ) {
        (self.settings, self.catalogue, self.connectTimeout) = (settings, catalogue, connectTimeout)
        (self.counsel, self.places, self.sessions, self.log) = (counsel, places, sessions, log)
    }
}
