import NIOCore
import QuirkKit
public import SMTPSession
import SMTPWire

/// What stands above the line of three hyphens: what the file shows, and what is known before the session begins.
public struct Header: Hashable, Sendable {
    public private(set) var title = ""
    /// Prose: which law or quirk, and why it matters.
    public private(set) var shows = ""
    /// Nil: chosen at the first RCPT.
    public private(set) var remote: String? = "192.0.2.1:25"
    public private(set) var gateway = GatewayTerms()
    public private(set) var settings = Settings(hostname: "shim.example")
    /// Seeds for playing in random pieces.
    public private(set) var seeds: [UInt64] = [1, 2, 3]
    /// Set by `only: whole, because …`: where what happens does depend on how the octets arrive.
    public private(set) var onlyWhole = false

    /// The keys that are written.
    private(set) var given: Set<String> = []

    /// What the rules and the memory say at once.
    var known = Known()
    /// What they say besides, once the remote's own name is known.
    var knownOfHost: [String: Known] = [:]
    /// What they say besides, once the recipient's domain is known.
    var knownOfDomain: [String: Known] = [:]
    /// Other connections to the remote, at each connect.
    public private(set) var alongside = 0

    static let keys = [
        "title", "shows", "remote", "gateway", "tls", "tls of host NAME", "tls of domain NAME", "auth", "quirks", "quirks of host NAME",
        "quirks of domain NAME", "ignore", "did", "alongside", "keywords", "bypass", "hostname", "timeouts", "reply-lines", "recipients",
        "line-endings", "seeds", "only",
    ]

    init(_ lines: inout Lines) throws(TranscriptError) {
        var seen: Set<String> = []
        var ended = false
        var last = 1
        while let line = lines.next() {
            last = line.number
            if line.text == "---" {
                ended = true
                break
            }
            if line.text.isEmpty || line.text.hasPrefix("# ") { continue }
            guard let colon = line.text.firstIndex(of: ":"), !line.text.hasPrefix(" ") else {
                throw TranscriptError(file: lines.file, line: line.number, fault: .unknownKey(String(line.text)))
            }
            let key = String(line.text[..<colon])
            var value = line.text[line.text.index(after: colon)...].drop { $0 == " " }.description
            while let more = lines.peeked, more.text.hasPrefix(" ") {
                value += " " + more.text.drop { $0 == " " }
                _ = lines.next()
            }
            guard seen.insert(key).inserted else { throw TranscriptError(file: lines.file, line: line.number, fault: .twice(key: key)) }
            self.given.insert(key)
            if let fault = self.set(key, value[...], line: line.number) {
                throw TranscriptError(file: lines.file, line: line.number, fault: fault)
            }
        }
        guard ended else { throw TranscriptError(file: lines.file, line: last, fault: .noEndOfHeader) }
        guard !self.title.isEmpty else { throw TranscriptError(file: lines.file, line: 1, fault: .noTitle) }
    }

    private mutating func set(_ key: String, _ value: Substring, line: Int) -> TranscriptError.Fault? {
        func bad(_ wanted: String) -> TranscriptError.Fault { .badValue(key: key, value: String(value), wanted: wanted) }
        switch key {
        case "title": self.title = String(value)
        case "shows": self.shows = String(value)
        case "hostname": self.settings.hostname = String(value)
        case "remote":
            guard !value.isEmpty else { return bad("an address with a port, or \"at RCPT\"") }
            self.remote = value == "at RCPT" ? nil : String(value)
        case "gateway":
            guard let terms = GatewayTerms(written: value) else { return bad(GatewayTerms.form) }
            self.gateway = terms
        case "tls":
            guard let demand = TLSDemand(written: value) else { return bad(TLSDemand.form) }
            self.known.tls = demand
        case _ where key.hasPrefix("tls of host "):
            guard let demand = TLSDemand(written: value) else { return bad(TLSDemand.form) }
            self.knownOfHost[String(key.dropFirst(12)), default: Known()].tls = demand
        case _ where key.hasPrefix("tls of domain "):
            guard let demand = TLSDemand(written: value) else { return bad(TLSDemand.form) }
            self.knownOfDomain[String(key.dropFirst(14)), default: Known()].tls = demand
        case "auth":
            guard value == "unverified" else { return bad("\"unverified\"") }
            self.known.authUnverified = true
        case "ignore": self.known.ignored = Set(value.split(separator: " ").map(String.init))
        case "alongside":
            guard let count = Int(value), count >= 0 else { return bad("a number of connections") }
            self.alongside = count
        case "did":
            let abilities = value.split { ", ".contains($0) }.map { Ability(rawValue: String($0)) }
            guard !abilities.isEmpty, !abilities.contains(nil) else { return bad(Ability.allCases.map(\.rawValue).joined(separator: ", ")) }
            self.known.abilities = Set(abilities.compactMap { $0 })
        case "keywords": self.known.shownKeywords = Set(value.split(separator: " ").map(String.init))
        case "bypass":
            guard value == "yes" else { return bad("\"yes\"") }
            self.known.bypass = true
        case "line-endings":
            switch value {
            case "repair": self.settings.lineEndings = .repair
            case "refuse": self.settings.lineEndings = .refuse
            default: return bad("\"repair\" or \"refuse\"")
            }
        case "reply-lines":
            guard let count = Int(value), count > 0 else { return bad("a number above 0") }
            self.settings.replyLines = count
        case "recipients":
            guard let count = Int(value), count > 0 else { return bad("a number above 0") }
            self.settings.recipients = count
        case "timeouts":
            for pair in value.split(separator: " ") {
                guard self.setTimeout(pair) else { return bad("a list such as \"command=5m done=15m\"") }
            }
        case "seeds":
            let seeds = value.split(separator: " ").map { UInt64($0) }
            guard !seeds.isEmpty, !seeds.contains(nil) else { return bad("a list of numbers") }
            self.seeds = seeds.compactMap { $0 }
        case "only":
            guard value.hasPrefix("whole, because "), value.utf8.count > 20 else { return bad("\"whole, because …\"") }
            self.onlyWhole = true
        case "quirks":
            guard let quirks = KnownQuirk.list(value, line: line) else { return bad(KnownQuirk.form) }
            self.known.quirks = quirks
        case _ where key.hasPrefix("quirks of host "):
            guard let quirks = KnownQuirk.list(value, line: line) else { return bad(KnownQuirk.form) }
            self.knownOfHost[String(key.dropFirst(15)), default: Known()].quirks = quirks
        case _ where key.hasPrefix("quirks of domain "):
            guard let quirks = KnownQuirk.list(value, line: line) else { return bad(KnownQuirk.form) }
            self.knownOfDomain[String(key.dropFirst(17)), default: Known()].quirks = quirks
        default: return .unknownKey(key)
        }
        return nil
    }

    private mutating func setTimeout(_ pair: Substring) -> Bool {
        let parts = pair.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, let amount = Span.parse(parts[1]) else { return false }
        switch parts[0] {
        case "connect": self.settings.timeouts.connect = amount
        case "greeting": self.settings.timeouts.greeting = amount
        case "command": self.settings.timeouts.command = amount
        case "data": self.settings.timeouts.data = amount
        case "content": self.settings.timeouts.content = amount
        case "done": self.settings.timeouts.done = amount
        case "idle": self.settings.timeouts.idle = amount
        case "repair": self.settings.timeouts.repair = amount
        case "quit": self.settings.timeouts.quit = amount
        default: return false
        }
        return true
    }
}
