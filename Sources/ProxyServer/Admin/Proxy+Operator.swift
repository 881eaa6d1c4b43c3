import AdminProtocol
import LearnedQuirks
import Rules
import Synchronization

/// What operators change in a running proxy. Each change is in the log and in the store's record.
extension Proxy {
    /// Seconds.
    private static let longestBypass = 30 * 86_400

    func registerOperatorCommands() {
        self.command("bypass") { proxy, request, peer in await proxy.bypass(request.arguments, peer) }
        self.command("bypass-end") { proxy, request, peer in await proxy.endBypass(request.arguments, peer) }
        self.command("bypasses") { proxy, _, _ in
            .success(["bypasses": .array(proxy.memory.bypasses(at: wallClock()).map(\.json))])
        }
    }

    private func bypass(_ arguments: JSON, _ peer: AdminPeer) async -> AdminCommands.Answer {
        let now = wallClock()
        guard let seconds = arguments["seconds"].integer, (1...Self.longestBypass).contains(seconds) else {
            return .failure(AdminFailure(.usage, "a bypass is for 1 second to 30 days"))
        }
        let because = arguments["because"].string ?? ""
        let remote = arguments["remote"].string ?? ""
        guard let bypass = Bypass(remote: remote, since: now, until: now + seconds, user: peer.user, because: because) else {
            return .failure(AdminFailure(.usage, "\"\(remote)\" is no address; write it like 192.0.2.1 or 192.0.2.1:25"))
        }
        guard await self.memory.add(bypass, remark: arguments["sudo_user"].string ?? "", now: now) else {
            return .failure(AdminFailure(.refused, "there are too many bypasses"))
        }
        self.services.log.write(
            Line("bypass", .warn).with("remote", bypass.remote).with("until", Moment(at: bypass.until).minute).with("by", peer.user)
                .with("because", because))
        return .success(bypass.json)
    }

    private func endBypass(_ arguments: JSON, _ peer: AdminPeer) async -> AdminCommands.Answer {
        let remote = arguments["remote"].string ?? ""
        let author = Self.author(peer, arguments)
        guard let bypass = await self.memory.endBypass(of: remote, by: author, now: wallClock()) else {
            return .failure(AdminFailure(.missing, "there is no bypass of \(remote)"))
        }
        self.services.log.write(Line("bypass-ended").with("remote", bypass.remote).with("by", peer.user).with("because", author.because))
        return .success(bypass.json)
    }

    static func author(_ peer: AdminPeer, _ arguments: JSON) -> AuditAuthor {
        AuditAuthor(user: peer.user, remark: arguments["sudo_user"].string ?? "", because: arguments["because"].string ?? "")
    }
}

extension Bypass {
    var json: JSON {
        [
            "remote": .string(self.remote), "since": .integer(self.since), "until": .integer(self.until), "user": .string(self.user),
            "because": .string(self.because),
        ]
    }
}
