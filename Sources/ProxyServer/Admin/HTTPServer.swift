import NIOCore
import NIOHTTP1
import NIOPosix
import Rules
import Synchronization

/// Health and metrics by HTTP, on loopback alone: reading, hosts and counts, never a mailbox address.
final class HTTPServer: Sendable {
    struct Page: Sendable {
        var status = HTTPResponseStatus.ok
        var type = "text/plain; charset=utf-8"
        var text: String
    }

    typealias Pages = @Sendable (_ path: String) async -> Page?

    /// Connections at once; more are closed without a word.
    static let mostConnections = 32
    static let patience = TimeAmount.seconds(30)

    /// What it shows; nothing until it is set.
    let pages = Mutex<Pages?>(nil)
    private let open = Mutex<(endpoint: SocketEndpoint, channel: any Channel)?>(nil)
    private let connections = Atomic(0)

    /// Where it listens, a port 0 filled in.
    var address: SocketAddress? { self.open.withLock { $0?.channel.localAddress } }

    /// Listens there instead of where it did; nil: nowhere.
    func listen(on endpoint: SocketEndpoint?, group: any EventLoopGroup) async throws(BindFailure) {
        guard endpoint != self.open.withLock({ $0?.endpoint }) else { return }
        guard let endpoint else { return await self.close() }
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard self.admit() else { throw ChannelError.operationUnsupported }
                    channel.closeFuture.whenComplete { _ in self.connections.subtract(1, ordering: .relaxed) }
                    channel.eventLoop.scheduleTask(in: Self.patience) { channel.close(promise: nil) }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withPipeliningAssistance: true, withErrorHandling: true)
                    let pages = self.pages.withLock { $0 }
                    try channel.pipeline.syncOperations.addHandler(HTTPHandler { await pages?($0) })
                }
            }
        do {
            let address = try SocketAddress(ipAddress: endpoint.host, port: endpoint.port)
            let channel = try await bootstrap.bind(to: address).get()
            await self.close()
            self.open.withLock { $0 = (endpoint, channel) }
        } catch {
            throw BindFailure(listener: "admin", bind: endpoint.description, because: BindFailure.words(for: error))
        }
    }

    func close() async {
        guard let open = self.open.withLock({ exchange(&$0, with: nil) }) else { return }
        try? await open.channel.close()
    }

    private func admit() -> Bool {
        guard self.connections.add(1, ordering: .relaxed).newValue > Self.mostConnections else { return true }
        self.connections.subtract(1, ordering: .relaxed)
        return false
    }
}

/// Answers GET and HEAD, one request after the other.
private final class HTTPHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let pages: HTTPServer.Pages
    private var head: HTTPRequestHead?

    init(_ pages: @escaping HTTPServer.Pages) { self.pages = pages }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end: if let head = exchange(&self.head, with: nil) { self.answer(head, context) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        // A page elsewhere may point a name of its own at 127.0.0.1 (DNS rebinding): only our names are hosts here.
        guard Self.isOurs(head.headers.first(name: "host") ?? "") else {
            return self.send(HTTPServer.Page(status: .misdirectedRequest, text: "421 not a name of this host\n"), head, context)
        }
        guard head.method == .GET || head.method == .HEAD else {
            return self.send(HTTPServer.Page(status: .methodNotAllowed, text: "405 GET and HEAD alone\n"), head, context)
        }
        let path = String(head.uri.prefix { $0 != "?" })
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let (pages, loop) = (self.pages, context.eventLoop)
        Task {
            let page = await pages(path) ?? HTTPServer.Page(status: .notFound, text: "404 there are /livez, /readyz and /metrics\n")
            loop.execute { bound.value.0.send(page, head, bound.value.1) }
        }
    }

    private static func isOurs(_ host: String) -> Bool {
        let name = host.hasPrefix("[") ? String(host.prefix { $0 != "]" }) : String(host.prefix { $0 != ":" })
        return ["localhost", "127.0.0.1", "[::1", ""].contains(name.lowercased())
    }

    private func send(_ page: HTTPServer.Page, _ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        let body = ByteBuffer(string: page.text)
        let headers: HTTPHeaders = [
            "Content-Type": page.type, "Content-Length": "\(body.readableBytes)", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Referrer-Policy": "no-referrer",
        ]
        context.write(self.wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: page.status, headers: headers))), promise: nil)
        if request.method != .HEAD { context.write(self.wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        let (isLast, channel) = (!request.isKeepAlive, context.channel)
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.whenComplete { _ in if isLast { channel.close(promise: nil) } }
        context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: written)
    }
}
