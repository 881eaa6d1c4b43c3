import ArgumentParser
import Glibc
import NIOCore
import OddHost
import Rules

extension Mailshim {
    /// `mailshim odd-host`: not in the list of commands, for rehearsals and for scripts/bench.
    struct OddHostCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "odd-host",
            abstract: "Be a host that misbehaves, until stopped.",
            discussion: """
                It takes mail, counts it and forgets it. Shapes: healthy; sticky-sender, 503 until RSET; message-limit, one message per connection; \
                limit, 421 after so many messages; silence, closes after so many without a word.
                """,
            shouldDisplay: false)

        enum Form: String, ExpressibleByArgument, CaseIterable {
            case healthy, stickySender = "sticky-sender", noReuse = "message-limit", limit, silence

            /// The letters are those of docs/quirks.md 2.1.
            private static let letters: [String: Form] = ["A": .stickySender, "B": .noReuse, "D": .limit, "E": .silence]

            init?(argument: String) {
                guard let form = Form(rawValue: argument) ?? Self.letters[argument] else { return nil }
                self = form
            }
        }

        @Option(help: ArgumentHelp("What is odd about it.", valueName: "shape"))
        var shape: Form = .noReuse

        @Option(help: ArgumentHelp("After how many messages, in limit and silence.", valueName: "count"))
        var messages = 1

        @Option(help: ArgumentHelp("The port of 127.0.0.1; 0: any free one.", valueName: "port"))
        var port = 2600

        func validate() throws {
            guard (0...65535).contains(self.port) else { throw ValidationError("--port is a number from 0 to 65535") }
            guard self.messages > 0 else { throw ValidationError("--messages is a number from 1") }
        }

        func run() async throws {
            do throws(OddHost.BindFailure) {
                let signals = Signals()
                let host = try await OddHost.start(Behaviour(self.form), port: self.port, recording: .counts)
                print("listening on 127.0.0.1:\(host.port), shape \(self.shape.rawValue)")
                fflush(nil)
                await signals.awaitedStop()
                let counts = host.counts
                print("\(counts.messages) messages on \(counts.connections) connections")
                await host.shutdown()
            } catch {
                StandardError.write("\(error)")
                throw ExitCode.unavailable
            }
        }

        private var form: Shape {
            switch self.shape {
            case .healthy: .healthy
            case .stickySender: .stickySender()
            case .noReuse: .noReuse()
            case .limit: .limit(self.messages)
            case .silence: .silence(after: self.messages)
            }
        }
    }
}
