import OddHost
import ProxyServer
import Rules
import SMTPWire
import Synchronization

/// One act of the demonstration: the gateway sends its messages to the host, directly or through Mailshim, and every line is shown as it is said.
struct Performance {
    let screen: Screen
    let host: OddHost
    /// Mailshim's log; nil: Mailshim is not there.
    let log: Overheard?

    func play(_ letters: [TinyGateway.Letter], to endpoint: SocketEndpoint) -> Result<[TinyGateway.Fate], CallFault> {
        var view = HostView(of: self.host)
        do throws(CallFault) {
            return .success(try TinyGateway().send(letters, to: endpoint) { self.show($0, view.news(), self.log?.news() ?? []) })
        } catch {
            return .failure(error)
        }
    }

    private func show(_ exchange: TinyGateway.Exchange, _ host: [Screen.Cell], _ log: [Line]) {
        var host = host[...]
        let said = exchange.said.map { Screen.Cell.command($0) }
        let heard = exchange.heard.lines.map { Screen.Cell.reply("\(exchange.heard.code) \($0)") }
        for cell in said {
            let isPassedOn = host.first?.text == cell.text
            self.screen.row(left: cell, right: isPassedOn ? host.popFirst() : nil)
        }
        // What the host said last is what the gateway heard, but for words that follow it.
        let end = heard.last.flatMap { last in host.lastIndex { $0.text.isSame(as: last.text) } }
        let (during, after) = end.map { (host[..<max(host.startIndex, $0 - heard.count + 1)], host[($0 + 1)...]) } ?? (host, [])
        let last = Array(host.dropFirst(during.count).dropLast(after.count))
        // QUIT is answered by Mailshim itself, at once.
        let isAtOnce = end == nil && self.log != nil
        if isAtOnce { for cell in heard { self.screen.row(left: cell) } }
        for cell in during { self.screen.row(right: cell) }
        for words in log.compactMap(\.commentary) { self.screen.row(middle: words) }
        if !isAtOnce {
            for (index, cell) in heard.enumerated() { self.screen.row(left: cell, right: last.indices.contains(index) ? last[index] : nil) }
        }
        for cell in after { self.screen.row(right: cell) }
    }
}

extension String {
    /// `250-8BITMIME` and `250 8BITMIME` are the same to whoever reads.
    fileprivate func isSame(as other: String) -> Bool { self.prefix(3) == other.prefix(3) && self.dropFirst(4) == other.dropFirst(4) }
}

extension Line {
    /// What Mailshim did, for the column in the middle.
    fileprivate var commentary: String? {
        func field(_ name: String) -> String {
            switch self.fields.first(where: { $0.name == name })?.value {
            case .text(let text): text
            case .number(let number): "\(number)"
            case .share, .paths, nil: ""
            }
        }
        return switch self.event {
        case "repair": "\(field("quirk")): \(field("action")), \(field("outcome"))"
        case "quirk": "\(field("quirk")): \(field("did"))"
        case "quirk-learned": "learned: \(field("quirk"))\(field("messages").isEmpty ? "" : " messages=\(field("messages"))")"
        default: nil
        }
    }
}

/// Mailshim's log, line by line.
final class Overheard: Sendable {
    private let lines = Mutex<(all: [Line], told: Int)>(([], 0))

    func hear(_ line: Line) { self.lines.withLock { $0.all.append(line) } }

    var all: [Line] { self.lines.withLock { $0.all } }

    /// Since it was last asked.
    func news() -> [Line] {
        self.lines.withLock { lines in
            defer { lines.told = lines.all.count }
            return Array(lines.all.dropFirst(lines.told))
        }
    }
}
