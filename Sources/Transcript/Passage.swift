/// One row of a session as people read it: the gateway to the left, the remote to the right, Mailshim between them.
///
/// ```
/// MAIL FROM:<b@example.org>  ─▶ │ ─▶ MAIL FROM:<b@example.org>
///                               │ ◀─ 503 Sender already specified
/// ```
public enum Passage: Hashable, Sendable {
    case gatewaySays(String)
    case gatewayHears(String)
    case remoteSays(String)
    case remoteHears(String)
    /// From the gateway to the remote, unchanged.
    case passesToRemote(String)
    case passesToGateway(String)
    /// What happens to a connection, or time that passes.
    case gatewayRemark(String)
    case remoteRemark(String)
    case remark(String)
}

extension Sequence<Passage> {
    /// One line each. `width`: at most so many characters a side; longer lines are cut, with an ellipsis.
    public func rendered(width: Int = 46) -> String {
        let rows = self.map { $0.row(width) }
        let left = rows.map(\.left.count).max() ?? 0
        return rows.map { row in
            let pad = String(repeating: " ", count: left - row.left.count)
            let line = "\(row.left)\(pad) \(row.toLeft) │ \(row.toRight) \(row.right)"
            return String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
        }.joined()
    }
}

extension Passage {
    fileprivate struct Row {
        var left = ""
        var toLeft = "  "
        var toRight = "  "
        var right = ""
    }

    fileprivate func row(_ width: Int) -> Row {
        func cut(_ text: String) -> String { text.count > width ? text.prefix(width - 1) + "…" : text }
        return switch self {
        case .gatewaySays(let text): Row(left: cut(text), toLeft: "─▶")
        case .gatewayHears(let text): Row(left: cut(text), toLeft: "◀─")
        case .remoteSays(let text): Row(toRight: "◀─", right: cut(text))
        case .remoteHears(let text): Row(toRight: "─▶", right: cut(text))
        case .passesToRemote(let text): Row(left: cut(text), toLeft: "─▶", toRight: "─▶", right: cut(text))
        case .passesToGateway(let text): Row(left: cut(text), toLeft: "◀─", toRight: "◀─", right: cut(text))
        case .gatewayRemark(let text): Row(left: cut("(\(text))"))
        case .remoteRemark(let text): Row(right: cut("(\(text))"))
        case .remark(let text): Row(left: cut("(\(text))"))
        }
    }
}
