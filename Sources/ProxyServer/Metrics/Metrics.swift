import LearnedQuirks
import NIOCore
import QuirkKit
import SMTPSession
import Synchronization

/// What this process counts. Sessions add to numbers that are there from the start; nothing is looked up by name for a message that needs no repair.
final class Metrics: Sendable {
    /// A remote connection's cause and its end.
    enum Dial: Int, CaseIterable { case firstOK, firstFailed, extraOK, extraFailed }
    enum TLSVersion: String, CaseIterable { case tls1 = "TLSv1", tls11 = "TLSv1.1", tls12 = "TLSv1.2", tls13 = "TLSv1.3", other }

    /// Quirks by name, for what is counted by quirk.
    let quirks: [String]
    private let numbers: [String: Int]
    private let listeners = Mutex<[ListenerMetrics]>([])

    /// 4xx and 5xx that gateways heard: by ``Origin``, then class, then what they answer.
    let refusals = Cells(Origin.allCases.count * 2 * RefusedStage.all.count)
    /// By quirk, then action: ok, failed.
    let repairs: Cells
    let repairDurations = Histogram()
    /// By quirk.
    let detections: Cells
    let alterations = Cells(Alteration.allCases.count + 2)
    /// By quirk: bounce, deferral.
    let saved: Cells
    /// By quirk.
    let uses: Cells
    let dials = Cells(Dial.allCases.count)
    /// Granted, in vain.
    let slotWaits = Cells(2)
    /// Gateway and remote, by version, then resumed or not, then verified or not.
    let handshakes = Cells(2 * TLSVersion.allCases.count * 2 * 2)
    /// Gateway, remote.
    let handshakeFailures = Cells(2)
    /// By broken-starttls, other.
    let clear = Cells(2)
    /// By quirk, then event.
    let learnedEvents: Cells
    /// The file of the learned store can be used.
    let isStateUsable = Atomic(true)
    let reloads = Reloads()
    let waits = Cells(Activity.Party.allCases.count)
    let ownLatency = Histogram()
    let remoteReplies = Histogram(rows: Activity.Stage.allCases.count)

    /// How reading the config went.
    final class Reloads: Sendable {
        let wasSuccessful = Atomic(true)
        /// Unix seconds of the last that was.
        let last = Atomic(0)
    }

    /// Whose words a refusal is in.
    enum Origin: Int, CaseIterable { case mailshim, remote }

    /// What a refusal may answer, as the label `command` has it.
    enum RefusedStage {
        static let all: [Activity.Stage?] = [.greeting, .ehlo, .tls, .auth, .mail, .rcpt, .data, .end, .other, nil]
        static func name(_ stage: Activity.Stage?) -> String { stage?.name ?? "none" }
        static func index(_ stage: Activity.Stage?) -> Int {
            Self.all.firstIndex(of: stage) ?? Self.all.firstIndex(of: .other) ?? 0
        }
    }

    /// How repairs are done, as the log has it; another is counted as the last.
    static let actions = ["reset", "reconnect", "again", "clear-text", "legacy-tls", "helo", "451", "other"]

    init(quirks: [String]) {
        self.quirks = quirks
        self.numbers = Dictionary(uniqueKeysWithValues: zip(quirks, quirks.indices))
        self.repairs = Cells(quirks.count * Self.actions.count * 2)
        self.detections = Cells(quirks.count)
        self.learnedEvents = Cells(quirks.count * Self.learnedEventNames.count)
        self.saved = Cells(quirks.count * 2)
        self.uses = Cells(quirks.count)
    }

    /// At most so many listeners are told apart, over all reloads.
    private static let mostListeners = 64

    func listener(_ name: String) -> ListenerMetrics {
        self.listeners.withLock { listeners in
            if let known = listeners.first(where: { $0.name == name }) { return known }
            guard listeners.count < Self.mostListeners else { return listeners[Self.mostListeners - 1] }
            listeners.append(ListenerMetrics(name))
            return listeners[listeners.count - 1]
        }
    }

    var allListeners: [ListenerMetrics] { self.listeners.withLock { $0 } }

    // MARK: What sessions say

    /// - Parameter tls: the message's connection was encrypted.
    func count(_ record: Record, of session: inout Tally) {
        switch record {
        case .message(let message):
            session.listener?.count(message)
            self.count(.lineEnding, message.repairs)
            if message.outcome == .accepted, !session.isEncrypted { self.clear.add(at: message.quirks.contains("broken-starttls") ? 0 : 1) }
        case .repair(let repair): self.count(repair)
        case .quirk(let name, _, _, _, let isDowngrade):
            if let number = self.numbers[name] { self.uses.add(at: number) }
            if isDowngrade { self.count(.downgrade) }
        case .ended(_, _, _, let end): session.listener?.ends.add(at: end.rawValue)
        case .secured(let side, _, let security): self.count(side, security)
        case .insecure: self.handshakeFailures.add(at: 1)
        case .recipient, .recipientsUnlogged, .ownReply, .ownRepliesUnlogged, .greeted, .passthrough, .unsolicited, .remoteLost, .connectFailed,
            .gatewayFault:
            break
        }
    }

