import NIOCore
import OpenSSLTLS
import Rules
import SMTPSession

/// Receives a gateway's connection: lets it in or refuses it, finds out where it was going, and begins its session. Then it is gone.
final class AcceptHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private static let itself = (
        words: "its destination is Mailshim itself", because: "loop: the destination is a listener of ours",
        fix: "change the destination of this listener"
    )

    private let listener: Listener
    private let snapshot: ConfigSnapshot
    private let metrics: ListenerMetrics
    private let fixed: RemoteEndpoint?

    init(_ order: BoundListener.AcceptContext) {
        (self.listener, self.snapshot) = (order.listener, order.snapshot)
        (self.metrics, self.fixed) = (order.metrics, order.fixed)
    }

    func channelActive(context: ChannelHandlerContext) {
        guard let gateway = context.remoteAddress?.unmapped, let here = context.localAddress?.unmapped else { return context.close(promise: nil) }
        guard self.isAllowed(gateway) else {
            return self.refuseStranger(context, gateway)
        }
        switch self.listener.destination {
        case .fixed(let host, let port): self.receive(context, gateway, to: here, fixed: (host, port))
        case .tproxy: self.receive(context, gateway, redirectedTo: here, here: here)
        case .original:
            originalDestination(of: context.channel).assumeIsolated().whenComplete { answer in
                // No connection tracking means no redirection.
                self.receive(context, gateway, redirectedTo: (try? answer.get())?.unmapped ?? here, here: here)
            }
        case .socks5, .proxyProtocol, .mx:
            self.refuse(
                context, gateway, .other, "421 4.3.5", "this destination is not available", because: "destination not available in this version")
        }
    }

    /// What `allow` says; where there is none, loopback and every address of this machine.
    private func isAllowed(_ gateway: SocketAddress) -> Bool {
        guard let address = IPAddress(gateway) else { return false }
        if self.listener.allow.contains(where: { $0.contains(address) }) { return true }
        return self.listener.allowsThisMachine && self.snapshot.isOfThisMachine(gateway)
    }

    /// 421 and not 5xx: a slip in our config must not bounce mail. However often it tries, there is one line a minute.
    private func refuseStranger(_ context: ChannelHandlerContext, _ gateway: SocketAddress) {
        let reply = "421 4.7.1 \(self.snapshot.settings.hostname) this gateway is not allowed here"
        self.metrics.refused(.notAllowed)
        let refusals = self.snapshot.refusals
        let (name, log, loop) = (self.listener.name, self.snapshot.log, context.eventLoop)
        let stranger = Refusals.Stranger(listener: name, gateway: gateway.anyPort)
        @Sendable func tell(_ summary: Refusals.Summary) {
            var line = Line("refused", .warn).with("listener", name).with("gateway", summary.subject.address ?? "others").with(
                "because", "not in allow of this listener")
            if let address = summary.subject.address { line.add("fix", "add \(address) to allow of listener \(name)") }
            log.write(line.with("told", reply).with("count", summary.count))
            loop.scheduleTask(in: Refusals.interval) { if let next = refusals.passed(for: summary.subject) { tell(next) } }
        }
        if let summary = refusals.refused(stranger) { tell(summary) }
        self.hand(context, to: RejectHandler(reply + "\r\n"))
    }

    private func receive(_ context: ChannelHandlerContext, _ gateway: SocketAddress, redirectedTo remote: SocketAddress, here: SocketAddress) {
        let isTransparent = self.listener.destination == .tproxy
        guard isTransparent || remote != here, !self.snapshot.isOwn(remote) else {
            return self.refuse(
                context, gateway, .notRedirected, "421 4.3.5", "this connection was not redirected here; see mailshim firewall",
                because: "not redirected: it was going to \(remote.text) itself", fix: "mailshim firewall | sh")
        }
        let source = isTransparent ? gateway.anyPort : nil
        guard let turn = self.admit(context, gateway, to: remote, remote.text) else { return }
        turn.begin(RemoteEndpoint(addresses: [remote], source: source, isTransparent: isTransparent))
    }

    private func receive(_ context: ChannelHandlerContext, _ gateway: SocketAddress, to here: SocketAddress, fixed: (host: String, port: Int)) {
        if let remote = self.fixed {
            guard !remote.addresses.contains(where: { self.snapshot.isOwn($0.unmapped) }) else {
                return self.refuse(context, gateway, .loop, "421 4.3.5", Self.itself.words, because: Self.itself.because, fix: Self.itself.fix)
            }
            self.admit(context, gateway, to: here, remote.text)?.begin(remote)
            return
        }
        guard let turn = self.admit(context, gateway, to: here, "\(fixed.host):\(fixed.port)") else { return }
        self.snapshot.resolver.addresses(of: fixed.host, port: fixed.port, on: context.eventLoop).assumeIsolated().whenComplete { answer in
            switch answer {
            case .success(let addresses):
                let others = addresses.filter { !self.snapshot.isOwn($0.unmapped) }
                if others.isEmpty {
                    self.snapshot.log.write(
                        Line("refused", turn.handle.id, .warn).with("listener", self.listener.name).with("gateway", gateway.text)
                            .with("because", Self.itself.because).with("fix", Self.itself.fix))
                }
                turn.begin(RemoteEndpoint(addresses: others, name: fixed.host, failure: Self.itself.words))
            case .failure(let error):
                let because = (error as? Resolver.Failure)?.because ?? "\(error)"
                turn.begin(RemoteEndpoint(addresses: [], name: fixed.host, failure: because))
            }
        }
    }

    /// Makes the session, where there is room for it and it is no connection of our own.
    /// - Parameter remote: as it is logged.
    private func admit(_ context: ChannelHandlerContext, _ gateway: SocketAddress, to destination: SocketAddress, _ remote: String) -> SessionDriver?
    {
        guard self.mayBeNoLoop(gateway) else {
            self.refuse(
                context, gateway, .loop, "421 4.4.6", "mail loop: connections from here to your address await their greeting",
                because: "loop: connections of ours to this address await their greeting", fix: "let one of the two lead to another host")
            return nil
        }
        let ends = LoopDetector.Ends(near: gateway, far: destination)
        guard self.snapshot.loopDetector.came(ends) else {
            self.refuse(
                context, gateway, .loop, "421 4.3.5", "this connection comes from Mailshim itself; see mailshim firewall",
                because: "loop: a connection of our own was redirected here", fix: "mailshim firewall | sh")
            return nil
        }
        let handle = SessionHandle(SessionID.next(), on: context.eventLoop)
        switch self.snapshot.sessions.admit(
            handle, from: gateway, most: self.snapshot.mostSessions, mostPerGateway: self.snapshot.mostSessionsPerGateway)
        {
        case .admitted: break
        case .tooMany:
            self.refuse(context, gateway, ends, .sessions, because: "limits.sessions")
            return nil
        case .tooManyFromGateway:
            self.refuse(context, gateway, ends, .sessionsPerGateway, because: "limits.sessions-per-gateway")
            return nil
        }
        let turn = SessionDriver(
            handle, ends, self.terms(for: gateway), countedFor: self.metrics, in: self.snapshot, on: context.eventLoop)
        self.snapshot.log.write(
            Line("session-opened", handle.id).with("listener", self.listener.name).with("gateway", gateway.text).with("remote", remote))
        let leg = ConnectionHandler(.gateway, of: turn)
        self.hand(context, to: leg)
        if self.listener.tls.isImplicit, let server = turn.terms.context {
            turn.secureFromTheFirstByte(leg) { () throws(TLSError) in try TLSHandler(server: server) }
        }
        return turn
    }

    /// Another Mailshim that leads back to us greets us only when we have greeted it.
    private func mayBeNoLoop(_ gateway: SocketAddress) -> Bool {
        let silent = self.snapshot.loopDetector.silent(to: gateway)
        return silent < LoopDetector.mostSilent || silent < LoopDetector.mostSilentHere && self.snapshot.isOfThisMachine(gateway)
    }

    /// Passwords in clear text are taken on loopback, where nobody listens, and where the listener says so.
    private func terms(for gateway: SocketAddress) -> SessionDriver.Terms {
        let context = self.snapshot.encryption.server(for: self.listener)
        let isImplicit = self.listener.tls.isImplicit
        let isLoopback = IPAddress(gateway)?.isLoopback == true
        return SessionDriver.Terms(
            gateway: GatewayTerms(
                offersTLS: context != nil && !isImplicit, isEncrypted: isImplicit,
                allowsPasswordsInClear: isLoopback || self.listener.cleartextAuth),
            context: context)
    }

    /// One too many.
    private func refuse(
        _ context: ChannelHandlerContext, _ gateway: SocketAddress, _ ends: LoopDetector.Ends, _ reason: ListenerMetrics.Refusal, because: String
    ) {
        self.snapshot.loopDetector.ended(incoming: ends)
        self.refuse(context, gateway, reason, "421 4.3.2", "too many sessions, try again later", because: because)
    }

    private func refuse(
        _ context: ChannelHandlerContext, _ gateway: SocketAddress, _ reason: ListenerMetrics.Refusal, _ code: String, _ words: String,
        because: String, fix: String? = nil
    ) {
        self.metrics.refused(reason)
        let reply = "\(code) \(self.snapshot.settings.hostname) \(words)"
        var line = Line("refused", .warn).with("listener", self.listener.name).with("gateway", gateway.text).with("because", because)
        if let fix { line.add("fix", fix) }
        self.snapshot.log.write(line.with("told", reply))
        self.hand(context, to: RejectHandler(reply + "\r\n"))
    }

    private func hand(_ context: ChannelHandlerContext, to handler: some ChannelHandler) {
        let pipeline = context.pipeline.syncOperations
        try? pipeline.addHandler(handler)
        pipeline.removeHandler(self, promise: nil)
    }
}
