/// One line to the admin socket: `{"command": "status", …}`. What the command wants to know stands in members of its own.
public struct AdminRequest: Hashable, Sendable {
    /// Octets of a line, its line feed included.
    public static let longest = 65_536

    public let command: String
    public let arguments: JSON

    public init(_ command: String, _ arguments: [JSON.Member] = []) {
        self.command = command
        self.arguments = .object(arguments)
    }

    /// - Throws: in words for whoever asked.
    public init(parsing line: some Sequence<UInt8>) throws(AdminFailure) {
        let value: JSON
        do throws(JSON.Fault) { value = try JSON(parsing: line) } catch { throw AdminFailure(.usage, "the request is no JSON: \(error)") }
        guard let command = value["command"].string else { throw AdminFailure(.usage, "the request names no command: {\"command\": \"status\"}") }
        self.command = command
        self.arguments = .object(value.members.filter { $0.name != "command" })
    }

    /// With its line feed.
    public var line: String { "\(JSON.object([.init("command", .string(self.command))] + self.arguments.members))\n" }
}

/// Why there is no result.
public struct AdminFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The request is wrong.
        case usage
        /// What it is about is not there: no such session.
        case missing
        /// It cannot be done now.
        case refused
        /// Nobody answers at the socket.
        case unreachable
    }

    public let kind: Kind
    /// In words.
    public let because: String

    public init(_ kind: Kind, _ because: String) {
        self.kind = kind
        self.because = because
    }

    public var description: String { self.because }
}

/// One line from the admin socket: `{"ok": true, "result": …}`, or `{"ok": false, "error": "usage", "because": "…"}`.
public enum AdminReply {
    /// Octets of a line, at most; what would be longer is refused.
    public static let longest = 16 << 20

    /// With its line feed.
    public static func line(_ result: Result<JSON, AdminFailure>) -> String {
        let value: JSON =
            switch result {
            case .success(let value): ["ok": true, "result": value]
            case .failure(let failure): ["ok": false, "error": .string(failure.kind.rawValue), "because": .string(failure.because)]
            }
        return "\(value)\n"
    }

    public static func parse(_ line: some Sequence<UInt8>) throws(AdminFailure) -> JSON {
        let value: JSON
        do throws(JSON.Fault) { value = try JSON(parsing: line) } catch { throw AdminFailure(.unreachable, "the answer is no JSON: \(error)") }
        if value["ok"].boolean == true { return value["result"] }
        throw AdminFailure(value["error"].string.flatMap(AdminFailure.Kind.init(rawValue:)) ?? .refused, value["because"].string ?? "refused")
    }
}
