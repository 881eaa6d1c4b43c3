/// What happens in random sessions, and must, so that the laws are tried by them.
enum Happening: CaseIterable {
    /// With the remote; with old TLS.
    case handshakes, oldTLS
    /// Mail on an extra connection behind one with TLS; a step down the ladder.
    case extraOverTLS, ladders
    /// More than 220 to STARTTLS, and more than STARTTLS.
    case injections, gatewayInjections
    /// The gateway's STARTTLS: it stands, or was answered 454.
    case gatewayTLS, refusals
    /// AUTH of the gateway; said again; not accepted; that would have to be said again, and cannot be.
    case auths, replayedAuths, failedAuths, handBacks

    /// So often in all sessions of law 7.
    var least: Int {
        switch self {
        case .handshakes: 400
        case .extraOverTLS, .gatewayTLS: 80
        case .oldTLS, .auths: 30
        case .ladders, .injections, .refusals, .failedAuths: 15
        case .gatewayInjections, .replayedAuths, .handBacks: 5
        }
    }
}
