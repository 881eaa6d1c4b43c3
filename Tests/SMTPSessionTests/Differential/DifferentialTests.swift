import Glibc
import QuirkKit
import SMTPWire
import StandardQuirks
import Testing

/// Mailshim makes nothing worse: random gateways and hosts, each with and without it on the same seed.
///
/// For no recipient of a message is the outcome worse than the host's own word, no message arrives more than once or as
/// another, and a healthy host hears
/// what it would hear without Mailshim. `LAW_SEEDS=from,count` plays other seeds.
@Suite struct DifferentialTests {
    private static let seeds: Range<UInt64> = {
        let numbers =
            getenv("LAW_SEEDS").map { String(cString: $0).split(separator: ",").compactMap { UInt64($0) } } ?? []
        return numbers.count == 2 ? numbers[0]..<numbers[0] + numbers[1] : 110_000..<110_400
    }()

    @Test func `nothing is made worse`() {
        var (better, healthy, reports) = (0, 0, 0)
        for seed in Self.seeds {
            let comparison = Comparison(seed: seed)
            better += comparison.with.fates.count { $1 > comparison.direct.fates[$0] ?? .bounced }
            healthy += comparison.isHealthy ? 1 : 0
            guard !comparison.complaints.isEmpty else { continue }
            Issue.record("\(Self.report(seed, comparison.complaints))")
            reports += 1
            if reports == 3 { return }
        }
        // Else the hosts would be too good, or too bad, for anything to be seen.
        #expect(
            better > Self.seeds.count / 10 && healthy > Self.seeds.count / 20, "\(better) better, \(healthy) healthy")
    }

    private static func report(_ seed: UInt64, _ complaints: [String]) -> Comment {
        let world = World(.compared, Dice(seed: seed), isTold: true)
        _ = world.play()
        return "seed \(seed):\n\((complaints + [""] + (world.tale ?? [])).joined(separator: "\n"))"
    }

    // MARK: It bites

    /// Quirks that no catalogue has: each makes something worse, and is seen to.
    @Test(arguments: [
        (Meddler(retry: .onNewConnection, codes: [450, 451, 452], tells: nil), "a healthy host heard"),
        (
            Meddler(retry: .none, codes: [450, 451, 452], tells: Reply(550, "no")),
            "is bounced, and without Mailshim it is deferred"
        ),
    ])
    func `a quirk that makes it worse is seen`(_ meddler: Meddler, _ complaint: String) {
        let complaints = (110_000..<110_400 as Range<UInt64>).lazy.flatMap {
            Comparison(seed: $0, catalogue: StandardQuirks.catalogue + [meddler]).complaints
        }
        #expect(complaints.contains { $0.contains(complaint) })
    }

    static let plants: [(@Sendable (inout Story) -> Void, String)] = [
        ({ $0.arrived[1]?.append([0x61]) }, "message 1 for recipient 0 arrived 2 times"),
        ({ $0.arrived[1] = [[UInt8](".hidden\r\n".utf8)] }, "message 1 arrived as another"),
        ({ $0.arrived[1] = nil }, "is delivered, and never arrived"),
        ({ $0.heard[0].append("RSET") }, "a healthy host heard"),
        ({ $0.heard.append([]) }, "a healthy host heard"),
        ({ $0.fates[Copy(message: 1, recipient: 0)] = .deferred }, "is deferred, and without Mailshim it is delivered"),
    ]

    /// What the engine's laws keep any quirk from is planted in the story itself.
    @Test(arguments: Self.plants)
    func `a story that is worse is seen`(_ plant: @Sendable (inout Story) -> Void, _ complaint: String) {
        var direct = Story()
        direct.fates = [Copy(message: 1, recipient: 0): .delivered]
        direct.said = [1: [UInt8]("hidden\r\n".utf8)]
        direct.arrived = [1: [[UInt8]("hidden\r\n".utf8)]]
        direct.heard = [["EHLO gw.example", "MAIL FROM:<m1@gw.example>"]]
        #expect(Comparison(with: direct, direct: direct, isHealthy: true).complaints == [])
        var with = direct
        plant(&with)
        let complaints = Comparison(with: with, direct: direct, isHealthy: true).complaints
        #expect(complaints.contains { $0.contains(complaint) }, "\(complaints)")
    }
}

/// A quirk that takes refusals of `MAIL` for now for its own, as evasion of a rate limit does.
struct Meddler: Quirk {
    let retry: Retry
    let codes: Set<Int>
    let tells: Reply?

    var description: QuirkDescription {
        QuirkDescription(
            name: "meddler", repairs: "nothing", detection: "a refusal for now", options: [], evidence: [], stage: .mail
        )
    }
    let watches = Watches([.refused], at: [.mail])
    let acquittals = Watches([], at: [])

    func workarounds(_ options: Options) -> Workarounds { Workarounds { _ in } }

    func diagnose(_ seen: Observation, _ facts: Facts) -> Diagnosis? {
        guard case .reply(let reply) = seen.answer, self.codes.contains(reply.code) else { return nil }
        return Diagnosis(retry: self.retry, tells: self.tells, counts: nil, because: "it meddles")
    }

    func acquits(_ seen: Observation, _ facts: Facts) -> Bool { false }
}
