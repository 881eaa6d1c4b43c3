import Foundation
import QuirkKit
import SMTPWire
import StandardQuirks
import Testing
import Transcript

/// Real refusals that are policy, right or passing, each at every moment at which it can come, against all quirks at once.
///
/// The same session is played with the catalogue and without any quirk: the host sees the same commands on the same connections, the gateway hears the same,
/// and nothing is learned. A quirk that takes one of them for its own fails here.
@Suite struct RefusalTests {
    static let refusals: [Refusal] = {
        let path = TranscriptFile.folder(0, above: #filePath) + "/Refusals.txt"
        return ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: "\n").compactMap { Refusal(line: $0) }
    }()

    @Test(arguments: refusals) func `is left alone`(_ refusal: Refusal) {
        for moment in refusal.moments {
            for variant in Play.Variant.all(at: moment) {
                var plain = Play(refusal.text, at: moment, variant, catalogue: [])
                var quirky = Play(refusal.text, at: moment, variant, catalogue: StandardQuirks.catalogue)
                let (without, with) = (plain.run(), quirky.run())
                #expect(with.learned == [], "\(moment) \(variant)")
                #expect(with.host == without.host, "\(moment) \(variant)")
                #expect(with.gateway == without.gateway, "\(moment) \(variant)")
            }
        }
    }

    /// Replies that do ask for a repair, with the quirk that is right: what the suite takes for nothing it must be able to see.
    @Test(arguments: [
        (Play.Moment.mail, "503 Sender already specified", "message-limit"), (.mail, "421 too many messages in this connection", "message-limit"),
        (.mail, "452 4.3.1 Too many messages for this session", "message-limit"), (.mail, "501 5.5.1 MAIL FROM already established", "message-limit"),
        (.rcpt, "421 4.5.3 mx too many recipients on this connection", "message-limit"), (.data, "503 bad sequence of commands", "message-limit"),
    ])
    func `a repair is seen`(_ moment: Play.Moment, _ reply: String, _ quirk: String) {
        var play = Play(
            reply, at: moment, .init(message: 2, isGrouped: false, closes: false), catalogue: StandardQuirks.catalogue, onlyWhereUsed: true)
        let outcome = play.run()
        #expect(outcome.learned.contains(quirk), "\(outcome)")
    }

    @Test func `there are many`() { #expect(Self.refusals.count >= 100) }
}

/// One reply of the corpus, with the moments at which hosts say it.
struct Refusal: Sendable, CustomTestStringConvertible {
    let moments: [Play.Moment]
    let text: String
    var testDescription: String { self.text }

    init?(line: Substring) {
        guard !line.hasPrefix("#"), let space = line.firstIndex(of: " ") else { return nil }
        self.moments = line[..<space].compactMap { Play.Moment(rawValue: $0) }
        self.text = String(line[space...].drop { $0 == " " }).replacing("\\n", with: "\n")
    }
}
