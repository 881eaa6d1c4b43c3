import QuirkKit
import SMTPSession

extension Transcript {
    /// The session as written, to be shown: `transcript.passages.rendered()`.
    public var passages: [Passage] { self.steps.compactMap(\.passage) }
}

extension Step {
    fileprivate var passage: Passage? {
        switch self.body {
        case .says(.gateway, let spoken, passes: false): .gatewaySays(spoken.text)
        case .says(.gateway, let spoken, passes: true): .passesToRemote(spoken.text)
        case .says(.remote, let spoken, passes: false): .remoteSays(spoken.text)
        case .says(.remote, let spoken, passes: true): .passesToGateway(spoken.text)
        case .hears(.gateway, let spoken): .gatewayHears(spoken.text)
        case .hears(.remote, let spoken): .remoteHears(spoken.text)
        case .hearsLike(.gateway, let pattern): .gatewayHears(pattern)
        case .hearsLike(.remote, let pattern): .remoteHears(pattern)
        case .closes(let side): Self.remark(side, "closes")
        case .resets(let side): Self.remark(side, "resets the connection")
        case .lingers(let side): Self.remark(side, "does not close")
        case .hearsClosed(let side): Self.remark(side, "closed by Mailshim")
        case .hearsAborted(let side): Self.remark(side, "aborted by Mailshim")
        case .connection(let number, .standsAtOnce), .connection(let number, .stands): .remoteRemark("connection \(number)")
        case .connection(let number, .asked): .remoteRemark("connection \(number) asked for")
        case .connection(let number, .givenUp): .remoteRemark("connection \(number) given up")
        case .connection(let number, .fails(.failed(let reason))): .remoteRemark("connection \(number): \(reason)")
        case .connection(let number, .fails(.noPlace)): .remoteRemark("connection \(number): no place")
        case .connection(let number, .fails(.backedOff)): .remoteRemark("connection \(number): backed off")
        case .passes(let amount): .remark("\(Span.text(amount)) later")
        case .route(let domain, let remote): .remark("\(domain) is at \(remote)")
        case .routeFails(let domain, let reply): .remark("no way to \(domain): \(reply)")
        case .relayed: .remark("from here on octets pass unread")
        case .shutdown: .remark("Mailshim is stopped")
        case .held: .remark("the end is held back")
        case .drained(let isDrained): .remark(isDrained ? "all before has left" : "the remote takes no more")
        case .timeIsUp: .remark("its time is up")
        case .placeWanted: .remark("another session wants the place")
        case .tls(let side, _, .standsAtOnce), .tls(let side, _, .stands): Self.remark(side, "TLS")
        case .tls(let side, _, .begins): Self.remark(side, "TLS begins")
        case .tls(let side, _, .fails(let failure)): Self.remark(side, "no TLS: \(failure.because)")
        case .trace, .probe: nil
        }
    }

    private static func remark(_ side: Side, _ text: String) -> Passage {
        side == .gateway ? .gatewayRemark(text) : .remoteRemark(text)
    }
}
