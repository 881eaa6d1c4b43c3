import SMTPSession

extension Scene {
    static func all(of steps: [Step], header: Header, file: String) throws(TranscriptError) -> (scenes: [Scene], lingering: Set<Leg>) {
        var grouping = Grouping(file: file, line: steps.first?.line ?? 1)
        let isOpenedByItself = header.remote != nil && !steps.contains { if case .connection(1, _) = $0.body { true } else { false } }
        if isOpenedByItself { try grouping.add(Step(line: grouping.line, body: .connection(1, .standsAtOnce))) }
        for step in steps { try grouping.add(step) }
        return (grouping.scenes, grouping.lingering)
    }
}

/// Turns lines into scenes: a new one begins with whatever happens, and takes in whatever is heard.
private struct Grouping {
    let file: String
    let line: Int
    private(set) var scenes: [Scene]
    private(set) var lingering: Set<Leg> = []
    private var closed: Set<Leg> = []
    /// Whether the next words of the same peer belong to the words before.
    private var isJoinable = false
    /// The remote connection that stands, or stood last.
    private var current: Int?
    private var asked: Int?
    /// Octets that are held back until all before them has left.
    private var isHeld = false
    /// TLS that was asked for and is awaited, with or without old versions.
    private var handshakes: [Side: Bool] = [:]

    init(file: String, line: Int) {
        self.file = file
        self.line = line
        self.scenes = [Scene(line: line, cue: .opening, lastLine: line)]
    }

    mutating func add(_ step: Step) throws(TranscriptError) {
        let line = step.line
        switch step.body {
        case .says(let side, let spoken, let passes):
            let other = try self.leg(side == .gateway ? .remote : .gateway, line, isNeeded: passes)
            self.acts(try self.leg(side, line))
            self.join(side, spoken, line)
            if passes, let other { self.hear(.octets(other, spoken), line) }
            self.isJoinable = true
        case .closes(let side): try self.end(side, .closes, or: .closes(side), line)
        case .resets(let side): try self.end(side, .resets, or: .resets(side), line)
        case .lingers(let side):
            self.acts(try self.leg(side, line))
            self.begin(.lingers(side), line)
        case .passes(let amount): self.begin(.passes(amount), line)
        case .held:
            self.hear(.ask(.drain), line)
            self.isHeld = true
        case .drained(let isDrained):
            if !self.isHeld { self.hear(.ask(.drain), line) }
            self.isHeld = false
            self.begin(.drained(isDrained), line)
        case .placeWanted: self.begin(.placeWanted, line)
        case .shutdown: self.begin(.shutdown, line)
        case .timeIsUp: self.begin(.timeIsUp, line)
        case .tls(let side, let isLegacy, let handshake): try self.secure(side, isLegacy: isLegacy, handshake, line)
        case .hears(let side, let spoken): if let leg = try self.leg(side, line) { self.hear(.octets(leg, spoken), line) }
        case .hearsLike(let side, let pattern): if let leg = try self.leg(side, line) { self.hear(.line(leg, like: pattern), line) }
        case .hearsClosed(let side):
            guard let leg = try self.leg(side, line) else { return }
            self.hear(.closed(leg), line)
            self.closed.insert(leg)
        case .hearsAborted(let side): if let leg = try self.leg(side, line) { self.hear(.aborted(leg), line) }
        case .trace(let trace): self.hear(.trace(trace), line)
        case .relayed: self.hear(.relayed, line)
        case .route(let domain, let remote):
            self.hear(.ask(.route(domain: domain)), line)
            self.begin(.route(.remote(remote)), line)
        case .routeFails(let domain, let reply):
            self.hear(.ask(.route(domain: domain)), line)
            self.begin(.route(.failed(reply)), line)
        case .probe(let quirk, let granted):
            self.hear(.ask(.probe(quirk: quirk)), line)
            self.begin(.probe(granted: granted), line)
        case .connection(let number, let connecting): try self.connect(number, connecting, line)
        }
    }

