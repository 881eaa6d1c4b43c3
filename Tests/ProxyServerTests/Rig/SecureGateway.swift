import NIOCore
import NIOPosix
import OpenSSLTLS
import Synchronization

/// A gateway that speaks TLS.
final class SecureGateway: Sendable {
    private let channel: any Channel
    private let ears: Ears

    private final class Ears: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        struct Heard {
            var bytes: [UInt8] = []
            var isOver = false
            var facts: TLSFacts?
            var isTruncated = false
        }
        let heard = Mutex(Heard())

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = self.unwrapInboundIn(data)
            self.heard.withLock { $0.bytes += bytes.readableBytesView }
        }
        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case .established(let facts)? = event as? TLSEvent { self.heard.withLock { $0.facts = facts } }
            if case .truncated? = event as? TLSEvent { self.heard.withLock { $0.isTruncated = true } }
            if case .inputClosed? = event as? ChannelEvent { self.heard.withLock { $0.isOver = true } }
        }
        func channelInactive(context: ChannelHandlerContext) { self.heard.withLock { $0.isOver = true } }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    init(port: Int, host: String = "127.0.0.1", implicit: Bool = false) async throws {
        let ears = Ears()
        self.ears = ears
        self.channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if implicit { try channel.pipeline.syncOperations.addHandler(Self.client()) }
                    try channel.pipeline.syncOperations.addHandler(ears)
                }
            }
            .connect(host: host, port: port).get()
    }

    private static func client() throws -> TLSHandler {
        try TLSHandler(client: TLSClientContext(trust: .file(Certificates.authority.certificate)), name: Certificates.name)
    }

    var facts: TLSFacts? { self.ears.heard.withLock { $0.facts } }

    /// Mailshim's side ended without close_notify.
    var isTruncated: Bool { self.ears.heard.withLock { $0.isTruncated } }

    func send(_ text: String) { self.channel.writeAndFlush(ByteBuffer(string: text), promise: nil) }

    /// In one segment.
    func sendLastWords(_ text: String) {
        let channel = self.channel
        channel.eventLoop.execute {
            channel.write(ByteBuffer(string: text), promise: nil)
            channel.close(mode: .output, promise: nil)
        }
    }

    func endOutput() { self.channel.close(mode: .output, promise: nil) }
    func close() { self.channel.close(promise: nil) }

    /// After the 220 to STARTTLS. Nil: there was no TLS to be had.
    func shakeHands() async throws -> TLSFacts? {
        let channel = self.channel
        try await channel.eventLoop.submit { try channel.pipeline.syncOperations.addHandler(Self.client(), position: .first) }.get()
        return await self.wait { heard -> TLSFacts?? in heard.facts.map { .some($0) } ?? (heard.isOver ? .some(nil) : nil) } ?? nil
    }

    /// Says STARTTLS and shakes hands.
    func startTLS() async throws -> TLSFacts? {
        guard await self.ask("STARTTLS")?.prefix(3) == "220" else { return nil }
        return try await self.shakeHands()
    }

    func line() async -> String? {
        await self.wait { heard -> String?? in
            if let end = heard.bytes.firstIndex(of: 10) {
                let line = heard.bytes[..<end]
                defer { heard.bytes.removeFirst(end + 1) }
                return .some(String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self))
            }
            return heard.isOver ? .some(nil) : nil
        } ?? nil
    }

    func lines() async -> [String] {
        var lines: [String] = []
        while let line = await self.line() {
            lines.append(line)
            if line.utf8.dropFirst(3).first != UInt8(ascii: "-") { break }
        }
        return lines
    }

    func reply() async -> String? { await self.lines().last }

    func ask(_ command: String) async -> String? {
        self.send(command + "\r\n")
        return await self.reply()
    }

    /// The keywords of EHLO.
    func hello(_ name: String = "gateway.test") async -> [String] {
        self.send("EHLO \(name)\r\n")
        return await self.lines().map { String($0.dropFirst(4)) }
    }

    /// Sends one message; its replies from `MAIL` to the final dot.
    func message(from sender: String, to recipient: String = "b@example.net", _ content: String = "Subject: x\r\n\r\nx\r\n") async -> [String] {
        var replies: [String] = []
        for command in ["MAIL FROM:<\(sender)>", "RCPT TO:<\(recipient)>", "DATA"] {
            guard let reply = await self.ask(command) else { return replies + ["closed"] }
            replies.append(reply)
            guard reply.first == "2" || reply.first == "3" else { return replies }
        }
        self.send(content + ".\r\n")
        return replies + [await self.reply() ?? "closed"]
    }

    /// The same as codes.
    func codes(from sender: String, to recipient: String = "b@example.net", _ content: String = "Subject: x\r\n\r\nx\r\n") async -> [String] {
        await self.message(from: sender, to: recipient, content).map { String($0.prefix(3)) }
    }

    /// Until something is there, at most 30 s.
    private func wait<T: Sendable>(for body: (inout Ears.Heard) -> T?) async -> T? {
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            if let found = self.ears.heard.withLock({ heard in body(&heard) }) { return found }
            try? await Task.sleep(for: .milliseconds(2))
        }
        return nil
    }
}