    func count(_ count: Count) {
        switch count {
        case .refusal(let refusal):
            let stages = RefusedStage.all.count
            let row = (refusal.isOurs ? Origin.mailshim : .remote).rawValue * 2 + (refusal.isPermanent ? 1 : 0)
            self.refusals.add(at: row * stages + RefusedStage.index(refusal.stage))
        case .alteration(let alteration, let number): self.alterations.add(number, at: alteration.rawValue)
        }
    }

    /// What is changed and stands in the log.
    private enum LoggedAlteration: Int { case lineEnding, downgrade }

    private func count(_ alteration: LoggedAlteration, _ number: Int = 1) {
        self.alterations.add(number, at: Alteration.allCases.count + alteration.rawValue)
    }

    /// In the order of their cells.
    static let alterationNames = ["keyword-hidden", "reset-added", "line-ending", "downgrade"]

    /// Of one origin and class (0: 4xx, 1: 5xx), whatever they answer.
    func refusals(_ origin: Origin, _ number: Int) -> Int {
        let stages = RefusedStage.all.count
        return (0..<stages).reduce(0) { $0 + self.refusals[(origin.rawValue * 2 + number) * stages + $1] }
    }

    /// Of a quirk, by any action.
    func repairs(of quirk: Int, isOK: Bool) -> Int {
        Self.actions.indices.reduce(0) { $0 + self.repairs[(quirk * Self.actions.count + $1) * 2 + (isOK ? 0 : 1)] }
    }

    /// A quirk was found at a host, or is suspected.
    func count(_ note: Note) {
        switch note {
        case .found(let finding), .suspected(let finding):
            if let number = self.numbers[finding.quirk.name] { self.detections.add(at: number) }
        case .reused, .used, .clean, .asksProbe, .greeted, .did, .failed, .extraRefused, .extraAccepted: break
        }
    }

    private func count(_ repair: Record.Repair) {
        guard let number = self.numbers[repair.quirk] else { return }
        let isOK = repair.outcome == "ok"
        let action = Self.actions.firstIndex(of: repair.action) ?? Self.actions.count - 1
        self.repairs.add(at: (number * Self.actions.count + action) * 2 + (isOK ? 0 : 1))
        if let took = repair.took { self.repairDurations.add(took) }
        if isOK, repair.action == "clear-text" || repair.action == "legacy-tls" { self.count(.downgrade) }
        if isOK { self.saved.add(at: number * 2 + (repair.reply.utf8.first == UInt8(ascii: "5") ? 0 : 1)) }
    }

    private func count(_ side: Side, _ security: Security) {
        let versions = TLSVersion.allCases
        let version = versions.firstIndex { $0.rawValue == security.version } ?? versions.count - 1
        let leg = side == .gateway ? 0 : 1
        self.handshakes.add(at: ((leg * versions.count + version) * 2 + (security.isResumed ? 1 : 0)) * 2 + (security.isVerified ? 1 : 0))
    }

    /// In the order of their cells.
    static let learnedEventNames = ["learned", "healed", "expired", "changed-by-hand"]

    private func count(_ entries: [Learned], at event: Int) {
        for entry in entries {
            guard let quirk = self.numbers[entry.quirk.name] else { continue }
            self.learnedEvents.add(at: quirk * Self.learnedEventNames.count + event)
        }
    }

    func count(_ event: MemoryEvent) {
        switch event {
        case .learned(let learned, _): self.count([learned], at: 0)
        case .healed(let learned, _): self.count([learned], at: 1)
        case .expired(let learned): self.count([learned], at: 2)
        case .changedByHand(let forgotten, let added): self.count(forgotten + added, at: 3)
        case .fileUnusable: self.isStateUsable.store(false, ordering: .relaxed)
        case .fileUsable: self.isStateUsable.store(true, ordering: .relaxed)
        }
    }
}

/// What the metrics keep with a session.
struct Tally {
    var listener: ListenerMetrics?
    var activity = Activity(.connect, awaits: .us)
    /// When it began to do that.
    var since = NIODeadline.now()
    let began = NIODeadline.now()
    /// Messages that came to their end.
    var messages = 0
    /// Quirks of the last message.
    var quirks: [String] = []
    var isEncrypted = false
}
