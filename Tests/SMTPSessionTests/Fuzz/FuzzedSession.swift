import NIOCore
import QuirkKit
import SMTPSession
import SMTPWire
import StandardQuirks

extension FuzzEntries {
    /// A whole session of octets from both sides. Records parted by RS (0x1E), of which the first octet says what it
    /// is:
    ///
    /// | octet | what |
    /// | --- | --- |
    /// | `C`, `S` | the gateway, or the remote, says the rest |
    /// | `c`, `s` | it says no more |
    /// | `x`, `y` | the connection with the gateway, or with the remote, is gone |
    /// | `@` | time passes up to the session's deadline, or as many seconds as the rest has octets |
    /// | `!` | the next connection is refused |
    /// | `%` | TLS that is begun from now on stands; without it fails |
    /// | `P`, `W` | another session wants this one's place; Mailshim is stopped |
    ///
    /// Before all of it `Q` may name quirks that are known of the host, `T` has the listener offer TLS.
    static func sessions(_ octets: [UInt8]) -> String? {
        var records = octets.split(separator: 0x1E, omittingEmptySubsequences: true)[...]
        var (quirks, terms) = ([String](), GatewayTerms())
        while let first = records.first, first.first == UInt8(ascii: "Q") || first.first == UInt8(ascii: "T") {
            if first.first == UInt8(ascii: "T") { terms.offersTLS = true }
            quirks.append(String(decoding: first.dropFirst(), as: UTF8.self))
            records.removeFirst()
        }
        let session = FuzzedSession(quirks: quirks, terms)
        for record in records where !session.isOver && session.faults.isEmpty { session.play(record) }
        session.leave()
        return session.faults.isEmpty ? nil : session.faults.joined(separator: "\n")
    }
}

/// A session and its two peers, who say whatever the fuzzer has them say; and what can be said of any session
/// whatsoever.
final class FuzzedSession {
    private(set) var faults: [String] = []
    private var codec: SessionCodec
    private var now = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
    private var gateway = Witness()
    private var gatewayReplies = ReplyParser()
    private var isGatewayGone = false
    private var isDismissed = false
    private var isGatewaySecured = false
    private var remotes: [(watch: Watch, replies: ReplyParser)] = []
    private var isRemoteUp = false
    private var isRelaying = false
    private var refusesNext = false
    private var tlsStands = false
    private var answers: [Event] = []
    private var step = 0

    init(quirks: [String], _ terms: GatewayTerms) {
        self.codec = SessionCodec(
            Session(settings: Settings(hostname: "fuzz.example"), catalogue: StandardQuirks.catalogue))
        let known = StandardQuirks.descriptions.filter { quirks.contains($0.name) }
        self.tell(.opened(Opening(remote: "192.0.2.1:25", gateway: terms)))
        self.tell(.profile(Profile(layers: known.map { Layer(QuirkSetting($0.name), .learned) })))
    }

    var isOver: Bool { self.codec.session.isOver || self.isRelaying }

    func play(_ record: ArraySlice<UInt8>) {
        self.step += 1
        let rest = record.dropFirst()
        switch record.first {
        case UInt8(ascii: "C"): self.gatewaySays(Array(rest))
        case UInt8(ascii: "S"): self.remoteSays(Array(rest))
        case UInt8(ascii: "c"): self.ends(.gateway)
        case UInt8(ascii: "s"): self.ends(.remote)
        case UInt8(ascii: "x"): self.leaves(.gateway)
        case UInt8(ascii: "y"): self.leaves(.remote)
        case UInt8(ascii: "@"): self.pass(seconds: rest.count)
        case UInt8(ascii: "!"): self.refusesNext = true
        case UInt8(ascii: "%"): self.tlsStands = true
        case UInt8(ascii: "P"): self.tell(.placeWanted)
        case UInt8(ascii: "W"): self.tell(.shutdown)
        default: break
        }
    }

    /// Both peers go, and all deadlines pass: then it has to be over.
    func leave() {
        guard !self.isRelaying else { return self.judge() }
        self.leaves(.gateway)
        self.leaves(.remote)
        for _ in 0..<50 where !self.codec.session.isOver {
            guard self.codec.deadline != nil else { break }
            self.pass(seconds: 0)
            self.leaves(.remote)
        }
        if !self.codec.session.isOver { self.complain("9: both sides are gone, and the session is not over") }
        self.judge()
    }

    // MARK: The peers

    private func gatewaySays(_ octets: [UInt8]) {
        guard !self.isGatewayGone, self.codec.waiting < SessionCodec.highWater else { return }
        self.gateway.hear(octets, at: self.step)
        self.codec.read(ByteBuffer(bytes: octets), from: .gateway)
        self.drive()
    }

    private func remoteSays(_ octets: [UInt8]) {
        guard self.isRemoteUp, !octets.isEmpty else { return }
        let last = self.remotes.count - 1
        self.remotes[last].replies.append(ByteBuffer(bytes: octets))
        while let reply = try? self.remotes[last].replies.next() {
            self.remotes[last].watch.hearBeginning(at: self.step)
            self.remotes[last].watch.hear(reply: reply.code, reply.lines.joined(separator: "\n"), at: self.step)
        }
        if !self.remotes[last].replies.isEmpty { self.remotes[last].watch.hearBeginning(at: self.step) }
        self.codec.read(ByteBuffer(bytes: octets), from: .remote)
        self.drive()
    }

    private func ends(_ side: Side) {
        guard side == .gateway ? !self.isGatewayGone : self.isRemoteUp else { return }
        self.codec.ended(side)
        self.drive()
    }

