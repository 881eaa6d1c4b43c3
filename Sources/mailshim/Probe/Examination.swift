import Rules
import SMTPWire

/// The harmless sequences, in their order, and what each of them shows.
struct Examination {
    let endpoint: SocketEndpoint
    let name: String
    let sender: String
    /// Seconds for each reply.
    let patience: Int

    /// - Parameter show: told of each line that is said and heard.
    /// - Returns: fails only where no connection came about.
    func run(show: @escaping (String) -> Void) -> Result<ProbeReport, CallFault> {
        let call: Call
        do throws(CallFault) { call = try Call(to: self.endpoint, patience: self.patience) } catch { return .failure(error) }
        show("\(self.endpoint)\(call.address == self.endpoint.host ? "" : " (\(call.address))")\n")
        var dialogue = Dialogue(call: call, show: show)
        var report = ProbeReport(remote: SocketEndpoint(host: call.address, port: self.endpoint.port))
        self.examine(&dialogue, &report)
        return .success(report)
    }

    private func examine(_ dialogue: inout Dialogue, _ report: inout ProbeReport) {
        report.greeted(dialogue.greeting())
        guard report.isProbed else { return _ = dialogue.ask("QUIT") }
        let hello = dialogue.ask("EHLO \(self.name)")
        report.offered(hello)
        if case .reply(let reply) = hello, reply.isPermanent { report.fellBack(dialogue.ask("HELO \(self.name)")) }
        self.transactions(&dialogue, &report)
        report.left(dialogue.ask("QUIT"))
    }

    private func transactions(_ dialogue: inout Dialogue, _ report: inout ProbeReport) {
        let mail = "MAIL FROM:<\(self.sender)>"
        guard report.took(dialogue.ask(mail)) else { return }
        report.reset(dialogue.ask("RSET"))
        guard report.tookAgain(dialogue.ask(mail)) else { return }
        report.nested(dialogue.ask(mail))
        report.resetAtEnd(dialogue.ask("RSET"))
    }
}

/// What came back for a command.
enum Heard {
    case reply(Reply)
    case nothing(CallFault)

    /// "250 2.1.0 Ok", or why there is nothing.
    var words: String {
        switch self {
        case .reply(let reply): reply.line
        case .nothing(let fault): fault.description
        }
    }

    var isPositive: Bool { if case .reply(let reply) = self { reply.isPositive } else { false } }
}

/// A call, line by line before whoever looks on. After the first fault there is only that fault.
private struct Dialogue {
    let call: Call
    let show: (String) -> Void
    private var fault: CallFault?

    init(call: Call, show: @escaping (String) -> Void) { (self.call, self.show) = (call, show) }

    mutating func greeting() -> Heard {
        let call = self.call
        return self.heard { () throws(CallFault) in try call.hear() }
    }

    mutating func ask(_ command: String) -> Heard {
        if let fault { return .nothing(fault) }
        self.show("C: \(command)")
        let call = self.call
        return self.heard { () throws(CallFault) in try call.ask(command) }
    }

    private mutating func heard(_ body: () throws(CallFault) -> Reply) -> Heard {
        do throws(CallFault) {
            let reply = try body()
            let lines = reply.lines
            for (index, line) in lines.enumerated() { self.show("S: \(reply.code)\(index == lines.count - 1 ? " " : "-")\(line)") }
            return .reply(reply)
        } catch {
            self.show("   (\(error))")
            self.fault = error
            return .nothing(error)
        }
    }
}
