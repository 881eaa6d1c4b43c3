import NIOCore
import QuirkKit
import SMTPSession

/// What is known of a remote, as the header writes it.
struct Known: Hashable, Sendable {
    var quirks: [KnownQuirk] = []
    var ignored: Set<String> = []
    var shownKeywords: Set<String> = []
    var bypass = false
    var tls: TLSDemand?
    var authUnverified = false
    var abilities: Set<Ability> = []
}

/// `message-limit messages=3 (learned 2026-11-23, due for probe)`
struct KnownQuirk: Hashable, Sendable {
    struct Option: Hashable, Sendable { let key, value: String }

    static let form = "a list such as \"message-limit messages=3; sticky-sender (learned, due for probe)\""

    /// The origin of what nobody says the origin of.
    private static let configured = "configured"

    let line: Int
    let name: String
    let options: [Option]
    let origin: String
    let isDueForProbe: Bool

    static func list(_ text: Substring, line: Int) -> [KnownQuirk]? {
        let quirks = Self.parts(of: text, at: ";").map { KnownQuirk($0.drop { $0 == " " }, line: line) }
        return quirks.isEmpty || quirks.contains(nil) ? nil : quirks.compactMap { $0 }
    }

    /// Splits at a character that does not stand in quotation marks. Nothing can be escaped there; a mark alone reaches to the end.
    private static func parts(of text: Substring, at separator: Character) -> [Substring] {
        var isQuoted = false
        return text.split { character in
            if character == "\"" { isQuoted.toggle() }
            return character == separator && !isQuoted
        }
    }

    private init?(_ text: Substring, line: Int) {
        self.line = line
        var words = text
        var origin = Self.configured
        if let open = Self.parts(of: text, at: "(").dropFirst().last.map({ text.index(before: $0.startIndex) }) {
            let inside = text[text.index(after: open)...].reversed().drop { $0 == " " }.reversed()
            guard inside.last == ")" else { return nil }
            origin = String(inside.dropLast())
            words = text[..<open]
        }
        let due = ", due for probe"
        self.isDueForProbe = origin.hasSuffix(due)
        self.origin = self.isDueForProbe ? String(origin.dropLast(due.count)) : origin
        let parts = Self.parts(of: words, at: " ")
        guard let name = parts.first, !name.contains("=") else { return nil }
        self.name = String(name)
        var options: [Option] = []
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else { return nil }
            let value = pair[1].first == "\"" && pair[1].last == "\"" && pair[1].count > 1 ? pair[1].dropFirst().dropLast() : pair[1]
            options.append(Option(key: String(pair[0]), value: String(value)))
        }
        self.options = options
    }
}

/// The answers to `.opened` and `.lookUp`: what is known grows as the remote's name and the recipients' domains become known.
struct Profiles {
    private(set) var current: Profile
    private let ofHost: [String: More]
    private let ofDomain: [String: More]
    /// What a config says in place of the header's rules.
    private let rules: (any RemoteRules)?
    private let learned: [Layer]
    private let abilities: Set<Ability>
    private let remote: String?
    private var host: String?
    private var domains: [String] = []

    /// What becomes known besides.
    private struct More {
        var applied: [Layer]
        var tls: TLSDemand?
    }

    init(_ header: Header, catalogue: [any Quirk], file: String, rules: (any RemoteRules)? = nil) throws(TranscriptError) {
        func applied(_ known: Known) throws(TranscriptError) -> [Layer] {
            var applied: [Layer] = []
            for quirk in known.quirks {
                let layer = try quirk.applied(catalogue, file: file)
                guard let twin = applied.firstIndex(where: { $0.setting.name == quirk.name }) else {
                    applied.append(layer)
                    continue
                }
                applied[twin].setting = applied[twin].setting.followed(by: layer.setting)
            }
            return applied
        }
        var ofHost: [String: More] = [:]
        var ofDomain: [String: More] = [:]
        for (host, known) in header.knownOfHost { ofHost[host] = More(applied: try applied(known), tls: known.tls) }
        for (domain, known) in header.knownOfDomain { ofDomain[domain] = More(applied: try applied(known), tls: known.tls) }
        self.ofHost = ofHost
        self.ofDomain = ofDomain
        self.current = Profile(
            layers: try applied(header.known), ignored: header.known.ignored, shownKeywords: header.known.shownKeywords,
            bypass: header.known.bypass, asksForDomains: !ofDomain.isEmpty, tls: header.known.tls ?? .opportunistic,
            authUnverified: header.known.authUnverified, abilities: header.known.abilities)
        self.rules = rules
        self.learned = self.current.layers.filter { $0.origin == .learned }
        self.abilities = header.known.abilities
        self.remote = header.remote
        if let rules { self.current = self.asConfigured(rules) }
    }

