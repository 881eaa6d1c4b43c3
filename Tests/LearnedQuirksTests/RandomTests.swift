import Foundation
import QuirkKit
import Testing

@testable import LearnedQuirks

/// Random operations from seeds.
@Suite struct RandomTests {
    /// 10,000 operations against a model that keeps everything it ever heard; after each, all answers are the same. Restarts and the command line included.
    @Test(arguments: 1...4 as ClosedRange<UInt64>) func againstAModel(_ seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let folder = try Folder()
        let file = try LearnedFile(path: folder.file)
        var memory = LearnedQuirks.file(folder.file)
        var model = Model()
        var now = start
        let remotes = [host, other, "192.0.2.1:26"]
        for step in 0..<2500 {
            now += [0, 1, hour / 2, hour, hour * 5, day, 8 * day].randomElement(using: &random) ?? 0
            let remote = remotes.randomElement(using: &random) ?? host
            let quirk = ["sticky-sender", "broken-starttls", "message-limit", "message-limit"].randomElement(using: &random) ?? ""
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<35:
                let finding =
                    [.stickySender, .noReuse, .limit(2), .limit(3), .silence(3), .brokenTLS, .brokenTLS].randomElement(using: &random)
                    ?? Finding.noReuse
                memory.found(finding, at: remote, session: "s", now: now)
                model.found(finding, at: remote, now: now)
            case 35..<43:
                let mails = [2, 3, .max].randomElement(using: &random) ?? 2
                memory.reused(remote, mails: mails, now: now)
                model.reuses.append((remote, mails, now))
            case 43..<55:
                memory.used(quirk, at: remote, now: now)
                model.change(quirk, remote, now) { $0.timesUsed += 1 }
            case 55..<75:
                memory.clean(quirk, at: remote, session: "s", now: now)
                model.clean(quirk, at: remote, now: now)
            case 75..<85:
                #expect(memory.mayProbe(quirk, at: remote, now: now) == model.mayProbe(quirk, at: remote, now: now), "seed \(seed), step \(step)")
            case 85..<92: memory.synchronise(now: now)
            case 92..<94:
                memory.synchronise(now: now)
                memory = LearnedQuirks.file(folder.file, now: now)
                model.restart()
            case 94..<96:
                memory.synchronise(now: now)
                try file.forget(remote)
                memory.synchronise(now: now)
                model.entries = model.entries.filter { $0.key.remote != remote }
            case 96..<97:
                memory.synchronise(now: now)
                let pinned = try file.pin(remote, limit(3), now: now)
                memory.synchronise(now: now)
                model.entries[Key(remote: remote, quirk: pinned.quirk.name)] = pinned
                #expect(pinned.quirk == limit(3) && pinned.isPinned)
            default:
                // Not the pinned ones: else all would be in the end.
                try file.forget(remote, quirk: "message-limit")
                memory.synchronise(now: now)
                if memory.known(of: remote, at: now).allSatisfy({ $0.quirk.name != "message-limit" }) {
                    model.entries[Key(remote: remote, quirk: "message-limit")] = nil
                }
            }
            for remote in remotes {
                try #require(memory.known(of: remote, at: now) == model.known(of: remote, at: now), "seed \(seed), step \(step)")
            }
        }
        memory.synchronise(now: now)
        #expect(try file.list() == remotes.sorted().flatMap { model.known(of: $0, at: now, isInFile: true) })
    }

    /// Two proxies and a command line on one file, in any order, the file deleted now and then: in the end all say the same.
    @Test(arguments: 1...20 as ClosedRange<UInt64>) func theyAgreeInTheEnd(_ seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let folder = try Folder()
        let file = try LearnedFile(path: folder.file)
        let proxies = [LearnedQuirks.file(folder.file), LearnedQuirks.file(folder.file)]
        let remotes = (1...4).map { "192.0.2.1:\($0)" }
        var now = start
        var pinned: Set<String> = []
        for _ in 0..<150 {
            now += Int.random(in: 0...hour, using: &random)
            let (proxy, remote) = (random.one(in: 2) ? proxies[0] : proxies[1], remotes.randomElement(using: &random) ?? host)
            switch Int.random(in: 0..<20, using: &random) {
            case 0..<6: proxy.found(random.one(in: 2) ? .noReuse : .stickySender, at: remote, session: "s", now: now)
            case 6..<9: proxy.used("message-limit", at: remote, now: now)
            case 9..<12: proxy.clean("message-limit", at: remote, session: "s", now: now)
            case 12..<17: proxy.synchronise(now: now)
            case 17:
                try file.forget(remote)
                pinned.remove(remote)
            case 18:
                try file.pin(remote, limit(1), now: now)
                pinned.insert(remote)
            default:
                guard random.one(in: 4) else { continue }
                // All have seen what was in it, and all see that it is gone: nothing is lost, nothing comes back.
                for proxy in proxies + proxies { proxy.synchronise(now: now) }
                try FileManager.default.removeItem(atPath: folder.file)
                for proxy in proxies + proxies { proxy.synchronise(now: now) }
            }
        }
        for proxy in proxies + proxies { proxy.synchronise(now: now + Bounds.retry.upperBound) }
        let inFile = try file.list()
        for proxy in proxies { #expect(remotes.flatMap { proxy.entries(of: $0, at: now) } == inFile, "seed \(seed)") }
        #expect(Set(inFile.filter(\.isPinned).map(\.remote)) == pinned, "seed \(seed)")
    }
}

