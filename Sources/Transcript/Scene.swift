import NIOCore
import QuirkKit
import SMTPSession

/// One thing that happens, and all that is to be heard of it before the next thing happens.
///
/// Within a scene each leg is compared in order, octet for octet. Which leg hears its octets first is not compared: no peer can tell.
struct Scene: Hashable, Sendable {
    let line: Int
    var cue: Cue
    var expected: [Expectation] = []
    /// Where what was expected last is written.
    var lastLine: Int

    enum Cue: Hashable, Sendable {
        /// The gateway connects.
        case opening
        /// Lines said in a row by one peer, and what it does right behind them.
        case speech(Side, [Spoken], Ending)
        case closes(Side)
        case resets(Side)
        case lingers(Side)
        case passes(TimeAmount)
        case stands(Int)
        case connectFails(ConnectFailure)
        case route(RouteTo)
        case probe(granted: Bool)
        case placeWanted
        case shutdown
        case drained(Bool)
        case timeIsUp
        case secured(Side, Security)
        case securingFailed(Side, TLSFailure)
    }

    enum Ending: Hashable, Sendable { case none, closes, resets }

    enum RouteTo: Hashable, Sendable {
        case remote(String)
        case failed(String)
    }
}

/// One of the connections of a session: the gateway's, or the remote's first, second, …
enum Leg: Hashable, Sendable, CustomStringConvertible {
    case gateway
    case remote(Int)

    var side: Side {
        switch self {
        case .gateway: .gateway
        case .remote: .remote
        }
    }

    var description: String {
        switch self {
        case .gateway: self.side.letter
        case .remote(let number): "\(self.side.letter) on #\(number)"
        }
    }
}

extension Side {
    /// As it stands at the beginning of lines.
    var letter: String {
        switch self {
        case .gateway: "C"
        case .remote: "S"
        }
    }
}

struct Expectation: Hashable, Sendable {
    let line: Int
    let body: Body

    enum Body: Hashable, Sendable {
        case octets(Leg, Spoken)
        case line(Leg, like: String)
        case closed(Leg)
        case aborted(Leg)
        case ask(Ask)
        case trace(Trace)
        case relayed
    }
}

/// What a session asks its shell and waits for.
enum Ask: Hashable, Sendable, CustomStringConvertible {
    case connect(isExtra: Bool)
    case route(domain: String)
    case probe(quirk: String)
    /// To write octets once all before them has left.
    case drain
    /// TLS on a leg.
    case secure(Side, isLegacy: Bool)
    /// Takes `connect` back.
    case giveUpConnecting

    var description: String {
        switch self {
        case .connect(isExtra: false): "the first connection asked for"
        case .connect(isExtra: true): "an extra connection asked for"
        case .route(let domain): "the route to \(domain) asked for"
        case .drain: "octets to be written when drained"
        case .probe(let quirk): "~ asks-probe \(quirk)"
        case .secure(let side, let isLegacy): "% TLS \(side.letter)\(isLegacy ? " legacy" : "")"
        case .giveUpConnecting: "the connection asked for given up"
        }
    }
}