    /// What the config says of what is known by now; of what was learned the header has the word.
    private func asConfigured(_ rules: any RemoteRules) -> Profile {
        var profile = rules.profile(remote: self.remote, host: self.host, domains: self.domains)
        profile.layers += self.learned.filter { learned in
            !profile.ignored.contains(learned.setting.name) && !profile.layers.contains { $0.setting.name == learned.setting.name }
        }
        profile.abilities = self.abilities
        return profile
    }

    mutating func lookUp(host: String) -> Profile {
        if let rules {
            self.host = host
            self.current = self.asConfigured(rules)
            return self.current
        }
        if let tls = self.ofHost[host]?.tls { self.current.tls = tls }
        return self.adding(self.ofHost[host])
    }

    mutating func lookUp(domain: String) -> Profile {
        if let rules {
            self.domains.append(domain)
            self.current = self.asConfigured(rules)
            return self.current
        }
        if let tls = self.ofDomain[domain]?.tls { self.current.tlsOfDomains[domain] = tls }
        return self.adding(self.ofDomain[domain])
    }

    private mutating func adding(_ more: More?) -> Profile {
        for quirk in more?.applied ?? [] {
            self.current.layers.removeAll { $0.setting.name == quirk.setting.name }
            self.current.layers.append(quirk)
        }
        return self.current
    }
}

extension KnownQuirk {
    fileprivate func applied(_ catalogue: [any Quirk], file: String) throws(TranscriptError) -> Layer {
        guard let description = catalogue.first(where: { $0.description.name == self.name })?.description else {
            throw TranscriptError(file: file, line: self.line, fault: .unknownQuirk(self.name))
        }
        var values: [String: OptionValue] = [:]
        for option in description.options { values[option.name] = option.standard }
        for option in self.options {
            let (key, text) = (option.key, option.value)
            guard let option = description.options.first(where: { $0.name == key }), let value = Self.value(text, as: option.kind) else {
                throw TranscriptError(file: file, line: self.line, fault: .unknownOption(quirk: self.name, option: "\(key)=\(text)"))
            }
            values[key] = value
        }
        if let objection = description.objection(to: values) {
            throw TranscriptError(
                file: file, line: self.line, fault: .unknownOption(quirk: self.name, option: "\(objection.option) \(objection.message)"))
        }
        return Layer(
            QuirkSetting(self.name, values), self.origin == Self.configured ? .rule : .learned, source: self.origin, isDueForProbe: self.isDueForProbe
        )
    }

    private static func value(_ text: String, as kind: OptionDescription.Kind) -> OptionValue? {
        switch kind {
        case .integer(let range): Int(text).flatMap { range.contains($0) ? .integer($0) : nil }
        case .string: .string(text)
        case .word(let words): words.contains(text) ? .string(text) : nil
        case .pattern: (try? Pattern(text)).map { .pattern($0) }
        case .text(let form): form.accepts(text) ? .string(text) : nil
        case .boolean: Bool(text).map { .boolean($0) }
        case .strings: .strings(text.split(separator: ",").map(String.init))
        case .texts(let form):
            text.split(separator: ",").allSatisfy { form.accepts(String($0)) } ? .strings(text.split(separator: ",").map(String.init)) : nil
        case .seconds(let range):
            Span.parse(text[...]).flatMap { amount in
                let seconds = Int(amount.nanoseconds / 1_000_000_000)
                return range.contains(seconds) ? .seconds(seconds) : nil
            }
        }
    }
}
