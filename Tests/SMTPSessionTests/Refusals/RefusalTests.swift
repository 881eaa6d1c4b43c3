import QuirkKit
import StandardQuirks
import Testing

/// Real refusals that are policy, right or passing (Replies/*.txt), each at every moment at which it can come, against
/// all quirks at once.
///
/// The same session is played with the catalogue and without any quirk: the host sees the same commands on the same
/// connections, the gateway hears the same,
/// and nothing is learned. A quirk that takes one of them for its own fails here.
@Suite struct RefusalTests {
    @Test(arguments: Refusal.all) func `is left alone`(_ refusal: Refusal) {
        #expect(!refusal.moments.isEmpty, "\(refusal.file):\(refusal.line) has no moment")
        for moment in refusal.moments {
            for variant in Play.Variant.all(at: moment) { Self.compare(refusal.text, at: moment, variant, refusal) }
            // A host that means it for now where this one means it for good, or the other way round.
            guard let other = refusal.ofOtherClass else { continue }
            for variant in Play.Variant.all(at: moment) where !variant.isGrouped && !variant.closes {
                Self.compare(other, at: moment, variant, refusal)
            }
        }
    }

    private static func compare(_ reply: String, at moment: Play.Moment, _ variant: Play.Variant, _ refusal: Refusal) {
        var plain = Play(reply, at: moment, variant, catalogue: [])
        var quirky = Play(reply, at: moment, variant, catalogue: StandardQuirks.catalogue)
        let (without, with) = (plain.run(), quirky.run())
        let place = Comment("\(refusal.file):\(refusal.line): \(reply) at \(moment), \(variant)")
        #expect(with.learned == [], place)
        #expect(with.host == without.host, place)
        #expect(with.gateway == without.gateway, place)
    }

    /// Replies that do ask for a repair, with the quirk that is right (Repairs.txt): what the suite takes for nothing
    /// it must be able to see.
    @Test(arguments: AskedRepair.all) func `a repair is seen`(_ asked: AskedRepair) {
        var play = Play(
            asked.reply, at: asked.moment, .init(message: 2, isGrouped: false, closes: false),
            catalogue: StandardQuirks.catalogue,
            where: asked.condition)
        let outcome = play.run()
        #expect(outcome.learned.contains(asked.quirk), "\(outcome)")
    }

    @Test func `there are many`() { #expect(Refusal.all.count >= 300 && AskedRepair.all.count >= 30) }

    @Test func `the corpus is read as it is written`() throws {
        let lines = ["# comment", "", "GM    550 5.7.1 a\\n550 5.7.1 b\\xb7"]
        let refusals = lines.enumerated().compactMap { Refusal($1[...], file: "x", line: $0) }
        #expect(refusals.map(\.moments) == [[.greeting, .mail]])
        #expect(refusals.map(\.text) == ["550 5.7.1 a\n550 5.7.1 b\\xb7"])
        #expect(refusals.map(\.ofOtherClass) == ["450 4.7.1 a\n450 4.7.1 b\\xb7"])
        #expect(Refusal.octets(of: "b\\xb7c") == [0x62, 0xB7, 0x63])
    }
}
