/// What a peer must not do, whoever it is. A host that complains still answers: tests look at the complaints.
struct Manners {
    let keywords: Set<String>

    init(_ keywords: [String]) { self.keywords = Set(keywords.map { $0.prefix { $0 != " " }.uppercased() }) }

    /// What is wrong with a command, given what came behind it before it was answered.
    func complaints(_ line: String, bareLineFeed: Bool, more: Bool) -> [String] {
        var found: [String] = []
        let verb = Verb(line)
        if bareLineFeed { found.append("bare LF after \(line)") }
        if more, verb != .bdat {
            switch verb {
            case _ where !self.keywords.contains("PIPELINING"): found.append("pipelined, though not offered, after \(line)")
            case .ehlo, .helo, .data, .quit, .noop: found.append("pipelined after \(line)")
            default: break
            }
        }
        if verb == .bdat, !self.keywords.contains("CHUNKING") { found.append("BDAT, though not offered") }
        if line.utf8.contains(where: { $0 < 32 || $0 == 127 }) { found.append("control character in \(line.debugDescription)") }
        return found
    }
}