    private func leaves(_ side: Side) {
        guard side == .gateway ? !self.isGatewayGone : self.isRemoteUp else { return }
        if side == .gateway { self.isGatewayGone = true } else { self.isRemoteUp = false }
        self.tell(.closed(side))
    }

    private func pass(seconds: Int) {
        let then = self.now + .seconds(Int64(seconds))
        guard let deadline = self.codec.deadline, seconds == 0 || deadline <= then else {
            return self.now = max(self.now, then)
        }
        self.now = max(self.now, deadline)
        self.tell(.tick)
        if let next = self.codec.deadline, next <= self.now {
            self.complain("9: after a tick the deadline is not in the future")
        }
    }

    // MARK: The shell

    private func tell(_ event: Event) {
        guard !self.isRelaying else { return }
        self.carryOut(self.codec.receive(event, at: self.now))
        self.drive()
    }

    private func drive() {
        for _ in 0..<100_000 {
            if self.isRelaying { return }
            if !self.answers.isEmpty {
                self.carryOut(self.codec.receive(self.answers.removeFirst(), at: self.now))
            } else if let actions = self.codec.next(at: self.now) {
                self.carryOut(actions)
            } else {
                return
            }
        }
        self.complain("9: it never rests")
    }

    private func carryOut(_ actions: [Action]) {
        for action in actions {
            switch action {
            case .send(let octets, .gateway): self.gatewayHears(octets)
            case .send(let octets, .remote): self.remoteHears(Array(octets.readableBytesView))
            case .sendSecret(let secret): self.remoteHears(secret.withOctets { Array($0) })
            case .sendWhenDrained(let octets, _):
                self.remoteHears(Array(octets.readableBytesView))
                self.answers.append(.drained)
            case .connect: self.connect()
            case .lookUp: self.answers.append(.profile(Profile()))
            case .route: self.answers.append(.routed(.remote("192.0.2.2:25")))
            case .note(.asksProbe): self.answers.append(.probe(granted: true))
            case .abort(.remote), .close(.remote): self.letGo()
            case .abort(.gateway), .close(.gateway): self.isDismissed = true
            case .secure(let side, _): self.secure(side)
            case .relay: self.isRelaying = true
            case .note, .log, .count: break
            }
        }
    }

    private func connect() {
        guard !self.refusesNext else {
            self.refusesNext = false
            return self.answers.append(.connectFailed(.failed("refused")))
        }
        self.isRemoteUp = true
        self.remotes.append((Watch(), ReplyParser()))
        self.answers.append(.connected())
    }

    /// The remote goes as soon as Mailshim does.
    private func letGo() {
        guard self.isRemoteUp else { return }
        self.isRemoteUp = false
        self.answers.append(.closed(.remote))
    }

    private func secure(_ side: Side) {
        guard self.tlsStands else {
            return self.answers.append(.securingFailed(side, TLSFailure(.handshake, because: "fuzz")))
        }
        let security = Security(version: "TLSv1.3", cipher: "X")
        if side == .gateway {
            self.gateway.secured()
        } else if let last = self.remotes.indices.last {
            self.remotes[last].watch.asksTLS()
            self.remotes[last].watch.secured(security)
            self.remotes[last].replies.removeAll()
        }
        self.answers.append(.secured(side, security))
    }
}

// MARK: What is judged

extension FuzzedSession {
    private func complain(_ text: String) { if self.faults.count < 5 { self.faults.append("law \(text)") } }

    func remoteHears(_ octets: [UInt8]) {
        guard self.isRemoteUp, let last = self.remotes.indices.last else { return }
        self.remotes[last].watch.write(octets, at: self.step)
        // What the gateway wrote in a way of its own goes on as it came: the witness knows RFC 5321 alone.
        for fault in self.remotes[last].watch.faults
        where !["no path", "an unknown verb"].contains(where: fault.text.hasSuffix) {
            self.complain("\(fault.law): \(fault.text)")
        }
    }

    /// Law 3: strict replies, one for each command, and nothing behind the last words.
    func gatewayHears(_ octets: ByteBuffer) {
        if self.isDismissed {
            self.complain("3: the gateway is told \(Array(octets.readableBytesView).shown) behind the last words")
        }
        self.gatewayReplies.append(octets)
        let count = octets.readableBytesView.count { $0 == 0x0A }
        for _ in 0..<count {
            guard let reply = try? self.gatewayReplies.next() else { break }
            let isOwed = self.gateway.hear(reply: reply.code, reply.text, at: self.step)
            if !isOwed, reply.code != 421 { self.complain("3: the gateway is told \(reply), and it had said nothing") }
        }
        if !self.gatewayReplies.isEmpty {
            self.complain("8: the gateway is told \(Array(octets.readableBytesView).shown), which is no reply")
        }
    }

    /// Laws 1 and 2 by number: no message is acknowledged that no remote took, and none ended more often than the
    /// gateway ended it.
    private func judge() {
        let acknowledged = self.gateway.messages.count { $0.reply?.isPositive == true }
        let taken = self.remotes.reduce(0) { $0 + $1.watch.witness.messages.count { $0.reply?.isPositive == true } }
        if acknowledged > taken {
            self.complain("1: \(acknowledged) messages are acknowledged, and remotes took \(taken)")
        }
        let ended = self.remotes.reduce(0) { $0 + $1.watch.witness.messages.count }
        if ended > self.gateway.messages.count {
            self.complain("2: \(ended) messages were ended, and the gateway ended \(self.gateway.messages.count)")
        }
    }
}
