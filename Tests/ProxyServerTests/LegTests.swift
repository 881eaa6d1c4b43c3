import NIOCore
import Testing

@testable import ProxyServer

/// One connection of a session, without a socket.
struct LegTests {
    /// Lines that come one by one for a remote that takes none would else cost 16 KB each, up to 64 KB of lines.
    @Test(arguments: [(72, true), (1000, true), (4096, false), (16_384, false)])
    func whatWaitsForThePeerKeepsNoReceiveBufferForAFewOctets(octets: Int, isCopied: Bool) throws {
        let shell = try Shell()
        let (leg, channel) = (shell.leg, shell.channel)
        var read = ByteBufferAllocator().buffer(capacity: 16_384)
        read.writeRepeatingByte(7, count: octets)
        leg.write(read)
        leg.flush()
        let written = try #require(try channel.readOutbound(as: ByteBuffer.self))
        #expect(written == read)
        #expect((written.storageCapacity <= 2 * octets) == (isCopied || octets == 16_384))
        #expect(try channel.finish(acceptAlreadyClosed: true).isClean)
    }

    /// What a slow remote has to take is what one read brought, so the next is small.
    @Test func whoPausedReadsLittleAtFirst() throws {
        let shell = try Shell()
        let (leg, channel) = (shell.leg, shell.channel)
        try #require(channel.syncOptions).setOption(.recvAllocator, value: UnpooledReceive())
        func capacity() throws -> Int {
            try #require(channel.syncOptions).getOption(.recvAllocator).buffer(allocator: ByteBufferAllocator()).capacity
        }
        leg.pause(false)
        #expect(try capacity() == 128)
        leg.pause(true)
        #expect(try capacity() == 16_384)
        _ = try channel.finish(acceptAlreadyClosed: true)
    }

    /// Of commands so little comes at once that a session does not stall the others; of content, once there is more than a little, much.
    @Test func largeReadsAreForContent() throws {
        let shell = try Shell()
        let (leg, channel) = (shell.leg, shell.channel)
        try #require(channel.syncOptions).setOption(.recvAllocator, value: UnpooledReceive())
        func most() throws -> Int {
            let options = try #require(channel.syncOptions)
            var reads = try #require(try options.getOption(.recvAllocator) as? UnpooledReceive)
            for _ in 0..<8 { _ = reads.record(actualReadBytes: reads.buffer(allocator: ByteBufferAllocator()).capacity) }
            return reads.buffer(allocator: ByteBufferAllocator()).capacity
        }
        leg.reads(content: true)
        for _ in 0..<2 {
            channel.pipeline.syncOperations.fireChannelRead(NIOAny(ByteBuffer(repeating: 7, count: 8192)))
            #expect(try most() == 16_384)
        }
        leg.reads(content: true)
        #expect(try most() == 524_288)
        leg.pause(true)
        #expect(try channel.syncOptions?.getOption(.recvAllocator).buffer(allocator: ByteBufferAllocator()).capacity == 65_536)
        leg.reads(content: false)
        #expect(try most() == 16_384)
        leg.reads(content: true)
        #expect(try most() == 16_384)
        _ = try channel.finish(acceptAlreadyClosed: true)
    }

    /// While mail data flows the reads grow, and at rest the next one is small again.
    @Test func readsGrowWithWhatComes() {
        var (reads, commands) = (UnpooledReceive.ofContent, UnpooledReceive())
        func capacity() -> Int { reads.buffer(allocator: ByteBufferAllocator()).capacity }
        #expect(commands.buffer(allocator: ByteBufferAllocator()).capacity == 128)
        for octets in [128, 16_384, 16_384] {
            _ = commands.record(actualReadBytes: octets)
            #expect(commands.buffer(allocator: ByteBufferAllocator()).capacity == 16_384)
        }
        #expect(capacity() == 65_536)
        var sizes: [Int] = []
        for _ in 0..<5 {
            _ = reads.record(actualReadBytes: capacity())
            sizes.append(capacity())
        }
        #expect(sizes == [131_072, 262_144, 524_288, 524_288, 524_288])
        _ = reads.record(actualReadBytes: 300_000)
        #expect(capacity() == 524_288)
        for size in [262_144, 131_072, 65_536, 32_768, 16_384, 16_384] {
            _ = reads.record(actualReadBytes: 30)
            #expect(capacity() == size)
        }
        #expect(reads.nextBufferSize() == nil)
    }
}