extension LearnedQuirks {
    /// Without what only a proxy knows.
    fileprivate func entries(of remote: String, at now: Int) -> [Learned] {
        self.known(of: remote, at: now).map {
            var learned = $0
            learned.isDueForProbe = false
            return learned
        }
    }
}

/// The rules again, as they are told: nothing is bounded, nothing is tidied up.
private struct Model {
    var entries: [Key: Learned] = [:]
    var reuses: [(remote: String, mails: Int, at: Int)] = []
    var findings: [(remote: String, quirk: QuirkSetting, at: Int)] = []
    var probes: [String: Int] = [:]

    func known(of remote: String, at now: Int, isInFile: Bool = false) -> [Learned] {
        self.entries.values.filter { $0.remote == remote && !$0.hasExpired(at: now) }.sorted { $0.quirk.name < $1.quirk.name }.map {
            var learned = $0
            learned.isDueForProbe = !isInFile && self.isDue(learned, now)
            return learned
        }
    }

    private func isDue(_ learned: Learned, _ now: Int) -> Bool {
        learned.heals && !learned.isPinned && (learned.isProbedHourly || now >= learned.lastSeen + day)
            && now >= (self.probes[learned.remote] ?? 0) + hour
    }

    mutating func change(_ quirk: String, _ remote: String, _ now: Int, _ body: (inout Learned) -> Void) {
        let key = Key(remote: remote, quirk: quirk)
        guard var learned = self.entries[key], !learned.hasExpired(at: now) else { return }
        body(&learned)
        self.entries[key] = learned
    }

    mutating func found(_ finding: Finding, at remote: String, now: Int) {
        let key = Key(remote: remote, quirk: finding.quirk.name)
        if let known = self.entries[key], !known.hasExpired(at: now) {
            if known.quirk == finding.quirk {
                return self.change(key.quirk, remote, now) {
                    $0.lastSeen = now
                    $0.cleanInARow = 0
                    if !$0.isPinned { $0.expires = now + (finding.counting.lasts ?? 30 * day) }
                }
            }
            if known.isPinned { return }
            guard case .integer(let new)? = finding.quirk.options["messages"], case .integer(let old)? = known.quirk.options["messages"], new < old
            else { return }
        }
        self.findings.append((remote, finding.quirk, now))
        var agreeing: [Int] = []
        var next = now
        for (_, _, at) in self.findings.reversed().filter({ $0.remote == remote && $0.quirk == finding.quirk }) {
            guard next - at < day else { break }
            next = at
            agreeing.append(at)
        }
        var passed = 1
        if case .integer(let messages)? = finding.quirk.options["messages"] { passed = messages }
        let behaved = finding.counting.doubt != .never && self.reuses.contains { $0.remote == remote && $0.mails > passed && now - $0.at < day }
        guard agreeing.count >= (behaved ? 3 : finding.counting.needed), now - next >= finding.counting.span else { return }
        self.findings.removeAll { $0.remote == remote && $0.quirk.name == finding.quirk.name }
        self.entries[key] = Learned(
            remote: remote, quirk: finding.quirk, origin: .learned, sent: finding.sent, reply: finding.reply,
            firstSeen: next, lastSeen: now, expires: now + (finding.counting.lasts ?? 30 * day), ending: finding.counting.ending)
    }

    mutating func clean(_ quirk: String, at remote: String, now: Int) {
        self.change(quirk, remote, now) { if $0.heals && !$0.isPinned { $0.cleanInARow += 1 } }
        self.entries = self.entries.filter { $0.value.cleanInARow < 3 }
    }

    mutating func mayProbe(_ quirk: String, at remote: String, now: Int) -> Bool {
        guard let learned = self.entries[Key(remote: remote, quirk: quirk)], !learned.hasExpired(at: now), self.isDue(learned, now) else {
            return false
        }
        self.change(quirk, remote, now) { $0.lastProbe = now }
        self.probes[remote] = now
        return true
    }

    /// What is in memory only is forgotten.
    mutating func restart() {
        self.reuses = []
        self.findings = []
        self.probes = [:]
        for learned in self.entries.values { self.probes[learned.remote] = max(self.probes[learned.remote] ?? 0, learned.lastProbe ?? 0) }
    }
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func one(in number: Int) -> Bool { Int.random(in: 0..<number, using: &self) == 0 }
}
