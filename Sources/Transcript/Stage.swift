import NIOCore
import SMTPSession
import SMTPWire

/// Plays both peers and the shell around one session.
struct Stage<Engine: Played> {
    var engine: Engine
    let transcript: Transcript
    var profiles: Profiles
    let manner: Manner
    private(set) var cutter: Cutter

    /// Any moment will do; the engine only knows differences.
    private(set) var now = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
    var connections: [Leg: Connection] = [.gateway: Connection()]
    /// The remote connection that stands, or stood last.
    var current: Int?
    /// Whose close comes right behind the words that are being said.
    private(set) var ending: Leg?
    /// Whether a connection was asked for and is not there yet.
    var isDialling = false
    /// What the shell answers by itself, once the actions before are carried out.
    var answers: [Event] = []
    /// What is to be written once all before it has left.
    var held: [UInt8]?
    /// Connections that are gone and not reported yet.
    var departed: [Leg] = []
    var isRelaying = false
    var hearing = Hearing()
    /// Of the scene that is played.
    private(set) var line = 1
    /// Misdeeds of the engine, or of the transcript, that no line of the scene speaks of.
    var misdeeds: [Difference] = []
    var outcome = Outcome()

    init(engine: Engine, transcript: Transcript, profiles: Profiles, manner: Manner) {
        self.engine = engine
        self.transcript = transcript
        self.profiles = profiles
        self.manner = manner
        self.cutter = Cutter(manner)
    }

    mutating func play() -> Outcome {
        for scene in self.transcript.scenes {
            self.hearing = Hearing()
            self.line = scene.line
            self.perform(scene)
            let differences = self.misdeeds + self.hearing.differences(to: scene)
            guard differences.isEmpty else {
                self.fail(differences)
                return self.outcome
            }
        }
        self.fail(self.leftOpen)
        return self.outcome
    }

    private mutating func fail(_ differences: [Difference]) {
        self.outcome.failures += differences.map {
            Failure(file: self.transcript.file, line: $0.line, manner: self.manner, expected: $0.expected, heard: $0.heard)
        }
    }

    /// When the gateway has gone and nothing is waited for, nothing may be left standing.
    private var leftOpen: [Difference] {
        guard let current, let line = self.transcript.scenes.last?.lastLine, self.engine.deadline == nil, self.hearing.asks.isEmpty,
            self.connections[.gateway]?.isGone == true, let remote = self.connections[.remote(current)], !remote.isClosed, !remote.isGone
        else { return [] }
        return [Difference(line: line, expected: "\(Leg.remote(current)) to be closed after the gateway has gone", heard: "it is left open")]
    }

    private mutating func perform(_ scene: Scene) {
        let line = scene.line
        switch scene.cue {
        case .opening:
            self.answers.append(.profile(self.transcript.header.remote == nil ? Profile() : self.profiles.current))
            self.tell(.opened(Opening(remote: self.transcript.header.remote, gateway: self.transcript.header.gateway)))
        case .speech(let side, let spoken, let ending): self.speak(side, spoken.flatMap(\.octets), ending, line)
        case .closes(let side): self.end(side, line)
        case .resets(let side): self.reset(side, line)
        case .lingers: break
        case .passes(let amount): self.wait(amount, line)
        case .stands(let number): self.connect(number, line)
        case .connectFails(let failure):
            self.isDialling = false
            self.tell(.connectFailed(failure))
        case .route(.remote(let remote)):
            self.answers.append(.profile(self.profiles.current))
            self.tell(.routed(.remote(remote)))
        case .route(.failed(let reply)): self.tell(.routed(.failed(Reply(Int(reply.prefix(3)) ?? 451, String(reply.dropFirst(4))))))
        case .probe(let granted): self.tell(.probe(granted: granted))
        case .drained(let isDrained):
            if isDrained, let held = exchange(&self.held, with: nil) { self.hear(held, .remote) }
            self.held = nil
            self.tell(isDrained ? .drained : .notDrained)
        case .placeWanted: self.tell(.placeWanted)
        case .shutdown: self.tell(.shutdown)
        case .timeIsUp: self.tell(.timeIsUp)
        case .secured(let side, let security): self.handshakeEnded(side, .stands, .secured(side, security), line)
        case .securingFailed(let side, let failure): self.handshakeEnded(side, .failed, .securingFailed(side, failure), line)
        }
        self.wait(.zero, line)
    }

