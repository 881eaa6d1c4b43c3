import Foundation
import Testing

extension Peers {
    /// A healthy host teaches nothing: 1,000 messages to each real mail server, of which a tenth is refused in every lawful way.
    @Suite(.enabled(if: Shim.obstacle == nil, Shim.reason)) struct HealthyHosts {
        static let sessions = 20
        static let messages = 50

        @Test(arguments: HealthyHost.Kind.allCases)
        func `nothing is learned of a healthy host`(_ kind: HealthyHost.Kind) async throws {
            let host = try await HealthyHost(kind)
            let shim = try await Shim(to: "127.0.0.1:\(host.port)")
            let start = ContinuousClock.now
            // OpenSMTPD does not look at SIZE.
            let ways = kind == .opensmtpd ? [1, 2, 3, 4] : [0, 1, 2, 3, 4]
            var taken = 0
            // By way: whether it was refused where it should be.
            var refusals: [Int: [Bool]] = [:]
            for session in 0..<Self.sessions {
                let client = try PlainClient(port: shim.port)
                #expect(client.reply()?.hasPrefix("220") == true, shim.tail)
                let mayPipeline = self.hello(client)?.contains("PIPELINING") == true
                for number in 0..<Self.messages {
                    let isRefused = number % 10 == 9
                    let way = ways[(session + number / 10) % ways.count]
                    if isRefused { refusals[way, default: []].append(self.refusal(way, client)) } else { taken += self.message(number, client, mayPipeline) ? 1 : 0 }
                }
                #expect(client.ask("QUIT")?.hasPrefix("221") == true, shim.tail)
            }
            let refused = refusals.values.joined().count { $0 }
            let all = Self.sessions * Self.messages
            print("\(kind.rawValue) as a healthy host: \(taken) taken, \(refused) refused in \(ContinuousClock.now - start)")
            #expect(await shim.stop())
            #expect(taken == all * 9 / 10, shim.tail)
            #expect(refused == all / 10, "ways that are none: \(refusals.filter { $0.value.contains(false) }.keys.sorted())\n\(shim.tail)")
            #expect(refusals.count == ways.count)
            for event in ["quirk-learned", "quirk-suspected", "repair", "quirk"] { #expect(!shim.log.contains(" event=\(event) "), shim.tail) }
            #expect(!shim.log.contains(" quirk="), shim.tail)
            await host.stop()
        }

        /// What is offered; nil: EHLO was refused.
        private func hello(_ client: PlainClient) -> Set<String>? {
            client.send("EHLO gateway.test\r\n")
            var keywords: Set<String> = []
            while let line = client.line(), line.hasPrefix("250") {
                keywords.insert(String(line.dropFirst(4).prefix { $0 != " " }).uppercased())
                if line.dropFirst(3).first != "-" { return keywords }
            }
            return nil
        }

        /// Command by command, or every third in one segment where that is offered; now and then with a RSET before it.
        private func message(_ number: Int, _ client: PlainClient, _ mayPipeline: Bool) -> Bool {
            if number % 7 == 0, client.ask("RSET")?.hasPrefix("250") != true { return false }
            guard number % 3 == 0, mayPipeline else { return client.message(from: "a\(number)@gateway.test", to: "b@remote.test").last == "250" }
            client.send("MAIL FROM:<a\(number)@gateway.test> SIZE=30\r\nRCPT TO:<b@remote.test>\r\nDATA\r\n")
            let codes = (0..<3).map { _ in client.reply()?.prefix(3) ?? "" }
            guard codes == ["250", "250", "354"] else { return false }
            client.send("Subject: x\r\n\r\nx\r\n.\r\n")
            return client.reply()?.hasPrefix("250") == true
        }

        /// Whether it was refused where it should be; RSET ends what is left of it.
        private func refusal(_ way: Int, _ client: PlainClient) -> Bool {
            func isRefused(_ reply: String?) -> Bool { reply?.first == "4" || reply?.first == "5" }
            func mail(_ parameters: String = "") -> String? { client.ask("MAIL FROM:<a@gateway.test>\(parameters)") }
            var was = false
            switch way {
            // Larger than it takes, by its own word.
            case 0: was = isRefused(mail(" SIZE=999999999"))
            // No recipient of its.
            case 1: was = mail()?.hasPrefix("250") == true && isRefused(client.ask("RCPT TO:<b@elsewhere.test>"))
            // Neither, and DATA all the same.
            case 2:
                was = mail()?.hasPrefix("250") == true && isRefused(client.ask("RCPT TO:<b@elsewhere.test>")) && isRefused(client.ask("DATA"))
            // No address.
            case 3: was = isRefused(client.ask("MAIL FROM:<a b@gateway.test>"))
            // Larger than it takes, as it turns out.
            default:
                guard mail()?.hasPrefix("250") == true, client.ask("RCPT TO:<b@remote.test>")?.hasPrefix("250") == true,
                    client.ask("DATA")?.hasPrefix("354") == true
                else { return false }
                client.send(String(repeating: String(repeating: "x", count: 70) + "\r\n", count: 100) + ".\r\n")
                was = isRefused(client.reply())
            }
            return client.ask("RSET")?.hasPrefix("250") == true && was
        }
    }
}
