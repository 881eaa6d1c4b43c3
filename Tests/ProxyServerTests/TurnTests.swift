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

    /// Who has said QUIT says nothing more, so that nothing is waited for; unless it says more all the same: what it has not read yet would be lost in a reset.
    @Test(arguments: [("QUIT\r\n", true), ("QUIT\r\nNOOP\r\n", false), ("QUIT\r\nx", false)])
    func behindQUITItIsClosedAtOnce(said: String, isClosed: Bool) throws {
        let (shell, closes) = (try Shell(), Closes())
        try shell.channel.pipeline.syncOperations.addHandler(closes, position: .first)
        try shell.greet()
        _ = try self.replies(shell)
        try shell.channel.writeInbound(ByteBuffer(string: said))
        #expect(try self.replies(shell) == 1)
        #expect(closes.modes.first == (isClosed ? .all : .output))
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

/// How a channel was asked to close.
private final class Closes: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    private(set) var modes: [CloseMode] = []

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        self.modes.append(mode)
        context.close(mode: mode, promise: promise)
    }
}
