import AdminProtocol
import ArgumentParser
import Glibc
import LearnedQuirks

extension Mailshim {
    /// `mailshim bypass`
    struct BypassCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "bypass",
            abstract: "Relay mail to a remote unread for a while.",
            discussion: """
                From the next session on nothing is repaired, nothing is changed and nothing is learned there, until the time is over or \
                `mailshim bypass end` says so. It outlives a restart. A host's name means the addresses that it has now. Where a rule demands TLS of the \
                remote it does not hold: nobody can vouch for what is not read.
                """,
            subcommands: [Add.self, List.self, End.self], defaultSubcommand: Add.self)

        struct Add: ParsableCommand {
            static let configuration = CommandConfiguration(abstract: "Begin one.")

            @Argument(help: "An address, with a port or for all of them; or a host's name.")
            var remote: String

            @Option(name: .customLong("for"), help: ArgumentHelp("For how long: \"30m\", \"1h\", \"2d\"; at most 30d.", valueName: "time"))
            var time: TimeArgument

            @Option(help: ArgumentHelp("Why, for whoever reads it later.", valueName: "text"))
            var because = ""

            @OptionGroup var admin: AdminOption

            func run() throws {
                for address in try Host.addresses(of: self.remote) {
                    let arguments: [JSON.Member] = [
                        .init("remote", .string(address)), .init("seconds", .integer(self.time.seconds)), .init("because", .string(self.because)),
                    ]
                    let answer = try self.admin.ask(AdminRequest("bypass", arguments + Caller.remark))
                    print("bypassed: \(answer["remote"].string ?? address) until \(Moment(at: answer["until"].integer ?? 0).minute)")
                }
            }
        }

        struct List: ParsableCommand {
            static let configuration = CommandConfiguration(abstract: "Show those that there are.")

            @Flag(help: "As JSON.") var json = false
            @OptionGroup var admin: AdminOption

            func run() throws {
                let bypasses = try self.admin.ask(AdminRequest("bypasses"))["bypasses"]
                if self.json { print(bypasses.indented) }
                guard !bypasses.elements.isEmpty else {
                    if !self.json { StandardError.write("There is no bypass.") }
                    throw ExitCode.nothing
                }
                guard !self.json else { return }
                var table = Table("REMOTE", "SINCE", "UNTIL", "BY", "BECAUSE")
                for bypass in bypasses.elements {
                    table.add(
                        bypass["remote"].string ?? "", Moment(at: bypass["since"].integer ?? 0).minute,
                        Moment(at: bypass["until"].integer ?? 0).minute, bypass["user"].string ?? "", bypass["because"].string ?? "")
                }
                print(table.rendered())
            }
        }

        struct End: ParsableCommand {
            static let configuration = CommandConfiguration(abstract: "End one.")

            @Argument(help: "As `mailshim bypass list` has it; or a host's name.")
            var remote: String

            @Option(help: ArgumentHelp("Why, for whoever reads it later.", valueName: "text"))
            var because = ""

            @OptionGroup var admin: AdminOption

            func run() throws {
                for address in try Host.addresses(of: self.remote) {
                    let arguments: [JSON.Member] = [.init("remote", .string(address)), .init("because", .string(self.because))]
                    let answer = try self.admin.ask(AdminRequest("bypass-end", arguments + Caller.remark))
                    print("ended: \(answer["remote"].string ?? address)")
                }
            }
        }
    }
}

/// A remote as people type it where addresses are wanted.
enum Host {
    /// The address itself, with its port if it has one; of a name all addresses, with its port.
    static func addresses(of text: String) throws -> [String] {
        let (host, port) = HostAndPort.split(text)
        if Remote(text) != nil { return [text] }
        guard port == nil || port.flatMap({ HostAndPort.number($0) }) != nil else { throw ValidationError("\"\(text)\" has no right port") }
        var hints = addrinfo()
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &found)
        guard code == 0 else {
            StandardError.write("\(host) does not resolve: \(String(cString: gai_strerror(code)))")
            throw ExitCode.unavailable
        }
        defer { freeaddrinfo(found) }
        var addresses: [String] = []
        var next = found
        while let candidate = next?.pointee {
            var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            if getnameinfo(candidate.ai_addr, candidate.ai_addrlen, &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST) == 0 {
                let address = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                let written = port.map { address.contains(":") ? "[\(address)]:\($0)" : "\(address):\($0)" } ?? address
                if !addresses.contains(written) { addresses.append(written) }
            }
            next = candidate.ai_next
        }
        return addresses
    }
}
