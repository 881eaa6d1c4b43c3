/// What an EHLO reply offers, read in the plainest way.
struct KeywordList {
    private(set) var names: Set<String> = []
    /// Of AUTH, in upper case.
    private(set) var mechanisms: Set<String> = []

    init() {}

    init(_ text: String) {
        for line in text.split(separator: "\n").dropFirst() {
            let words = line.uppercased().split { $0 == " " || $0 == "=" }
            guard let name = words.first.map(String.init) else { continue }
            self.names.insert(name)
            if name == "SMTPUTF8" { self.names.insert("8BITMIME") }
            if name == "AUTH" { self.mechanisms.formUnion(words.dropFirst().map(String.init)) }
        }
    }
}

extension SpokenLine {
    /// `AUTH PLAIN …`: PLAIN.
    var mechanism: String {
        let words = self.octets.split { $0 == 0x20 || $0 == 0x09 }
        return words.count > 1 ? String(decoding: words[1], as: UTF8.self).uppercased() : ""
    }
}
