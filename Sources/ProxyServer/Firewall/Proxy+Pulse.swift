import AdminProtocol
import NIOCore
import Rules
import Synchronization

/// `pulse`: what `firewall watch` asks once a second. The answer passes through every event loop, and names the listeners that accept.
extension Proxy {
    func registerPulse() {
        self.adminCommands.register("pulse") { [weak self] request, _ in
            guard let self else { return .failure(AdminFailure(.refused, "it has stopped")) }
            if let report = RedirectReport(request.arguments) { self.heard(report) }
            return .success(await self.pulse())
        }
    }

    private func pulse() async -> JSON {
        let lags = await EventLoopProbe.lags(of: self.eventLoops, within: .milliseconds(900), from: self.admin.loop)
        let open = await self.listening.map(\.listener)
        let accepting = self.config.listeners.filter { listener in open.count { $0 == listener.name } == listener.bind.count }.map(\.name)
        let isServing = !self.isStopping.load(ordering: .relaxed)
        return [
            "accepting": .array(isServing ? accepting.map { .string($0) } : []), "stuck": .integer(lags.count { $0 == nil }),
        ]
    }

    /// Seconds that a report holds.
    private static let goodFor: Int64 = 5

    /// Nil: none lately.
    var redirectReport: RedirectReport? { self.services.redirect.withLock { $0.flatMap { $0.until < .now() ? nil : $0.report } } }

    private func heard(_ report: RedirectReport) {
        let until = NIODeadline.now() + .seconds(Self.goodFor)
        let before = self.services.redirect.withLock { exchange(&$0, with: (report, until))?.report }
        self.health.report(report.check, goodFor: Int(Self.goodFor))
        guard report.state != before?.state else { return }
        switch report.state {
        case .inPlace: break
        case .restored:
            self.services.log.write(Line("redirect-missing", .warn).with("because", "the rules were gone").with("effect", "they are in place again"))
        case .missing:
            self.services.log.write(
                Line("redirect-missing", .error).with("because", "the rules are gone and cannot be put in place")
                    .with("effect", "mail goes past Mailshim").with("fix", "see the log of mailshim-firewall"))
        }
    }
}
