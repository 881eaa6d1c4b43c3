import AdminProtocol
import Glibc
import LearnedQuirks
import ProxyServer
import Rules

/// What of this machine Mailshim needs, looked at without changing anything.
struct LiveChecks {
    let config: Config

    init(_ config: Config) { self.config = config }

    var all: [LiveCheck] {
        [self.user] + self.ports + (SocketUnit.installed.map { [$0.check(self.config)] } ?? []) + [self.capabilities, self.files, self.state] + self.names + [self.rules, self.admin]
    }

    private var isRunning: Bool {
        guard let path = self.config.admin.socket else { return false }
        return (try? AdminClient(path: path, patience: 2)) != nil
    }

    private var user: LiveCheck {
        let (uid, name) = (geteuid(), Caller.author(because: "").user)
        return uid == 0
            ? LiveCheck("user", .warn, "\(name): what is found holds for root, not for the user that Mailshim runs as")
            : LiveCheck("user", .ok, name)
    }

    /// Each is bound for a moment; one that the running Mailshim has is in use, as it should be.
    private var ports: [LiveCheck] {
        self.config.listeners.flatMap { listener in
            listener.bind.map { bind in
                let name = "port"
                guard let problem = PortTrial.problem(binding: bind) else { return LiveCheck(name, .ok, "\(bind) is free (\(listener.name))") }
                guard problem == EADDRINUSE else {
                    return LiveCheck(name, .fail, "\(bind) (\(listener.name)): \(String(cString: strerror(problem)))")
                }
                return self.isRunning
                    ? LiveCheck(name, .ok, "\(bind) is in use, and Mailshim runs (\(listener.name))")
                    : LiveCheck(name, .fail, "\(bind) is in use, and not by a Mailshim at \(self.config.admin.socket ?? "…") (\(listener.name))")
            }
        }
    }

    private var capabilities: LiveCheck {
        guard self.config.listeners.contains(where: { $0.destination == .tproxy }) else { return LiveCheck("capabilities", .ok, "none are needed") }
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var on: CInt = 1
        // IP_TRANSPARENT
        guard setsockopt(descriptor, CInt(IPPROTO_IP), 19, &on, socklen_t(MemoryLayout<CInt>.size)) == 0 else {
            return LiveCheck("capabilities", .fail, "destination = \"tproxy\" needs CAP_NET_ADMIN")
        }
        return LiveCheck("capabilities", .ok, "CAP_NET_ADMIN is there, for tproxy")
    }

    private var files: LiveCheck {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return LiveCheck("file limit", .warn, "not known") }
        let most = Int(clamping: limit.rlim_max)
        let wanted = 2 * self.config.limits.sessions
        guard most < wanted else { return LiveCheck("file limit", .ok, "\(most), for \(self.config.limits.sessions) sessions") }
        return LiveCheck("file limit", .warn, "\(most) are fewer than two for each of \(self.config.limits.sessions) sessions: raise LimitNOFILE=, or lower [limits] sessions")
    }

    private var state: LiveCheck {
        guard case .file(let path) = self.config.state else { return LiveCheck("state", .ok, "in memory, forgotten at exit") }
        if access(path, F_OK) == 0 {
            do throws(MemoryError) { _ = try LearnedFile(path: path) } catch { return LiveCheck("state", .fail, error.description) }
            return access(path, W_OK) == 0
                ? LiveCheck("state", .ok, "\(path) can be written") : LiveCheck("state", .warn, "\(path) cannot be written by this user")
        }
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard access(folder, F_OK) == 0 else { return LiveCheck("state", .warn, "\(folder) does not exist; it is made where that is permitted") }
        return access(folder, W_OK) == 0
            ? LiveCheck("state", .ok, "\(path) will be made") : LiveCheck("state", .warn, "\(path) cannot be made by this user")
    }

    private var names: [LiveCheck] {
        var wanted = [("hostname", self.config.hostname)]
        for listener in self.config.listeners {
            if case .fixed(let host, _) = listener.destination, IPAddress(host) == nil { wanted.append(("destination", host)) }
        }
        return wanted.map { what, name in
            var found: UnsafeMutablePointer<addrinfo>?
            let code = getaddrinfo(name, nil, nil, &found)
            if found != nil { freeaddrinfo(found) }
            return code == 0
                ? LiveCheck("name", .ok, "\(what) \(name) resolves")
                : LiveCheck("name", .warn, "\(what) \(name) does not resolve: \(String(cString: gai_strerror(code)))")
        }
    }

    private var rules: LiveCheck {
        let rules = FirewallRules(self.config)
        guard !rules.areNone else { return LiveCheck("firewall rules", .ok, "none are needed") }
        guard let answer = try? ShellScript.outcome(of: RulesInPlace.question, isHeard: true), answer.status == 0 else {
            return LiveCheck("firewall rules", .warn, "cannot be read" + (geteuid() == 0 ? "" : ": this needs root"))
        }
        return switch RulesInPlace(rules, listing: answer.output.isEmpty ? nil : answer.output).state {
        case .asConfigured: LiveCheck("firewall rules", .ok, "in place")
        case .others: LiveCheck("firewall rules", .warn, "there are others than the config asks for: mailshim firewall apply")
        case .missing: LiveCheck("firewall rules", .warn, "missing, mail goes past Mailshim: mailshim firewall apply")
        }
    }

    private var admin: LiveCheck {
        guard let path = self.config.admin.socket else { return LiveCheck("admin socket", .ok, "off") }
        if self.isRunning { return LiveCheck("admin socket", .ok, "\(path) answers") }
        let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        return access(folder, W_OK) == 0
            ? LiveCheck("admin socket", .ok, "\(path) can be made") : LiveCheck("admin socket", .warn, "\(folder) is not there, or not writable")
    }
}
