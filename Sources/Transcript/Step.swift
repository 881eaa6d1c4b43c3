import NIOCore
import SMTPSession

/// One line of a transcript below its header.
struct Step: Hashable, Sendable {
    let line: Int
    let body: Body

    enum Body: Hashable, Sendable {
        /// `C: …`; with `passes` (`C= …`) the other side is to hear the same.
        case says(Side, Spoken, passes: Bool)
        /// `>C …`
        case hears(Side, Spoken)
        /// `>C? 451 *`
        case hearsLike(Side, String)
        /// `! C closes`: it says no more, but still listens.
        case closes(Side)
        /// `! C resets`
        case resets(Side)
        /// `! S lingers`: the peer does not close its half when ours is closed.
        case lingers(Side)
        /// `! >C closed`: our half is closed, politely.
        case hearsClosed(Side)
        /// `! >C aborted`: the connection is gone at once.
        case hearsAborted(Side)
        /// `#2` and `! #2 …`
        case connection(Int, Connecting)
        /// `@ +5s`
        case passes(TimeAmount)
        /// `~ …`
        case trace(Trace)
        /// `! route example.org to 192.0.2.1:25`
        case route(domain: String, to: String)
        /// `! route example.org fails 451 4.4.3 no answer from DNS`
        case routeFails(domain: String, reply: String)
        /// `~ asks-probe message-limit: granted`
        case probe(quirk: String, granted: Bool)
        /// `! relayed`: from here on octets pass unread.
        case relayed
        case placeWanted
        case shutdown
        /// `! drained`: the end that is held may be written now; `! not drained`: the remote has not taken what comes before it in time.
        case drained(Bool)
        case timeIsUp
        /// `! held`: Mailshim asks for that, and other things happen.
        case held
        /// `% TLS S …`: Mailshim begins TLS on this leg. `isLegacy`: with old versions allowed.
        case tls(Side, isLegacy: Bool, Handshake)
    }

    enum Connecting: Hashable, Sendable {
        /// Asked for, and there at once.
        case standsAtOnce
        case asked
        case stands
        /// Mailshim does not want it any more.
        case givenUp
        case fails(ConnectFailure)
    }
}

extension Step {
    static func all(in lines: inout Lines) throws(TranscriptError) -> [Step] {
        var steps: [Step] = []
        var last = 1
        while let line = lines.next() {
            last = line.number
            if line.text.isEmpty || line.text == "#" || line.text.hasPrefix("# ") { continue }
            switch Body.parse(line.text) {
            case .success(let body): steps.append(Step(line: line.number, body: body))
            case .failure(let fault): throw TranscriptError(file: lines.file, line: line.number, fault: fault)
            }
        }
        guard !steps.isEmpty else { throw TranscriptError(file: lines.file, line: last, fault: .empty) }
        return steps
    }
}
