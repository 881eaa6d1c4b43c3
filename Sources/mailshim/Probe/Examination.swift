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
        var codec = SessionCodec(call: call, show: show)
        var report = ProbeReport(remote: SocketEndpoint(host: call.address, port: self.endpoint.port))
        self.examine(&codec, &report)
        return .success(report)
    }

    private func examine(_ codec: inout SessionCodec, _ report: inout ProbeReport) {
        report.greeted(codec.greeting())
        guard report.isProbed else { return _ = codec.ask("QUIT") }
        let hello = codec.ask("EHLO \(self.name)")
        report.offered(hello)
        if case .reply(let reply) = hello, reply.isPermanent { report.fellBack(codec.ask("HELO \(self.name)")) }
        self.transactions(&codec, &report)
        report.left(codec.ask("QUIT"))
    }

    private func transactions(_ codec: inout SessionCodec, _ report: inout ProbeReport) {
        let mail = "MAIL FROM:<\(self.sender)>"
        guard report.took(codec.ask(mail)) else { return }
        report.reset(codec.ask("RSET"))
        guard report.tookAgain(codec.ask(mail)) else { return }
        report.nested(codec.ask(mail))
        report.resetAtEnd(codec.ask("RSET"))
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
private struct SessionCodec {
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
