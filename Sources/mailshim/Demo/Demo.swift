import ArgumentParser
import Glibc
import OddHost
import ProxyServer
import Rules
import StandardQuirks

extension Mailshim {
    /// `mailshim demo`
    struct Demo: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Play the founding case, live on loopback.",
            discussion: """
                A host that takes one message per connection, and a gateway that sends three on one: first directly, then through Mailshim. \
                Everything happens in this process and on ports of this machine; no mail leaves it.
                """)

        @Flag(inversion: .prefixedNo, help: "Colours, on a terminal.")
        var color = true

        private static let letters = [
            TinyGateway.Letter(sender: "ann@example.org", subject: "One"), TinyGateway.Letter(sender: "bob@example.org", subject: "Two"),
            TinyGateway.Letter(sender: "cleo@example.org", subject: "Three"),
        ]

        func run() async throws {
            let screen = Screen(colour: self.color)
            do {
                let without = try await self.without(screen)
                let with = try await self.with(screen)
                let count = Self.letters.count
                screen.title("Without Mailshim: \(without) of \(count) delivered. With Mailshim: \(with) of \(count).")
                guard without == 1, with == count else { throw ExitCode.software }
            } catch let error as OddHost.BindFailure {
                StandardError.write("\(error)")
                throw ExitCode.unavailable
            } catch let error as BindFailure {
                StandardError.write("\(error)")
                throw ExitCode.unavailable
            } catch let error as CallFault {
                StandardError.write("\(error)")
                throw ExitCode.software
            }
        }

        /// - Returns: messages delivered.
        private func without(_ screen: Screen) async throws -> Int {
            let host = try await OddHost.start(Self.behaviour)
            screen.title("1. Without Mailshim: three messages on one connection")
            screen.header(host: "host", through: "")
            let performance = Performance(screen: screen, host: host, log: nil)
            let endpoint = SocketEndpoint(host: "127.0.0.1", port: host.port)
            let outcome = await blocking { performance.play(Self.letters, to: endpoint) }
            await host.shutdown()
            try self.tell(try outcome.get(), screen)
            return host.messages.count
        }

        /// - Returns: messages delivered, each with its own sender.
        private func with(_ screen: Screen) async throws -> Int {
            let host = try await OddHost.start(Self.behaviour)
            let overheard = Overheard()
            let outcome = try await TemporaryProxy.running(to: host.port, overheard) { endpoint in
                screen.title("2. With Mailshim between them: the same gateway, the same host")
                screen.header(host: "host", through: "mailshim")
                let performance = Performance(screen: screen, host: host, log: overheard)
                return await blocking { performance.play(Self.letters, to: endpoint) }
            }
            await host.shutdown()
            try self.tell(try outcome.get(), screen)
            screen.title("What its log says")
            for line in overheard.all where ["message", "repair", "quirk-learned"].contains(line.event) {
                print(String(decoding: LineFormat.logfmt.render(line).dropLast(), as: UTF8.self))
            }
            return Self.letters.filter { letter in host.messages.contains { $0.sender == letter.sender } }.count
        }

        private func tell(_ fates: [TinyGateway.Fate], _ screen: Screen) throws {
            print()
            for (letter, fate) in zip(Self.letters, fates) {
                switch fate {
                case .delivered: screen.note("\(letter.sender): delivered", .green)
                case .bounced(let reply): screen.note("\(letter.sender): bounced, \(reply)", .red)
                case .queued(let reply): screen.note("\(letter.sender): kept for later, \(reply)", .yellow)
                }
            }
        }

        private static var behaviour: Behaviour {
            var behaviour = Behaviour(.noReuse())
            behaviour.offers = [["8BITMIME"]]
            behaviour.exceptions = [.at(.data, nil, .accept("354 Go ahead"))]
            return behaviour
        }
    }
}
