import SMTPSession

extension Step.Body {
    /// Lines that begin with `!`: what happens, and what is heard, beside octets.
    static func event(_ text: Substring) -> Parsed {
        let written = text.dropFirst(2)
        guard text.hasPrefix("! ") else { return .failure(.noSpace("!")) }
        let unknown = Parsed.failure(.unknownEvent(String(written)))
        switch written {
        case "C closes": return .success(.closes(.gateway))
        case "S closes": return .success(.closes(.remote))
        case "C resets": return .success(.resets(.gateway))
        case "S resets": return .success(.resets(.remote))
        case "C lingers": return .success(.lingers(.gateway))
        case "S lingers": return .success(.lingers(.remote))
        case ">C closed": return .success(.hearsClosed(.gateway))
        case ">S closed": return .success(.hearsClosed(.remote))
        case ">C aborted": return .success(.hearsAborted(.gateway))
        case ">S aborted": return .success(.hearsAborted(.remote))
        case "relayed": return .success(.relayed)
        case "place wanted": return .success(.placeWanted)
        case "shutdown": return .success(.shutdown)
        case "held": return .success(.held)
        case "drained": return .success(.drained(true))
        case "not drained": return .success(.drained(false))
        case "time is up": return .success(.timeIsUp)
        default: break
        }
        let words = written.split(separator: " ", maxSplits: 3).map(String.init)
        guard let first = words.first else { return unknown }
        if first.hasPrefix("#"), let number = Int(first.dropFirst()), number > 0 {
            return Self.connecting(written.dropFirst(first.count + 1)).map { .success(.connection(number, $0)) } ?? unknown
        }
        guard words.count == 4, first == "route" else { return unknown }
        switch words[2] {
        case "to": return .success(.route(domain: words[1], to: words[3]))
        case "fails": return .success(.routeFails(domain: words[1], reply: words[3]))
        default: return unknown
        }
    }

    private static func connecting(_ written: Substring) -> Step.Connecting? {
        switch written {
        case "asked": .asked
        case "stands": .stands
        case "given up": .givenUp
        case "refused": .fails(.failed("connection refused"))
        case "no place": .fails(.noPlace)
        case "backed off": .fails(.backedOff)
        case _ where written.hasPrefix("fails: ") && written.count > 7: .fails(.failed(String(written.dropFirst(7))))
        default: nil
        }
    }
}
