import NIOCore
import QuirkKit
import SMTPWire
import Transcript

@testable import SMTPSession

/// A trivial engine: what one side says, the other hears. Its faults are switched on one by one, to see that the player sees them.
struct Wire: Played {
    var faults: Set<Fault>
    private var waiting: [Side: [UInt8]] = [.gateway: [], .remote: []]
    private var hasEnded: Set<Side> = []
    private var isReconnecting = false
    private(set) var deadline: NIODeadline?

    enum Fault: Hashable {
        case losesAnOctet, addsAnOctet, swapsCase, saysMore, leavesOpen, abortsInstead, notes, logsRepair, logsMessage, connectsAgain
        case secures, speaksInHandshake, speaksAfterFailure
        case ticksForEver, turnsForEver, cutsOff, countsPieces, speaksAfterClose, silent, relaysUnasked, asksRoute
    }

    init(_ faults: Set<Fault> = []) { self.faults = faults }

    mutating func read(_ bytes: ByteBuffer, from side: Side) {
        self.waiting[side, default: []] += Array(bytes.readableBytesView)
        if self.faults.contains(.countsPieces) { self.pieces += 1 }
    }
    private var pieces = 0

    mutating func ended(_ side: Side) { self.hasEnded.insert(side) }

    mutating func receive(_ event: Event, at now: NIODeadline) -> [Action] {
        switch event {
        case .opened: return [.connect(isExtra: false)]
        case .connected:
            self.isReconnecting = false
            return self.faults.contains(.ticksForEver) ? self.tick(at: now) : []
        case .connectFailed: return [.send(ByteBuffer(string: "421 no\r\n"), to: .gateway), .close(.gateway)]
        case .tick:
            if self.faults.contains(.ticksForEver) { return self.tick(at: now) }
            self.deadline = nil
            return [.send(ByteBuffer(string: "421 slow\r\n"), to: .gateway)]
        case .shutdown: return [.send(ByteBuffer(string: "421 stop\r\n"), to: .gateway), .close(.gateway), .close(.remote)]
        case .closed(let side):
            if self.isReconnecting { return [] }
            return [.close(side == .gateway ? .remote : .gateway)]
        case .secured(let side, let security):
            let words = [side == .remote ? "S" : "C", security.version, security.cipher, security.doubt ?? "verified"]
            let more = [security.isLegacy ? "legacy" : nil, security.isResumed ? "resumed" : nil].compactMap { $0 }
            return [.send(ByteBuffer(string: (words + more).joined(separator: " ") + "\r\n"), to: side == .remote ? .gateway : .remote)]
        case .securingFailed(let side, let failure):
            let told = ByteBuffer(string: "no TLS: \(failure.kind) \(failure.because)\r\n")
            let more: [Action] = self.faults.contains(.speaksAfterFailure) ? [.send(told, to: side)] : []
            return [.send(told, to: side == .remote ? .gateway : .remote)] + more
        case .probe(let granted): return [.send(ByteBuffer(string: "\(granted)\r\n"), to: .remote)]
        default: return []
        }
    }

    private mutating func tick(at now: NIODeadline) -> [Action] {
        self.deadline = now
        return []
    }

    mutating func next(at now: NIODeadline) -> [Action]? {
        if self.faults.contains(.turnsForEver) { return [] }
        for side in [Side.gateway, .remote] {
            let other = side == .gateway ? Side.remote : .gateway
            let waiting = self.waiting[side, default: []]
            if let end = waiting.firstIndex(of: 0x0A) {
                self.waiting[side] = Array(waiting[(end + 1)...])
                return self.line(Array(waiting[...end]), from: side, to: other, at: now)
            }
            if self.hasEnded.remove(side) != nil {
                if self.faults.contains(.leavesOpen) { return [] }
                return [self.faults.contains(.abortsInstead) ? .abort(other) : .close(other), .close(side)]
                    + (self.faults.contains(.speaksAfterClose) ? [.send(ByteBuffer(string: "x"), to: other)] : [])
            }
        }
        return nil
    }

