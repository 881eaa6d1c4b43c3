import AdminProtocol
import ArgumentParser
import QuirkKit
import Rules

extension Mailshim {
    /// `mailshim probe`
    struct Probe: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ask one host what is odd about it, without delivering mail.",
            discussion: """
                It tries what is harmless, on a handful of connections: greeting, EHLO and HELO, STARTTLS with the \
                certificate, RSET, MAIL and its parameters, a pipelined group, QUIT. No recipient is named and no content \
                is sent. What shows only after a completed message (sticky-sender, and most of message-limit) it finds \
                with --send-to, which sends two small messages. Each finding stands with its exchange; what the host needs \
                is printed as a config table. A refusal that is the host's policy is no quirk.

                Where the firewall leads this machine's mail to Mailshim, it says so, and how to go round it.

                Exit codes: 0 healthy, 1 quirks found, 69 the host was not reached.
                """)

        @Argument(
            help: ArgumentHelp(
                "Its name or address, with a port if it is not 25: mx.example.com, 192.0.2.1:25, [2001:db8::1]:25.",
                valueName: "host[:port]"))
        var target: Target

        @Option(help: ArgumentHelp("What it says in EHLO. Default: this machine's name.", valueName: "name"))
        var helo: String?

        @Option(
            help: ArgumentHelp(
                "The sender in MAIL. Default: the empty one, which every host takes; with --send-to that address.",
                valueName: "address"))
        var from: String?

        @Option(
            help: ArgumentHelp(
                "Send two small messages there. The host must be one that takes mail for it.", valueName: "address"))
        var sendTo: String?

        @Option(help: ArgumentHelp("Seconds to wait for the connection and for each reply.", valueName: "seconds"))
        var timeout = 30

        @Flag(help: "As JSON.") var json = false

        @OptionGroup var admin: AdminOption

        func validate() throws {
            guard (1...600).contains(self.timeout) else {
                throw ValidationError("--timeout is a number of seconds from 1 to 600")
            }
            for (name, text) in [("--helo", self.helo), ("--from", self.from), ("--send-to", self.sendTo)] {
                guard let text else { continue }
                guard
                    text.utf8.allSatisfy({
                        $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">")
                    })
                else {
                    throw ValidationError("\(name) takes no blanks, brackets or control characters, and ASCII alone")
                }
            }
            guard self.sendTo.map(TextForm.mailbox.accepts) ?? true else {
                throw ValidationError("--send-to takes an address, like you@example.com")
            }
        }

        func run() async throws {
            let plan = ProbePlan(
                endpoint: self.target.endpoint, name: self.helo ?? ConfigOption.hostname,
                sender: self.from ?? self.sendTo ?? "",
                recipient: self.sendTo, patience: self.timeout)
            if let sendTo, !self.json { print("Sends two messages to <\(sendTo)> from <\(plan.sender)>.") }
            let result = await blocking { Result { () throws(CallFault) in try Examination(plan).run() } }
            switch result {
            case .success(let report): try self.tell(report)
            case .failure(let fault):
                var report = ProbeReport(plan.endpoint)
                report.findings = [ProbeFinding("connection", "none: \(fault)", [])]
                if self.json { print(report.json.indented) }
                StandardError.write("\(plan.endpoint) cannot be reached: \(fault)")
                Self.suspect(report)
                throw ExitCode.unavailable
            }
        }

        /// That it may be no host's doing.
        private static func suspect(_ report: ProbeReport) {
            if let suspicion = ProbeRedirect.suspicion(of: report.target) { StandardError.write(suspicion) }
        }

        private func tell(_ report: ProbeReport) throws {
            if self.json { print(report.json.indented) } else if report.mailshim == nil { print(report.text) }
            if let name = report.mailshim {
                let socket: String?
                do throws(AdminFailure) { socket = try self.admin.path } catch { socket = nil }
                StandardError.write(ProbeRedirect.words(report, metBy: name, socket: socket))
            }
            if !report.isProbed { Self.suspect(report) }
            guard report.isProbed, report.mailshim == nil else { throw ExitCode.unavailable }
            if !report.isHealthy { throw ExitCode(1) }
        }
    }
}

/// `HOST[:PORT]`; default port 25.
struct Target: ExpressibleByArgument {
    let endpoint: SocketEndpoint

    init?(argument: String) {
        let (host, port) = HostAndPort.split(argument)
        guard !host.isEmpty, !host.contains(where: \.isWhitespace), !host.contains(":") || IPAddress(host) != nil,
            let number = port.map({ HostAndPort.number($0) }) ?? 25
        else { return nil }
        self.endpoint = SocketEndpoint(host: host, port: number)
    }
}
