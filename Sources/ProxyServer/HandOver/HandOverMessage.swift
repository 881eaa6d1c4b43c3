import NIOCore

/// What a process and its successor tell each other, one a line. A line that is not known is skipped: the other is of another version.
enum HandOverMessage: Hashable, Sendable {
    /// The successor: I listen. With its process number.
    case ready(Int32?)
    /// The successor: I was asked to stop, and need nobody in my place.
    case leaving
    /// The predecessor: I accept no connection any more. Two processes never accept from one socket at a time.
    case accept
    /// The predecessor: so many of my connections to this remote stand.
    case held(ConnectionLimiter.Key, Int)
    /// The predecessor: that was the whole table; from now on each change.
    case counted
    /// The predecessor, once a second while it drains: of itself, or of one before it.
    case drains(DrainingProcess)
    /// The successor, much later: I have a successor myself. Whoever cared for me need not any more.
    case succeeded

    /// Longer ones are none of ours.
    static let longest = 256

    var text: String {
        switch self {
        case .ready(let number): "ready" + (number.map { " \($0)" } ?? "")
        case .leaving: "leaving"
        case .held(let key, let count): "held \(key.source.flatMap(\.ipAddress) ?? "-") \(key.remote.ipAddress ?? "") \(key.remote.port ?? 0) \(count)"
        case .accept: "accept"
        case .counted: "counted"
        case .drains(let process): "drains \(process.pid) \(process.sessions) \(process.oldest) \(process.stage)"
        case .succeeded: "succeeded"
        }
    }

    init?(_ line: String) {
        let words = line.split(separator: " ")
        switch (words.first, words.count) {
        case ("ready", 1): self = .ready(nil)
        case ("ready", 2):
            guard let number = Int32(words[1]), number > 1 else { return nil }
            self = .ready(number)
        case ("leaving", 1): self = .leaving
        case ("accept", 1): self = .accept
        case ("counted", 1): self = .counted
        case ("succeeded", 1): self = .succeeded
        case ("drains", 5):
            let numbers = words[1...3].compactMap { Int($0) }.filter { $0 >= 0 }
            guard numbers.count == 3, words[4].utf8.allSatisfy({ UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 }) else { return nil }
            self = .drains(DrainingProcess(pid: numbers[0], sessions: numbers[1], oldest: numbers[2], stage: String(words[4])))
        case ("held", 5):
            guard let port = Int(words[3]), let remote = try? SocketAddress(ipAddress: String(words[2]), port: port), let count = Int(words[4]),
                count >= 0
            else { return nil }
            var source: SocketAddress?
            if words[1] != "-" {
                guard let address = try? SocketAddress(ipAddress: String(words[1]), port: 0) else { return nil }
                source = address
            }
            self = .held(ConnectionLimiter.Key(source: source, remote: remote), count)
        default: return nil
        }
    }
}
