import ArgumentParser
import Rules

extension Mailshim {
    /// `mailshim probe`
    struct Probe: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ask one host what is odd about it, without delivering mail.",
            discussion: """
                It says EHLO, MAIL, RSET, MAIL, MAIL, RSET, QUIT: no recipient is ever named and no content is sent. What shows only after a \
                completed message (sticky-sender, and most of message-limit) it cannot find; Mailshim does, once mail goes through it.
                """)

        @Argument(
            help: ArgumentHelp(
                "Its name or address, with a port if it is not 25: mx.example.com, 192.0.2.1:25, [2001:db8::1]:25.", valueName: "host[:port]"))
        var target: Target

        @Option(help: ArgumentHelp("What it says in EHLO. Default: this machine's name.", valueName: "name"))
        var helo: String?

        @Option(help: ArgumentHelp("The sender in MAIL. Default: the empty one, which every host takes.", valueName: "address"))
        var from = ""

        @Option(help: ArgumentHelp("Seconds to wait for the connection and for each reply.", valueName: "seconds"))
        var timeout = 30

        func validate() throws {
            guard (1...600).contains(self.timeout) else { throw ValidationError("--timeout is a number of seconds from 1 to 600") }
            for (name, text) in [("--helo", self.helo ?? ""), ("--from", self.from)] where !text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) {
                throw ValidationError("\(name) takes no blanks or control characters")
            }
        }

        func run() async throws {
            let examination = Examination(
                endpoint: self.target.endpoint, name: self.helo ?? ConfigOption.hostname, sender: self.from, patience: self.timeout)
            let result = await blocking { examination.run { print($0) } }
            switch result {
            case .success(let report):
                print("\n\(report.text)")
                if !report.isProbed { throw ExitCode.unavailable }
            case .failure(let fault):
                StandardError.write("\(self.target.endpoint) cannot be reached: \(fault)")
                throw ExitCode.unavailable
            }
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
