import Foundation
import QuirkKit
import Synchronization

@testable import LearnedQuirks

let host = "192.0.2.1:25"
let other = "[2001:db8::1]:25"
let hour = 3600
let day = 86_400
/// Some time after the epoch, so that times before it can be said too.
let start = 1_000 * day

func limit(_ messages: Int) -> QuirkSetting { QuirkSetting("message-limit", ["messages": .integer(messages)]) }

extension Finding {
    static let stickySender = Finding(
        quirk: QuirkSetting("sticky-sender"), sent: "MAIL FROM:<b@example.org>", reply: "503 Sender already specified",
        counting: Counting(needed: 1, ending: .probed(hourly: false), doubt: .reuse(past: 1)))
    static let noReuse = Finding(
        quirk: LearnedQuirksTests.limit(1), sent: "MAIL FROM:<b@example.org>", reply: "503 Sender already specified",
        counting: .limit(1, needed: 1, .probed(hourly: false)))

    static func limit(_ messages: Int) -> Finding {
        Finding(
            quirk: LearnedQuirksTests.limit(messages), sent: "MAIL FROM:<b@example.org>", reply: "421 too many messages in this connection",
            counting: .limit(messages, needed: 2))
    }

    static func silence(_ messages: Int) -> Finding {
        Finding(quirk: LearnedQuirksTests.limit(messages), sent: "RSET", reply: "(closed)", counting: .limit(messages, needed: 2))
    }
}

extension Counting {
    /// As Plugins/MessageLimit has it.
    static func limit(_ messages: Int, needed: Int, _ ending: Ending = .expires) -> Counting {
        Counting(needed: needed, ending: ending, doubt: .reuse(past: messages), replaces: .smaller(option: "messages"))
    }
}

/// What the memory reported.
final class Events: Sendable {
    private let events = Mutex<[MemoryEvent]>([])

    var all: [MemoryEvent] { self.events.withLock { $0 } }

    func add(_ event: MemoryEvent) { self.events.withLock { $0.append(event) } }

    var unusable: [String] { self.all.compactMap { if case .fileUnusable(_, let message) = $0 { message } else { nil } } }
    var usable: Int { self.all.count { if case .fileUsable = $0 { true } else { false } } }
    var learned: [Learned] { self.all.compactMap { if case .learned(let learned, _) = $0 { learned } else { nil } } }
    var healed: [Learned] { self.all.compactMap { if case .healed(let learned, _) = $0 { learned } else { nil } } }
    var expired: [Learned] { self.all.compactMap { if case .expired(let learned) = $0 { learned } else { nil } } }
}

extension LearnedQuirks {
    static func memory(_ policy: Policy = Policy(), events: Events = Events()) -> LearnedQuirks {
        LearnedQuirks(location: .memory, policy: policy, now: start) { events.add($0) }
    }

    static func file(_ path: String, _ policy: Policy = Policy(), now: Int = start, events: Events = Events()) -> LearnedQuirks {
        LearnedQuirks(location: .file(path), policy: policy, now: now) { events.add($0) }
    }

    func found(_ finding: Finding, now: Int = start) { self.found(finding, at: host, session: "s", now: now) }
    func clean(_ quirk: String, now: Int) { self.clean(quirk, at: host, session: "s", now: now) }
    func quirks(of remote: String = host, at now: Int = start) -> [QuirkSetting] { self.known(of: remote, at: now).map(\.quirk) }
}

/// A folder that goes with its last reference.
final class Folder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/learned-quirks-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        self.path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    var file: String { self.path + "/learned.sqlite" }

    func write(_ text: String, to name: String = "learned.sqlite") throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: self.path + "/" + name))
    }

    func bytes(_ name: String = "learned.sqlite") throws -> Data { try Data(contentsOf: URL(fileURLWithPath: self.path + "/" + name)) }
}
