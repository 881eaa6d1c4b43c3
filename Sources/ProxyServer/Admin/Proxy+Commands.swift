import AdminProtocol
import Glibc
import LearnedQuirks
import NIOCore
import NIOHTTP1
import QuirkKit
import Rules
import SMTPSession
import Synchronization

/// What can be asked over the admin socket, and seen by HTTP.
extension Proxy {
    func registerCommands() {
        self.registerPulse()
        self.command("status") { proxy, _, _ in .success(await proxy.status().json) }
        self.command("sessions") { proxy, request, _ in await proxy.sessions(request) }
        self.command("kill") { proxy, request, peer in await proxy.kill(request, peer) }
        self.command("metrics") { proxy, _, _ in .success(["text": .string(await proxy.metricsPage().text)]) }
        self.registerOperatorCommands()
        self.http.pages.withLock { $0 = { [weak self] in await self?.page($0) } }
    }

    func command(_ name: String, _ body: @escaping @Sendable (Proxy, AdminRequest, AdminPeer) async -> AdminCommands.Answer) {
        self.adminCommands.register(name) { [weak self] request, peer in
            guard let self else { return .failure(AdminFailure(.refused, "it has stopped")) }
            return await body(self, request, peer)
        }
    }

    private func sessions(_ request: AdminRequest) async -> AdminCommands.Answer {
        let filter: SessionFilter
        do throws(AdminFailure) { filter = try SessionFilter(request.arguments) } catch { return .failure(error) }
        let all = self.services.sessions.all
        let summaries = await SessionGathering.summaries(of: all, filter, from: self.admin.loop)
        return .success(["all": .integer(all.count), "sessions": .array(summaries.map(\.json))])
    }

    /// As at the end of a graceful stop: the gateway hears 421 where that is lawful, and whatever is left after the last words is closed.
    private func kill(_ request: AdminRequest, _ peer: AdminPeer) async -> AdminCommands.Answer {
        guard let id = request.arguments["session"].string else { return .failure(AdminFailure(.usage, "session: its id, as the log has it")) }
        guard let session = self.services.sessions.named(id) else { return .failure(AdminFailure(.missing, "there is no session \(id)")) }
        self.services.log.write(Line("session-killed", session.id).with("by", peer.user).with("because", request.arguments["because"].string ?? ""))
        session.tell(.event(.timeIsUp))
        session.loop.scheduleTask(in: ConnectionHandler.patience + .milliseconds(100)) { session.tell(.abort) }
        let author = Self.author(peer, request.arguments)
        await self.memory.record(
            AuditEntry(at: wallClock(), action: "kill", subject: id, user: author.user, remark: author.remark, because: author.because))
        return .success(["session": .string(id)])
    }

    func metricsPage() async -> MetricText {
        let status = await self.status()
        let (config, snapshot) = self.current.withLock { ($0.config, $0.snapshot) }
        var context = MetricsContext()
        context.version = self.version
        context.mostSessions = status.mostSessions
        let lags = status.loops.compactMap(\.self)
        context.lag = lags.count == status.loops.count ? lags.max().map { $0 / 1000 } : nil
        for check in status.checks {
            let isOK = check.state != .fail
            if let index = context.checks.firstIndex(where: { $0.name == check.name }) {
                context.checks[index].isOK = context.checks[index].isOK && isOK
            } else {
                context.checks.append((check.name, isOK))
            }
        }
        if status.isDraining { context.checks.append(("not draining", false)) }
        for entry in self.memory.all { context.entries[entry.quirk.name, default: [:]][entry.origin, default: 0] += 1 }
        context.certificates = config.listeners.compactMap { listener in
            snapshot?.encryption.expiries[listener.tls].map { (listener.name, $0) }
        }
        context.redirect = self.redirectReport
        context.droppedLines = self.services.log.dropped
        context.process = .now
        context.bypasses = self.memory.bypasses(at: wallClock()).count
        return self.services.metrics.page(context)
    }

    private func page(_ path: String) async -> HTTPServer.Page? {
        switch path {
        case "/livez": return HTTPServer.Page(text: "ok\n")
        case "/readyz":
            let status = await self.status()
            let lines = status.checks.map { "\($0.state.rawValue) \($0.name)\($0.subject.isEmpty ? "" : " \($0.subject)"): \($0.detail)\n" }
            let head = status.isDraining ? "draining" : status.state.rawValue
            return HTTPServer.Page(
                status: status.state == .notServing ? .serviceUnavailable : .ok, text: "\(head)\n\(lines.joined())")
        case "/metrics": return HTTPServer.Page(type: "text/plain; version=0.0.4; charset=utf-8", text: await self.metricsPage().text)
        default: return nil
        }
    }
}
