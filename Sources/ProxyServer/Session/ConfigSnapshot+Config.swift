import LearnedQuirks
import NIOCore
import QuirkKit
import Rules
import SMTPSession
import SMTPWire

extension ConfigSnapshot {
    convenience init(
        _ config: Config, catalogue: Catalogue, memory: LearnedQuirks, mostSessions: Int, encryption: Encryption, services: SharedServices
    ) {
        self.init(
            settings: Settings(config), catalogue: catalogue, connectTimeout: .seconds(Int64(config.timeouts.connect)), mostSessions: mostSessions,
            mostSessionsPerGateway: config.limits.sessionsPerGateway,
            policies: PolicyResolver(rules: config.rules, memory: memory, catalogue: catalogue), encryption: encryption, services: services)
    }
}

extension Settings {
    init(_ config: Config) {
        var timeouts = Timeouts()
        timeouts.connect = .seconds(Int64(config.timeouts.connect))
        timeouts.greeting = .seconds(Int64(config.timeouts.greeting))
        timeouts.command = .seconds(Int64(config.timeouts.command))
        timeouts.data = .seconds(Int64(config.timeouts.data))
        timeouts.content = .seconds(Int64(config.timeouts.content))
        timeouts.done = .seconds(Int64(config.timeouts.done))
        timeouts.idle = .seconds(Int64(config.timeouts.idle))
        timeouts.repair = .seconds(Int64(config.timeouts.repair))
        self.init(
            hostname: config.hostname, timeouts: timeouts, replyLines: config.limits.replyLines, recipients: config.limits.recipients,
            lineEndings: config.lineEndings == .refuse ? .refuse : .repair)
    }
}

extension LearnedQuirks.Policy {
    init(_ config: Config) {
        self.init(enabled: config.learning.enabled, expires: config.learning.expires, heal: config.learning.heal)
    }
}
