import NIOCore
import SMTPSession

extension TranscriptError.Fault: Error {}

extension Step.Body {
    typealias Parsed = Result<Self, TranscriptError.Fault>

    static func parse(_ text: Substring) -> Parsed {
        switch text.first {
        case "C": Self.said(text, by: .gateway)
        case "S": Self.said(text, by: .remote)
        case ">": Self.heard(text)
        case "@": Self.time(text)
        case "!": Self.event(text)
        case "~": Self.trace(text)
        case "#": Self.connection(text.dropFirst(), .standsAtOnce) ?? .failure(.unknownLine(String(text)))
        case "%": Self.tls(text)
        default: .failure(.unknownLine(String(text)))
        }
    }

    /// `C: …`, `C= …`, `C| …`, `C* …`, `C=| …`, `C=* …`
    private static func said(_ text: Substring, by side: Side) -> Parsed {
        var rest = text.dropFirst()
        let passes = rest.first == "="
        if passes || rest.first == ":" {
            rest = rest.dropFirst()
            if rest.isEmpty || rest.first == " " { return .success(.says(side, .line(String(rest.dropFirst())), passes: passes)) }
            if !passes { return .failure(.noSpace(String(text.prefix(2)))) }
        }
        guard rest.first == "|" || rest.first == "*" else {
            return .failure(passes ? .noSpace(String(text.prefix(2))) : .unknownLine(String(text)))
        }
        return Self.octets(rest).map { .says(side, $0, passes: passes) }
    }

    /// `>C …`, `>C| …`, `>C* …`, `>C? …`
    private static func heard(_ text: Substring) -> Parsed {
        let side: Side
        switch text.dropFirst().first {
        case "C": side = .gateway
        case "S": side = .remote
        default: return .failure(.unknownLine(String(text)))
        }
        let rest = text.dropFirst(2)
        switch rest.first {
        case nil, " ": return .success(.hears(side, .line(String(rest.dropFirst()))))
        case "?":
            guard rest.dropFirst().first == " " else { return .failure(.noSpace(String(text.prefix(3)))) }
            return .success(.hearsLike(side, String(rest.dropFirst(2))))
        case "|", "*": return Self.octets(rest).map { .hears(side, $0) }
        default: return .failure(.noSpace(String(text.prefix(2))))
        }
    }

    /// `| raw\r\n` or `* 300000 octets`
    private static func octets(_ text: Substring) -> Result<Spoken, TranscriptError.Fault> {
        let written = text.dropFirst(2)
        guard text.dropFirst().first == " " else { return .failure(.noSpace(String(text.prefix(1)))) }
        if text.first == "*" {
            return Amount(written).map { .success(.many($0)) } ?? .failure(.badAmount(String(written)))
        }
        return Escapes.octets(of: written).map { .success(.raw(String(written), $0)) } ?? .failure(.badEscape(String(written)))
    }

    private static func time(_ text: Substring) -> Parsed {
        guard text.hasPrefix("@ +"), let amount = Span.parse(text.dropFirst(3)) else { return .failure(.badDuration(String(text))) }
        return .success(.passes(amount))
    }

    private static func trace(_ text: Substring) -> Parsed {
        guard text.hasPrefix("~ ") else { return .failure(.noSpace("~")) }
        let written = text.dropFirst(2)
        let words = written.split(separator: " ")
        if words.first == "asks-probe" {
            guard words.count == 3, words[1].last == ":" else { return .failure(.badTrace(String(written))) }
            switch words[2] {
            case "granted": return .success(.probe(quirk: String(words[1].dropLast()), granted: true))
            case "refused": return .success(.probe(quirk: String(words[1].dropLast()), granted: false))
            default: return .failure(.badTrace(String(written)))
            }
        }
        return Trace(written).map { .success(.trace($0)) } ?? .failure(.badTrace(String(written)))
    }

    private static func connection(_ text: Substring, _ connecting: Step.Connecting) -> Parsed? {
        guard let number = Int(text), number > 0 else { return nil }
        return .success(.connection(number, connecting))
    }
}
