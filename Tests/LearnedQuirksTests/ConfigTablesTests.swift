import QuirkKit
import Testing

@testable import LearnedQuirks

/// `mailshim learned export`: tables that can be pasted into the config.
@Suite struct ConfigTablesTests {
    private func learned(_ finding: Finding, _ remote: String = host) -> Learned {
        Learned(
            remote: remote, quirk: finding.quirk, origin: .learned, sent: finding.sent, reply: finding.reply,
            firstSeen: 1_795_392_000,
            lastSeen: 1_795_478_399, expires: nil, ending: finding.counting.ending)
    }

    @Test func tables() {
        let imported = Learned.imported(remote: other, quirk: limit(20), because: "their manual, \"Limits\"", now: start, lifetime: day)
        let entries = [self.learned(.stickySender), imported, self.learned(.noReuse)]
        #expect(
            ConfigTables.render(entries) == #"""
                [address."192.0.2.1"]
                port = 25
                quirks = [{ name = "message-limit", messages = 1 }, "sticky-sender"]
                because = "MAIL FROM:<b@example.org> → 503 Sender already specified; first seen 2026-11-23, last 2026-11-23 | MAIL FROM:<b@example.org> → 503 Sender already specified; first seen 2026-11-23, last 2026-11-23"

                [address."2001:db8::1"]
                port = 25
                quirks = [{ name = "message-limit", messages = 20 }]
                because = "their manual, \"Limits\""

                """#)
        #expect(ConfigTables.render([]) == "")
    }

    /// A header in single brackets may stand in a file only once.
    @Test func portsOfOneAddress() {
        let remotes = ["192.0.2.1:25", "192.0.2.1:587", "192.0.2.10:25", "192.0.2.1:26", "[2001:db8::1]:465", "[2001:db8::1]:25"]
        let lines = ConfigTables.render(remotes.map { self.learned(.noReuse, $0) }).split(separator: "\n")
        #expect(
            lines.filter { $0.hasPrefix("[") || $0.hasPrefix("port") } == [
                #"[[address."192.0.2.1"]]"#, "port = 25", #"[[address."192.0.2.1"]]"#, "port = 26", #"[[address."192.0.2.1"]]"#, "port = 587",
                #"[address."192.0.2.10"]"#, "port = 25",
                #"[[address."2001:db8::1"]]"#, "port = 25", #"[[address."2001:db8::1"]]"#, "port = 465",
            ])
        #expect(!lines.contains { $0.hasPrefix("#") })
    }

    @Test(arguments: [
        ("", #""""#), ("plain", #""plain""#), (#"a "b" \c"#, #""a \"b\" \\c""#), ("a\tb\nc\rd", #""a\tb\nc\u000dd""#),
        ("\u{0}\u{1F}\u{7F}", #""\u0000\u001f\u007f""#),
        ("naïve → 例 🙂", #""naïve → 例 🙂""#), ("e\u{301}\"\u{301}", "\"e\u{301}\\\"\u{301}\""), ("\r\n", #""\u000d\n""#),
    ])
    func strings(_ text: String, toml: String) { #expect(ConfigTables.string(text) == toml) }

    /// Nothing that a remote says ends the string or the line it stands in.
    @Test func noTextBreaksOut() {
        for first in (0...0x2FF).compactMap(Unicode.Scalar.init) {
            for second in ["\"", "\\", "\n", "\u{301}", "]"] {
                let text = ConfigTables.string("\(first)\(second)")
                let inner = text.unicodeScalars.dropFirst().dropLast()
                var isEscaped = false
                for scalar in inner {
                    #expect(scalar.value >= 0x20 && scalar.value != 0x7F)
                    if isEscaped {
                        #expect("\"\\tnu".unicodeScalars.contains(scalar))
                        isEscaped = false
                    } else {
                        #expect(scalar != "\"")
                        isEscaped = scalar == "\\"
                    }
                }
                #expect(!isEscaped)
                #expect(text.unicodeScalars.first == "\"" && text.unicodeScalars.last == "\"")
            }
        }
    }

    @Test func options() {
        let options: [String: OptionValue] = [
            "a": .integer(-1), "b c": .string("\"x\""), "d-e": .strings(["X", "Y\\"]), "f": .seconds(90), "g": .boolean(true), "h.i": .strings([]),
            "": .integer(0),
        ]
        var learned = self.learned(.noReuse)
        learned.quirk = QuirkSetting("odd", options)
        #expect(
            ConfigTables.render([learned]).contains(
                #"quirks = [{ name = "odd", "" = 0, a = -1, "b c" = "\"x\"", d-e = ["X", "Y\\"], f = "90s", g = true, "h.i" = [] }]"#))
    }

    @Test(arguments: [
        (Learned(remote: host, quirk: limit(1), origin: .pinned, firstSeen: start, lastSeen: start, expires: nil), "pinned 1972-09-27"),
        (Learned(remote: host, quirk: limit(1), origin: .pinned, remark: "ticket 7", firstSeen: start, lastSeen: start, expires: nil), "ticket 7"),
        (
            Learned(
                remote: host, quirk: limit(1), origin: .pinned, sent: "RSET", reply: "(closed)", remark: "ticket 7",
                firstSeen: start, lastSeen: start,
                expires: nil), "RSET → (closed); first seen 1972-09-27, last 1972-09-27; ticket 7"
        ),
    ])
    func because(_ learned: Learned, text: String) { #expect(learned.because == text) }
}
