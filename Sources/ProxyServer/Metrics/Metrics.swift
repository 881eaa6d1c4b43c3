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

    /// 4xx, 5xx.
    let told = Cells(2)
    let ownReplies = Cells(2)
    /// By quirk: ok, failed.
    let repairs: Cells
    /// By quirk: bounce, deferral.
    let saved: Cells
    /// By quirk.
    let uses: Cells
    let repairedLineEnds = Cells(1)
    let dials = Cells(Dial.allCases.count)
    /// Granted, in vain.
    let slotWaits = Cells(2)
    /// Gateway and remote, by version, then resumed or not, then verified or not.
    let handshakes = Cells(2 * TLSVersion.allCases.count * 2 * 2)
    /// Gateway, remote.
    let handshakeFailures = Cells(2)
    /// By broken-starttls, other.
    let clear = Cells(2)
    /// Learned, healed, expired, changed by hand.
    let learnedEvents = Cells(4)
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

    init(quirks: [String]) {
        self.quirks = quirks
        self.numbers = Dictionary(uniqueKeysWithValues: zip(quirks, quirks.indices))
        self.repairs = Cells(quirks.count * 2)
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
            self.repairedLineEnds.add(message.repairs, at: 0)
            if message.outcome == .accepted, !session.isEncrypted { self.clear.add(at: message.quirks.contains("broken-starttls") ? 0 : 1) }
        case .ownReply(let told, _, _):
            session.lastOwn = told.utf8.first == UInt8(ascii: "5") ? 1 : 0
            self.ownReplies.add(at: session.lastOwn)
        case .ownRepliesUnlogged(let count): self.ownReplies.add(count, at: session.lastOwn)
        case .repair(let repair): self.count(repair)
        case .quirk(let name, _, _, _, _): if let number = self.numbers[name] { self.uses.add(at: number) }
        case .secured(let side, _, let security): self.count(side, security)
        case .insecure: self.handshakeFailures.add(at: 1)
        case .recipient, .recipientsUnlogged, .greeted, .passthrough, .unsolicited, .remoteLost, .connectFailed, .gatewayFault, .ended: break
        }
    }

    private func count(_ repair: Record.Repair) {
        guard let number = self.numbers[repair.quirk] else { return }
        let isOK = repair.outcome == "ok"
        self.repairs.add(at: number * 2 + (isOK ? 0 : 1))
        if isOK { self.saved.add(at: number * 2 + (repair.reply.utf8.first == UInt8(ascii: "5") ? 0 : 1)) }
    }

    private func count(_ side: Side, _ security: Security) {
        let versions = TLSVersion.allCases
        let version = versions.firstIndex { $0.rawValue == security.version } ?? versions.count - 1
        let leg = side == .gateway ? 0 : 1
        self.handshakes.add(at: ((leg * versions.count + version) * 2 + (security.isResumed ? 1 : 0)) * 2 + (security.isVerified ? 1 : 0))
    }

    func count(_ event: MemoryEvent) {
        switch event {
        case .learned: self.learnedEvents.add(at: 0)
        case .healed: self.learnedEvents.add(at: 1)
        case .expired: self.learnedEvents.add(at: 2)
        case .changedByHand: self.learnedEvents.add(at: 3)
        case .fileUnusable: self.isStateUsable.store(false, ordering: .relaxed)
        case .fileUsable: self.isStateUsable.store(true, ordering: .relaxed)
        }
    }

    /// A whole reply that the gateway is told, as octets.
    func count(reply: ByteBuffer) {
        switch reply.getInteger(at: reply.readerIndex, as: UInt8.self) {
        case UInt8(ascii: "4"): self.told.add(at: 0)
        case UInt8(ascii: "5"): self.told.add(at: 1)
        default: break
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
    /// Class of the last reply of our own: 0 for 4xx.
    var lastOwn = 0
}
