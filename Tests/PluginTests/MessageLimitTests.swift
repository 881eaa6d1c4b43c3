import MessageLimit
import QuirkKit
import SMTPWire
import Testing

/// What no transcript can say: questions that the engine does not ask, or not so.
@Suite struct MessageLimitTests {
    let second = Facts(mails: 2, messages: 1)

    @Test func `no close, no reply, no TLS is no finding`() {
        var quirk = MessageLimit(.watching)
        #expect(quirk.decide(on: .tlsFailed(TLSFailure(.closed, because: "closed")), to: nil, given: self.second) == .pass)
        #expect(quirk.decide(on: .reply(Reply(421, "too many messages in this connection")), to: nil, given: self.second) == .pass)
    }

    /// Two seconds are those of docs/design.md.
    @Test(arguments: [(0, true), (2000, true), (2001, false), (300_000, false)])
    func `a late close is repaired and teaches nothing`(milliseconds: Int, isFound: Bool) {
        var quirk = MessageLimit(.watching)
        guard case .recover(.reconnect, let finding, _) = quirk.decide(on: .closed(after: .milliseconds(milliseconds)), to: nil, given: self.second)
        else {
            Issue.record("no repair")
            return
        }
        #expect(finding?.shape == (isFound ? .silence : nil))
    }

    @Test(arguments: [([:], 1), (["messages": .integer(3)], 3), (["messages": .string("three")], 1)] as [([String: OptionValue], Int)])
    func `the option, and without it one`(_ options: [String: OptionValue], messages: Int) {
        let quirk = MessageLimit(.applied(options))
        #expect(quirk.isSpent(given: Facts(mails: messages - 1)) == nil)
        #expect(quirk.isSpent(given: Facts(mails: messages)) == "\(messages) of \(messages) MAIL commands used")
    }

    @Test func `the smaller of what is known and what is announced`() {
        let keywords = Keywords(Reply(250, "mx.example.net\nLIMITS MAILMAX=2"))
        #expect(MessageLimit(.applied(["messages": .integer(3)])).isSpent(given: Facts(mails: 2, keywords: keywords)) != nil)
        #expect(MessageLimit(.applied(["messages": .integer(1)])).isSpent(given: Facts(mails: 1, keywords: keywords)) != nil)
        #expect(MessageLimit(.watching).isSpent(given: Facts(mails: 1, keywords: keywords)) == nil)
        #expect(MessageLimit(.watching).isSpent(given: Facts(mails: 1_000_000)) == nil)
    }
}
