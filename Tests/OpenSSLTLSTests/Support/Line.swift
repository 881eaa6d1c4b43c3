import NIOCore
import NIOPosix
import NIOTLS

@testable import OpenSSLTLS

/// One end of a connection over a socket, as a test talks through it: what it hears can be waited for.
final class Line: Sendable {
    enum Heard: Sendable, Equatable {
        case established(TLSFacts)
        case text(String)
        case shutdown, truncated, inputClosed, inactive
        case error(String)
        case isWritable(Bool)
    }

    struct Silence: Error { let heard: [Heard] }

    let channel: any Channel
    private let heard: Log

    private actor Log {
        private(set) var all: [Heard] = []
        func append(_ one: Heard) { self.all.append(one) }
    }

    /// The last handler.
    private final class Ear: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let tell: AsyncStream<Heard>.Continuation
        init(_ tell: AsyncStream<Heard>.Continuation) { self.tell = tell }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { self.tell.yield(.text(String(buffer: self.unwrapInboundIn(data)))) }
        func channelInactive(context: ChannelHandlerContext) {
            self.tell.yield(.inactive)
            self.tell.finish()
        }
        func channelWritabilityChanged(context: ChannelHandlerContext) { self.tell.yield(.isWritable(context.channel.isWritable)) }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { self.tell.yield(.error("\(error)")) }
        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            switch event {
            case TLSEvent.established(let facts): self.tell.yield(.established(facts))
            case TLSEvent.truncated: self.tell.yield(.truncated)
            case TLSUserEvent.shutdownCompleted: self.tell.yield(.shutdown)
            case ChannelEvent.inputClosed: self.tell.yield(.inputClosed)
            default: break
            }
        }
    }

    private init(_ channel: any Channel, _ stream: AsyncStream<Heard>) {
        self.channel = channel
        let heard = Log()
        self.heard = heard
        Task { for await one in stream { await heard.append(one) } }
    }

    /// Waits for something to be heard, for at least a minute.
    @discardableResult
    func wait<Answer: Sendable>(for find: @Sendable ([Heard]) -> Answer?) async throws -> Answer {
        for _ in 0..<6000 {
            if let found = find(await self.heard.all) { return found }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Silence(heard: await self.heard.all)
    }

    var all: [Heard] { get async { await self.heard.all } }
    var text: String { get async { Self.text(of: await self.heard.all) } }

    static func text(of heard: [Heard]) -> String {
        heard.map { if case .text(let text) = $0 { text } else { "" } }.joined()
    }

    func facts() async throws -> TLSFacts {
        try await self.wait { heard in
            for case .established(let facts) in heard { return facts }
            return nil
        }
    }

    func error() async throws -> String {
        try await self.wait { heard in
            for case .error(let error) in heard { return error }
            return nil
        }
    }

    func wait(for heard: Heard) async throws { try await self.wait { $0.contains(heard) ? true : nil } }
    func wait(forText text: String) async throws { try await self.wait { Self.text(of: $0).contains(text) ? true : nil } }

    func write(_ text: String) { self.channel.writeAndFlush(ByteBuffer(string: text), promise: nil) }

    // MARK: Making them

    typealias Make = @Sendable () throws -> TLSHandler?

    static func connect(_ port: Int, front: (@Sendable () -> any ChannelHandler)? = nil, _ make: @escaping Make) async throws -> Line {
        let (stream, tell) = AsyncStream.makeStream(of: Heard.self)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try Self.fill(channel, front, make, tell) }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return Line(channel, stream)
    }

    private static func fill(
        _ channel: any Channel, _ front: (@Sendable () -> any ChannelHandler)?, _ make: Make, _ tell: AsyncStream<Heard>.Continuation
    ) throws {
        if let front { try channel.pipeline.syncOperations.addHandler(front()) }
        if let handler = try make() { try channel.pipeline.syncOperations.addHandler(handler) }
        try channel.pipeline.syncOperations.addHandler(Ear(tell))
    }

    /// A listener whose connections come out of a stream.
    static func listen(
        front: (@Sendable () -> any ChannelHandler)? = nil, autoRead: Bool = true, _ make: @escaping Make
    ) async throws -> (Listener, port: Int) {
        let (lines, arrived) = AsyncStream.makeStream(of: Line.self)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.autoRead, value: autoRead)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let (stream, tell) = AsyncStream.makeStream(of: Heard.self)
                    try Self.fill(channel, front, make, tell)
                    arrived.yield(Line(channel, stream))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return (Listener(channel: channel, lines: lines), channel.localAddress?.port ?? 0)
    }

    final class Listener: Sendable {
        private let channel: any Channel
        private let lines: AsyncStream<Line>
        init(channel: any Channel, lines: AsyncStream<Line>) { (self.channel, self.lines) = (channel, lines) }
        deinit { self.channel.close(promise: nil) }

        func next() async throws -> Line {
            for await line in self.lines { return line }
            throw Silence(heard: [])
        }
    }
}
