import NIOCore
import SMTPWire

/// The connection to the remote, and what is known of it. A new connection is a new value: nothing is carried over (pools of unlike hosts).
struct Connection: Sendable {
    enum State: Hashable, Sendable {
        case none
        case connecting
        case greeting
        /// EHLO was sent.
        case hello
        /// STARTTLS was sent.
        case startingTLS
        /// The TLS handshake.
        case securing
        /// AUTH is said again, on an extra connection.
        case authenticating
        case ready
        /// QUIT was sent; for up to `timeouts.quit` its close is waited for.
        case retiring
    }

    /// Number in the session, from 1; 0: there was none yet.
    var number = 0
    /// Changes go through `enter`, which starts the clock.
    private(set) var state = State.none
    /// When `state` was entered, or the oldest unanswered command was sent or became the oldest.
    private(set) var since = NIODeadline.uptimeNanoseconds(0)
    /// How long the slowest reply on it took.
    private(set) var slowest = TimeAmount.zero
    /// When the last reply came.
    var lastReply = NIODeadline.uptimeNanoseconds(0)
    /// Whether it was a refusal.
    var followsRefusal = false
    /// It greeted anew behind the handshake.
    var greetedOverTLS = false
    /// No greeting is waited for any longer before it is spoken to (`slow-starter`).
    var isSpokenTo = false
    /// Its refusal of EHLO over TLS, where HELO is said instead.
    var helloRefusal: Reply?
    /// RSET was said before HELO, since HELO alone heard 503.
    var resetBeforeHello = false
    /// Its reply to HELO, where HELO was said.
    var plainGreeting: Reply?
    /// So much of AUTH was said again.
    var authenticationStep = 0
    /// The TLS that stands on it; nil: clear text.
    var security: Security?
    /// Other connections of ours to the host, when it stood.
    var alongside = 0
    /// The name in the greeting; "" where there is none.
    var host = ""
    /// What the latest EHLO offers; nil before EHLO and after HELO.
    var keywords: Keywords?
    /// Of these, what is not used (`Workarounds.unusedKeywords`).
    var unused: Set<String> = []
    /// `MAIL` commands sent.
    var mails = 0
    /// Those of them that came before the transaction in progress.
    var mailsBefore = 0
    /// Recipients accepted, of all transactions.
    var recipients = 0
    /// Messages completed: a positive reply to the end of data.
    var messages = 0
    /// `MAIL` commands by the last message that passed without any repair, behind another; and so many of them the memory knows.
    var reusedMails = 0
    var notedMails = 0
    /// Whether a `MAIL` was accepted after a completed message.
    var isReused = false
    /// Whether the last command sent was RSET, whoever wanted it.
    var endsInReset = false
    /// Whether the last `MAIL` came directly behind a RSET.
    var mailFollowedReset = false
    /// Whether it answered 503 without a message before: it takes no further `MAIL`.
    var isDistrusted = false
    /// Whether it said more than it was asked, and something would have been written to it since.
    var isDesynchronised = false
    /// Whether the transaction before failed or was left open, so that a 503 may be right (shape C).
    var transactionLeftOpen = false
    /// What was sent and not yet answered.
    private(set) var flight = Flight()
    /// A transaction that the gateway left open stands on it, whose recipients another could inherit: it is reset before the next `MAIL`.
    var holdsTransaction = false

    var offersPipelining: Bool { self.uses("PIPELINING") }
    var offersChunking: Bool { self.uses("CHUNKING") }

    private func uses(_ keyword: String) -> Bool { self.keywords?.contains(keyword) == true && !self.unused.contains(keyword) }

    /// Law 4: until this connection has accepted a `MAIL` after a completed message, the next goes alone.
    var mustSendMailAlone: Bool { (self.messages > 0 && !self.isReused) || self.transactionLeftOpen }

    /// Whether it is in this state, and spoken to without waiting for a greeting.
    func isSpokenTo(at state: State) -> Bool { self.state == state && self.isSpokenTo }

    mutating func enter(_ state: State, at now: NIODeadline) {
        self.state = state
        self.since = now
        switch state {
        case .none, .retiring:
            self.flight.clear()
            self.isDesynchronised = false
        case .connecting, .greeting, .hello, .startingTLS, .securing, .authenticating, .ready: break
        }
    }

    mutating func enqueue(_ entry: Exchange, at now: NIODeadline) {
        if self.flight.isEmpty { self.since = now }
        self.flight.append(entry)
    }

    /// The last octet of a chunk was written: now its reply is waited for.
    mutating func restartClock(at now: NIODeadline) { self.since = now }

    mutating func dequeue(at now: NIODeadline) -> Exchange? {
        self.slowest = max(self.slowest, now - self.since)
        self.since = now
        return self.flight.popFirst()
    }

    /// Whether one more of a pipelined group may go (RFC 2920 §3.1), which nothing in it forbids (law 4).
    var mayTakeMore: Bool { self.flight.isEmpty || (self.flight.mayGrow && self.offersPipelining) }

    /// Whether it is an extra connection that has taken no message yet: the gateway never asked for it (law 5).
    var isNewForThis: Bool { self.number > 1 && self.messages == 0 }

    /// Whether it is being made ready, and what the gateway says has to wait.
    var isBeingMade: Bool {
        switch self.state {
        case .connecting, .greeting, .hello, .startingTLS, .securing, .authenticating: true
        case .none, .ready, .retiring: false
        }
    }

    /// Whether a RSET was sent, nothing behind it, and it is not answered yet.
    var owesReset: Bool { self.endsInReset && !self.flight.isEmpty }

    mutating func discardFlight() { self.flight.discard() }
}
