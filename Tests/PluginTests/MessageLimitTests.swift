import MessageLimit
import QuirkKit
import SMTPWire
import Testing

/// What no transcript can say: questions that the engine does not ask, or not so.
@Suite struct MessageLimitTests {
    let second = Facts(mails: 2, messages: 1)

    private func diagnosis(_ answer: Answer) -> Diagnosis? { MessageLimit().diagnose(Observation(answer, to: nil), self.second) }

    @Test func `no close, no reply, no TLS is no finding`() {
        #expect(self.diagnosis(.tlsFailed(TLSFailure(.closed, because: "closed"))) == nil)
        #expect(self.diagnosis(.reply(Reply(421, "too many messages in this connection"))) == nil)
    }

    /// Two seconds are those of docs/design.md.
    @Test(arguments: [(0, true), (2000, true), (2001, false), (300_000, false)])
    func `a late close is repaired and teaches nothing`(milliseconds: Int, isFound: Bool) {
        let diagnosis = self.diagnosis(.closed(after: .milliseconds(milliseconds)))
        #expect(diagnosis?.retry == .onNewConnection)
        #expect(diagnosis?.counts?.needed == (isFound ? 2 : nil))
    }

    @Test(arguments: [([:], 1), (["messages": .integer(3)], 3), (["messages": .string("three")], 1)] as [(Options, Int)])
    func `the option, and without it one`(_ options: Options, messages: Int) {
        #expect(MessageLimit().workarounds(options) == Workarounds { $0.messages = messages })
    }
}