    private mutating func end(_ side: Side, _ ending: Scene.Ending, or cue: Scene.Cue, _ line: Int) throws(TranscriptError) {
        self.acts(try self.leg(side, line))
        guard self.isJoinable, let last = self.scenes.indices.last, case .speech(side, let spoken, _) = self.scenes[last].cue else {
            return self.begin(cue, line)
        }
        self.scenes[last].cue = .speech(side, spoken, ending)
        self.scenes[last].lastLine = line
        self.isJoinable = false
    }

    private mutating func connect(_ number: Int, _ connecting: Step.Connecting, _ line: Int) throws(TranscriptError) {
        let expected = self.asked ?? (self.current ?? 0) + 1
        guard number == expected else {
            throw TranscriptError(file: self.file, line: line, fault: .wrongConnection(written: number, expected: expected))
        }
        switch connecting {
        case .asked, .standsAtOnce: self.ask(number, line)
        case .stands, .givenUp:
            guard self.asked == number else { throw TranscriptError(file: self.file, line: line, fault: .notAsked(number)) }
        case .fails: if self.asked == nil { self.ask(number, line) }
        }
        switch connecting {
        case .asked: self.asked = number
        case .standsAtOnce, .stands:
            self.begin(.stands(number), line)
            self.current = number
            self.handshakes[.remote] = nil
            self.asked = nil
        case .givenUp:
            self.hear(.ask(.giveUpConnecting), line)
            self.asked = nil
        case .fails(let failure):
            self.begin(.connectFails(failure), line)
            self.asked = nil
        }
    }

    private mutating func secure(_ side: Side, isLegacy: Bool, _ handshake: Handshake, _ line: Int) throws(TranscriptError) {
        _ = try self.leg(side, line)
        let begun = self.handshakes.removeValue(forKey: side)
        switch handshake {
        case .begins, .standsAtOnce: self.hear(.ask(.secure(side, isLegacy: isLegacy)), line)
        case .stands: if begun == nil { throw TranscriptError(file: self.file, line: line, fault: .noHandshake(side.letter)) }
        case .fails: if begun == nil { self.hear(.ask(.secure(side, isLegacy: isLegacy)), line) }
        }
        switch handshake {
        case .begins: self.handshakes[side] = isLegacy
        case .standsAtOnce(let facts): self.begin(.secured(side, facts.security(of: side, isLegacy: isLegacy)), line)
        case .stands(let facts): self.begin(.secured(side, facts.security(of: side, isLegacy: begun ?? false)), line)
        case .fails(let failure): self.begin(.securingFailed(side, failure), line)
        }
    }

    private mutating func acts(_ leg: Leg?) {
        if let leg, self.closed.contains(leg) { self.lingering.insert(leg) }
    }

    private mutating func ask(_ number: Int, _ line: Int) {
        self.hear(.ask(.connect(isExtra: number > 1)), line)
    }

    private func leg(_ side: Side, _ line: Int, isNeeded: Bool = true) throws(TranscriptError) -> Leg? {
        switch (side, self.current) {
        case (.gateway, _): return .gateway
        case (.remote, let number?): return .remote(number)
        case (.remote, nil):
            guard !isNeeded else { throw TranscriptError(file: self.file, line: line, fault: .noConnection) }
            return nil
        }
    }

    private mutating func join(_ side: Side, _ spoken: Spoken, _ line: Int) {
        if self.isJoinable, let last = self.scenes.indices.last, case .speech(side, let before, _) = self.scenes[last].cue {
            self.scenes[last].cue = .speech(side, before + [spoken], .none)
            self.scenes[last].lastLine = line
        } else {
            self.begin(.speech(side, [spoken], .none), line)
        }
    }

    private mutating func begin(_ cue: Scene.Cue, _ line: Int) {
        self.scenes.append(Scene(line: line, cue: cue, lastLine: line))
        self.isJoinable = false
    }

    private mutating func hear(_ body: Expectation.Body, _ line: Int) {
        guard let last = self.scenes.indices.last else { return }
        self.scenes[last].expected.append(Expectation(line: line, body: body))
        self.scenes[last].lastLine = line
        self.isJoinable = false
    }
}
