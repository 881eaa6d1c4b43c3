import NIOCore
import NIOEmbedded
import SMTPWire
import Testing

@testable import ProxyServer

/// Law 9: what one session does in one turn of its event loop.
struct TurnTests {
    /// Replies that went to the gateway.
    private func replies(_ shell: Shell) throws -> Int {
        var count = 0
        while let bytes = try shell.channel.readOutbound(as: ByteBuffer.self) { count += String(buffer: bytes).split(separator: "\r\n").count }
        return count
    }

    @Test func whatATurnHasNoRoomForIsDoneInTheNext() throws {
        let shell = try Shell()
        try shell.greet()
        #expect(try self.replies(shell) > 1)
        let (turn, loop) = (Limits.turnSteps, shell.channel.embeddedEventLoop)
        try shell.channel.writeInbound(ByteBuffer(string: String(repeating: "NOOP\r\n", count: 2 * turn + 3)))
        #expect(try self.replies(shell) == turn)
        loop.run()
        #expect(try self.replies(shell) == 0, "what came for others is heard before")
        loop.advanceTime(by: NextTurns.pause)
        #expect(try self.replies(shell) == turn)
        loop.advanceTime(by: NextTurns.pause)
        #expect(try self.replies(shell) == 3)
        loop.advanceTime(by: .seconds(1))
        #expect(try self.replies(shell) == 0)
        shell.handle.tell(.abort)
        _ = try shell.channel.finish(acceptAlreadyClosed: true)
    }

    /// What was read before the end is heard before it.
    @Test func theEndWaitsForWhatCameBefore() throws {
        let shell = try Shell()
        try shell.greet()
        _ = try self.replies(shell)
        let (turn, loop) = (Limits.turnSteps, shell.channel.embeddedEventLoop)
        try shell.channel.writeInbound(ByteBuffer(string: String(repeating: "NOOP\r\n", count: turn + 3) + "QUIT\r\n"))
        shell.channel.pipeline.syncOperations.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(try self.replies(shell) == turn)
        loop.advanceTime(by: NextTurns.pause)
        #expect(try self.replies(shell) == 4)
        shell.handle.tell(.abort)
        _ = try shell.channel.finish(acceptAlreadyClosed: true)
    }
}
