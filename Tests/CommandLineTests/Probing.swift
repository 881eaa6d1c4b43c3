import Foundation
import OddHost
import Testing

/// A run of `mailshim probe --json` against an odd host.
struct Probing {
    let result: Program.Result
    let visits: [Visit]
    let messages: [Message]
    private let json: [String: Any]

    /// - Parameter environment: `SSL_CERT_FILE`, for instance.
    init(_ behaviour: Behaviour, _ arguments: [String] = [], environment: [String: String] = [:]) async throws {
        let host = try await OddHost.start(behaviour)
        try await self.init(port: host.port, arguments, environment: environment) { (host.visits, host.messages) }
        await host.shutdown()
    }

    init(
        port: Int, _ arguments: [String] = [], environment: [String: String] = [:],
        _ host: () -> ([Visit], [Message]) = { ([], []) }
    ) async throws {
        let words = ["probe", "127.0.0.1:\(port)", "--helo", "probe.example", "--json", "--timeout", "2"] + arguments
        self.result = await (try Running(words, environment: environment)).ended(within: 60)
        (self.visits, self.messages) = host()
        self.json = (try? JSONSerialization.jsonObject(with: Data(self.result.output.utf8))) as? [String: Any] ?? [:]
    }

    subscript(_ name: String) -> Any? { self.json[name] }

    /// "message-limit messages=1 shown"
    var quirks: [String] {
        self.objects("quirks").map { quirk in
            let options = (quirk["options"] as? [String: String] ?? [:]).sorted { $0.key < $1.key }.map {
                "\($0.key)=\($0.value)"
            }
            return ([quirk["name"] as? String ?? ""] + options + [quirk["certainty"] as? String ?? ""]).joined(
                separator: " ")
        }
    }

    var config: String? { self.json["config"] as? String }

    /// What was found by what was tried; the first of that name.
    func found(_ tried: String) -> String? { self.finding(tried)?["found"] as? String }

    func exchange(_ tried: String) -> [String] { self.finding(tried)?["exchange"] as? [String] ?? [] }

    private func finding(_ tried: String) -> [String: Any]? {
        self.objects("findings").first { $0["tried"] as? String == tried }
    }

    private func objects(_ name: String) -> [[String: Any]] { self.json[name] as? [[String: Any]] ?? [] }
}
