import Testing

@testable import SMTPWire

@Suite struct NoopMailshimTests {
    @Test func `to others it is a NOOP`() { #expect(Command.noopMailshim.body == .noop) }

    @Test func `the answer names who gives it`() {
        #expect(Reply(mailshimAt: "shim.example").line == "250 2.0.0 this is Mailshim at shim.example")
        #expect(Reply(mailshimAt: "shim.example").ofRemote.mailshim == "shim.example")
    }

    @Test(arguments: [
        Reply(250, "2.0.0 Ok"), Reply(250, "this is Mailshim at shim.example"),
        Reply(501, "2.0.0 this is Mailshim at shim.example"),
        Reply(250, "2.0.0 Ok this is Mailshim at shim.example"),
    ])
    func `what others answer is not taken for it`(_ reply: Reply) { #expect(reply.mailshim == nil) }
}