    private mutating func line(_ octets: [UInt8], from side: Side, to other: Side, at now: NIODeadline) -> [Action] {
        var octets = octets
        let text = String(decoding: octets.dropLast(2), as: UTF8.self)
        switch text {
        case "WAIT": self.deadline = now + .seconds(5)
        case "AGAIN":
            self.isReconnecting = true
            return [.close(.remote), .connect(isExtra: true)]
        case "RELAY": return [.relay]
        case "TLS S": return [.secure(.remote, isLegacy: false)]
        case "TLS S legacy": return [.secure(.remote, isLegacy: true)]
        case "TLS C": return [.secure(.gateway, isLegacy: false)]
        case "SECRET": return [.sendSecret(Secret(Array("AUTH PLAIN c2VjcmV0\r\n".utf8)))]
        case "PROBE": return [.note(.asksProbe(quirk: "sticky-sender"))]
        case "NOTE": return [.send(ByteBuffer(bytes: octets), to: other), .note(.found(finding))]
        case "LOG":
            let repair = Record.Repair(
                quirk: "message-limit", connection: 1, sent: "MAIL FROM:<a>", reply: "503 Sender already specified", action: "reconnect",
                outcome: "ok", because: "it said so")
            return [.send(ByteBuffer(bytes: octets), to: other), .log(.repair(repair)), .log(.passthrough(because: "x"))]
        case "HOST": return [.lookUp(host: "mx.example.net")]
        default: break
        }
        guard text == "fault" else { return [.send(ByteBuffer(bytes: octets), to: other)] }
        var more: [Action] = []
        for fault in self.faults {
            switch fault {
            case .losesAnOctet: octets.removeFirst()
            case .addsAnOctet: octets.insert(0, at: 0)
            case .swapsCase: octets[0] ^= 0x20
            case .silent: return []
            case .saysMore: more.append(.send(ByteBuffer(string: "more\r\n"), to: side))
            case .notes: more.append(.note(.reused(mails: 2)))
            case .logsRepair:
                let repair = Record.Repair(quirk: "q", connection: 1, sent: "", reply: "", action: "reset", outcome: "ok", because: "")
                more.append(.log(.repair(repair)))
            case .logsMessage: more.append(.log(.gatewayFault(because: "none")))
            case .connectsAgain: more.append(.connect(isExtra: true))
            case .cutsOff: more.append(.close(other))
            case .countsPieces: more.append(.log(.gatewayFault(because: "\(self.pieces) pieces")))
            case .relaysUnasked: more.append(.relay)
            case .secures: more.append(.secure(.remote, isLegacy: false))
            case .speaksInHandshake:
                more += [.secure(.remote, isLegacy: false), .send(ByteBuffer(string: "x"), to: .remote)]
            case .asksRoute: more.append(.route(domain: "example.org"))
            case .ticksForEver, .turnsForEver, .leavesOpen, .abortsInstead, .speaksAfterClose, .speaksAfterFailure: break
            }
        }
        return [.send(ByteBuffer(bytes: octets), to: other)] + more
    }

    mutating func remains(of side: Side) -> ByteBuffer {
        defer { self.waiting[side] = [] }
        return ByteBuffer(bytes: self.waiting[side, default: []])
    }
}

private let finding = Finding(
    quirk: QuirkSetting("message-limit", ["messages": .integer(1)]), sent: "MAIL FROM:<b@example.org>",
    reply: "503 Sender already specified", counting: Counting(needed: 1, ending: .probed(hourly: false)))

extension Transcript {
    /// What the player says of it, in all manners.
    func failures(_ faults: Set<Wire.Fault> = []) -> [Failure] {
        self.failures { self.play($0, catalogue: []) { _, _ in Wire(faults) } }
    }

    init(_ body: String, header: String = "") throws {
        try self.init(parsing: "title: test\n\(header)---\n\(body)\n", file: "test.smtp")
    }
}
