import Glibc
import Testing

/// The laws (docs/laws.md), against random sessions from seeds. In every session all laws are looked at; each test plays the sessions in which its
/// law is most in danger.
///
/// `LAW_SEEDS=from,count` in the environment plays other seeds, and as many as wanted.
@Suite struct LawTests {
    @Test(arguments: [Scenario.Theme.wildHosts, .wild])
    func `law 1: nothing is acknowledged but by the remote`(_ theme: Scenario.Theme) { Self.play(theme, from: 10_000) }

    @Test(arguments: [Scenario.Theme.wildHosts, .wrongGateway])
    func `law 2: after the final dot, never again`(_ theme: Scenario.Theme) { Self.play(theme, from: 20_000) }

    @Test(arguments: [Scenario.Theme.wrongGateway, .wildHosts])
    func `law 3: one reply for one command, in order`(_ theme: Scenario.Theme) { Self.play(theme, from: 30_000) }

    @Test(arguments: [Scenario.Theme.family, .wild])
    func `law 4: no message travels in another's envelope`(_ theme: Scenario.Theme) { Self.play(theme, from: 40_000) }

    @Test(arguments: [Scenario.Theme.family, .wildHosts, .familyTLS])
    func `law 5: what the gateway did not ask for fails as 4xx`(_ theme: Scenario.Theme) { Self.play(theme, from: 50_000) }

    @Test(arguments: [Scenario.Theme.healthy, .soundTLS])
    func `law 6: a healthy remote notices nothing`(_ theme: Scenario.Theme) { Self.play(theme, from: 60_000) }

    @Test func `law 7: TLS is never silently weaker`() {
        let tally = Self.play(.familyTLS, from: 70_000, count: 400).merging(Self.play(.wildTLS, from: 70_000, count: 400), uniquingKeysWith: +)
        guard Self.wanted == nil else { return }
        for happening in Happening.allCases { #expect(tally[happening, default: 0] >= happening.least, "\(happening)") }
    }

    @Test(arguments: [Scenario.Theme.wrongGateway, .wild])
    func `law 8: content is never read as commands, nor commands as content`(_ theme: Scenario.Theme) { Self.play(theme, from: 80_000) }

    @Test(arguments: [Scenario.Theme.randomQuirks, .wild, .wildTLS])
    func `law 9: everything is bounded`(_ theme: Scenario.Theme) { Self.play(theme, from: 90_000) }

    @Test(arguments: [Scenario.Theme.family, .randomQuirks])
    func `law 10: every repair is explained`(_ theme: Scenario.Theme) { Self.play(theme, from: 100_000) }
}

extension LawTests {
    static let count: UInt64 = 200

    /// Other seeds than the usual ones.
    private static let wanted: Range<UInt64>? = {
        guard let text = getenv("LAW_SEEDS") else { return nil }
        let numbers = String(cString: text).split(separator: ",").compactMap { UInt64($0) }
        return numbers.count == 2 ? numbers[0]..<numbers[0] + numbers[1] : nil
    }()

    @discardableResult
    private static func play(_ theme: Scenario.Theme, from first: UInt64, count: UInt64 = Self.count) -> [Happening: Int] {
        let seeds = Self.wanted ?? first..<first + count
        var reports = 0
        var tally: [Happening: Int] = [:]
        for seed in seeds {
            let world = World(theme, seed: seed)
            let isRight = world.play().isEmpty
            tally.merge(world.tally, uniquingKeysWith: +)
            if isRight { continue }
            Issue.record("\(Self.report(theme, seed))")
            reports += 1
            if reports == 3 { break }
        }
        return tally
    }

    /// What was broken, and the whole session, for people.
    private static func report(_ theme: Scenario.Theme, _ seed: UInt64) -> Comment {
        let world = World(theme, seed: seed, isTold: true)
        let faults = world.play().map { "law \($0.law): \($0.text)" }
        return "\(theme), seed \(seed):\n\((faults + [""] + (world.tale ?? [])).joined(separator: "\n"))"
    }
}
