import Foundation
import Testing

extension Peers {
    /// Postfix's smtp-sink with each of its misbehaving flags as the remote (docs/quirks.md 3.1), driven by a plain client.
    @Suite(.enabled(if: Shim.obstacle == nil, Shim.reason)) struct SmtpSink {
        static let commands = ["CONNECT", "HELO", "EHLO", "MAIL", "RCPT", "DATA", ".", "RSET", "NOOP", "QUIT"]

        static let flags: [String] =
            [
                "", "-P", "-e", "-8", "-a", "-E", "-N", "-p", "-C", "-F", "-A 1", "-w 1", "-H 1 -T 1024", "-W MAIL:1", "-W .:1",
                "-B '503 5.5.2 Sender already specified' -f MAIL",
            ]
            + ["-f", "-r", "-Q", "-q"].flatMap { flag in commands.map { "\(flag) \($0)" } }

        /// What a client hears of two messages, one after the other, with `RSET` between them: each command's code, until one is refused.
        struct Hearing: Equatable {
            var messages: [[String]] = []
            var acknowledged: Int { self.messages.count { $0.count == 4 && $0.last?.first == "2" } }
        }

        /// Always a new connection where the old one is gone, as a gateway would.
        static func talk(to port: Int) throws -> Hearing {
            var hearing = Hearing()
            var client: PlainClient?
            for number in 1...2 {
                if client == nil { client = try self.open(port) }
                guard let open = client else { hearing.messages.append(["refused"]); continue }
                let codes = open.message(from: "s\(number)@gateway.test", String(repeating: "0123456789\r\n", count: 3000))
                hearing.messages.append(codes)
                if codes.last == "closed" || open.ask("RSET") == nil { client = nil }
            }
            _ = client?.ask("QUIT")
            return hearing
        }

        private static func open(_ port: Int) throws -> PlainClient? {
            let client = try PlainClient(port: port)
            guard client.reply()?.first == "2" else { return nil }
            guard let reply = client.ask("EHLO gateway.test") else { return nil }
            return reply.first == "2" || client.ask("HELO gateway.test")?.first == "2" ? client : nil
        }

        /// smtp-sink, and the messages it took.
        private func sink<T>(_ flags: String, _ body: (Int) async throws -> T) async throws -> (T, taken: Int) {
            let scratch = try Scratch("sink")
            let dump = scratch.url.appending(path: "dump")
            try FileManager.default.createDirectory(at: dump, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o777])
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: scratch.url.path)
            let port = try Ports.free()
            let job = try Job(
                "ulimit -n 4096; export LD_LIBRARY_PATH=\(peers.path)/postfix/usr/lib/postfix; exec \(peers.path)/postfix/usr/sbin/smtp-sink -u nobody -R \(dump.path) -d m. \(flags) 127.0.0.1:\(port) 100",
                in: scratch.url)
            let end = ContinuousClock.now + .seconds(10)
            while !Ports.listens(port, job.processIdentifier) {
                guard job.isRunning, ContinuousClock.now < end else { throw Shim.Failure(description: "smtp-sink does not listen: \(job.output)") }
                try await Task.sleep(for: .milliseconds(5))
            }
            do {
                let result = try await body(port)
                job.signal(SIGKILL)
                _ = await job.result(within: 5)
                return (result, (try? FileManager.default.contentsOfDirectory(atPath: dump.path).count) ?? 0)
            } catch {
                job.signal(SIGKILL)
                throw error
            }
        }

        @Test(arguments: flags)
        func nothingHangsNothingIsAcknowledgedWrongly(_ flags: String) async throws {
            let start = ContinuousClock.now
            let (direct, _) = try await self.sink(flags) { try Self.talk(to: $0) }
            let (outcome, taken) = try await self.sink(flags) { port in
                let shim = try await Shim(to: "127.0.0.1:\(port)")
                let hearing = try Self.talk(to: shim.port)
                let stopped = await shim.stop()
                return (hearing, stopped, shim.tail)
            }
            let (through, stopped, tail) = outcome
            if through != direct { print("smtp-sink \(flags): direct \(direct.messages), through Mailshim \(through.messages)") }
            #expect(through.acknowledged >= direct.acknowledged, tail)
            #expect(through.acknowledged <= taken, tail)
            if flags.hasSuffix(" .") { #expect(through.acknowledged == 0, tail) }
            #expect(stopped, tail)
            #expect(ContinuousClock.now - start < .seconds(60))
        }
    }
}
