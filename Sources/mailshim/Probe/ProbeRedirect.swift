import AdminProtocol
import Glibc
import ProxyServer
import Rules

/// How to go round a Mailshim that the firewall leads this machine's connections to.
enum ProbeRedirect {
    /// - Parameters:
    ///   - name: how that Mailshim calls itself.
    ///   - socket: the admin socket of the one on this machine, if there is one.
    static func words(_ report: ProbeReport, metBy name: String, socket: String?) -> String {
        let remote = report.address.isEmpty ? report.target.host : report.address
        let user = socket.flatMap(Self.user) ?? "mailshim"
        return """
            \(report.target) was not reached: Mailshim at \(name) answered in its place, so nothing was probed.
            Its own user is not led there; on the machine where it runs:
                sudo -u \(user) mailshim probe \(report.target)
            or take the host out of its way for a while, and probe again:
                mailshim bypass \(remote) --for 10m
            """
    }

    /// What else may be the reason that a host cannot be reached, or refuses: rules that lead to a Mailshim here. Only
    /// root may see them; nil: there are none, or nobody may know.
    static func suspicion(of target: SocketEndpoint) -> String? {
        guard target.port == 25, geteuid() == 0,
            let answer = try? ShellScript.outcome(of: RulesInPlace.question, isHeard: true),
            answer.status == 0, !answer.output.isEmpty
        else { return nil }
        return """
            Firewall rules lead connections to port 25 to Mailshim here: it may be that which refused, or does not run.
            As its own user a probe is not led there: sudo -u mailshim mailshim probe \(target)
            """
    }

    /// Whom the running Mailshim of this machine belongs to; nil: there is none, or it may not be asked.
    private static func user(socket: String) -> String? {
        let status: JSON
        do throws(AdminFailure) {
            status = try AdminClient(path: socket, patience: 2).ask(AdminRequest("status"))
        } catch { return nil }
        guard let process = status["pid"].integer else { return nil }
        var facts = stat()
        guard stat("/proc/\(process)", &facts) == 0, let entry = getpwuid(facts.st_uid) else { return nil }
        return String(cString: entry.pointee.pw_name)
    }
}