    private mutating func speak(_ side: Side, _ octets: [UInt8], _ ending: Scene.Ending, _ line: Int) {
        guard self.canSpeak(side, line) else { return }
        if let connection = self.connection(side), !connection.isIntelligible, !connection.isClosed {
            self.misdeeds.append(Difference(line: line, expected: "a connection to speak on", heard: "a TLS handshake under way, or one that failed"))
            return
        }
        self.ending = ending == .none ? nil : self.leg(side)
        defer { self.ending = nil }
        if ending == .resets, let leg = self.leg(side) { self.connections[leg]?.isDeaf = true }
        var rest = octets[...]
        while !rest.isEmpty, let leg = self.leg(side), self.connections[leg]?.isGone == false {
            let piece = rest.prefix(self.cutter.size(said: octets.count - rest.count, left: rest.count))
            rest = rest.dropFirst(piece.count)
            if self.isRelaying {
                self.hear(Array(piece), side.other)
            } else if self.connections[leg]?.isClosed == false {
                self.engine.read(ByteBuffer(bytes: piece), from: side)
                if rest.isEmpty, self.manner == .whole {
                    switch ending {
                    case .none: break
                    case .closes:
                        self.connections[leg]?.hasEnded = true
                        self.engine.ended(side)
                    case .resets: continue
                    }
                }
                self.drive()
            }
        }
        guard let leg = self.leg(side), self.connections[leg]?.isGone == false else { return }
        switch ending {
        case .none: break
        case .closes: if self.connections[leg]?.hasEnded == false { self.end(side, line) }
        case .resets: self.reset(side, line)
        }
    }

    private mutating func connect(_ number: Int, _ line: Int) {
        if let current, let before = self.connections[.remote(current)], !before.isClosed, !before.isGone {
            self.misdeeds.append(Difference(line: line, expected: "\(Leg.remote(current)) to be closed before #\(number)", heard: "it is left open"))
        }
        self.isDialling = false
        self.departed.removeAll { $0.side == .remote }
        self.current = number
        self.connections[.remote(number)] = Connection()
        self.tell(.connected(alongside: self.transcript.header.alongside))
    }

    /// Lets time pass, with every tick at its moment.
    private mutating func wait(_ amount: TimeAmount, _ line: Int) {
        let target = self.now + amount
        var ticks = 0
        self.drive()
        while let moment = self.nextMoment, moment <= target {
            self.now = max(self.now, moment)
            ticks += 1
            guard ticks < 10_000 else {
                self.misdeeds.append(Difference(line: line, expected: "a deadline that moves on", heard: "10000 ticks"))
                return
            }
            if let deadline = self.engine.deadline, deadline <= self.now { self.tell(.tick) }
            self.releaseLingering()
        }
        self.now = target
    }

    private var nextMoment: NIODeadline? {
        (self.connections.values.compactMap(\.goneAt) + [self.engine.deadline].compactMap { $0 }).min()
    }

    private mutating func releaseLingering() {
        for leg in [Leg.gateway] + [self.current.map(Leg.remote)].compactMap({ $0 }) {
            guard let moment = self.connections[leg]?.goneAt, moment <= self.now else { continue }
            self.vanish(leg)
            self.drive()
        }
    }

    /// One event, and all that comes of it.
    mutating func tell(_ event: Event) {
        let actions = self.engine.receive(event, at: self.now)
        self.carryOut(actions)
        self.drive()
    }

    /// Until the session has nothing more to do and the shell nothing more to report.
    mutating func drive() {
        for _ in 0..<1_000_000 {
            if !self.answers.isEmpty {
                let actions = self.engine.receive(self.answers.removeFirst(), at: self.now)
                self.carryOut(actions)
            } else if !self.isRelaying, let actions = self.engine.next(at: self.now) {
                self.carryOut(actions)
            } else if !self.departed.isEmpty {
                let actions = self.engine.receive(.closed(self.departed.removeFirst().side), at: self.now)
                self.carryOut(actions)
            } else {
                return
            }
        }
        self.misdeeds.append(Difference(line: self.line, expected: "an end of `next`", heard: "1000000 turns"))
    }
}
