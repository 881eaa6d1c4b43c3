extension Hearing {
    /// The first thing that one leg heard otherwise than written.
    func difference(of leg: Leg, to scene: Scene) -> Difference? {
        let heard = self.legs[leg] ?? Heard()
        var rest = heard.octets[...]
        var (isClosed, isAborted) = (false, false)
        func next() -> String {
            if let end = rest.firstIndex(of: 0x0A) { return Escapes.readable(rest[...end]) }
            return Heard(octets: Array(rest), isClosed: heard.isClosed, isAborted: heard.isAborted).description
        }
        for expectation in scene.expected where expectation.body.leg == leg {
            switch expectation.body {
            case .octets(_, let spoken):
                let octets = spoken.octets
                guard rest.starts(with: octets) else {
                    let same = zip(rest, octets).prefix { $0 == $1 }.count
                    let at = octets.count > 160 ? same : 0
                    let place = at > 0 ? ", after \(at) octets as written" : ""
                    return Difference(
                        line: expectation.line, expected: "\(leg) to hear \(Escapes.readable(octets.dropFirst(at)))\(place)",
                        heard: at > 0 ? Escapes.readable(rest.dropFirst(at)) : next())
                }
                rest = rest.dropFirst(octets.count)
            case .line(_, let pattern):
                let line = rest.prefix { $0 != 0x0A }
                guard line.last == 0x0D, line.count < rest.count, Glob.matches(pattern.utf8, line.dropLast()) else {
                    return Difference(line: expectation.line, expected: "\(leg) to hear a line like \"\(pattern)\"", heard: next())
                }
                rest = rest.dropFirst(line.count + 1)
            case .closed:
                guard rest.isEmpty, heard.isClosed else {
                    return Difference(line: expectation.line, expected: "\(leg) to be closed politely", heard: next())
                }
                isClosed = true
            case .aborted:
                guard rest.isEmpty, heard.isAborted else {
                    return Difference(line: expectation.line, expected: "\(leg) to be aborted", heard: next())
                }
                isAborted = true
            case .ask, .trace, .relayed: break
            }
        }
        guard rest.isEmpty, heard.isClosed == isClosed, heard.isAborted == isAborted else {
            return Difference(line: scene.lastLine, expected: "\(leg) to hear nothing more", heard: next())
        }
        return nil
    }
}

extension Expectation.Body {
    /// Whose ears it is about.
    var leg: Leg? {
        switch self {
        case .octets(let leg, _), .line(let leg, _), .closed(let leg), .aborted(let leg): leg
        case .ask, .trace, .relayed: nil
        }
    }
}
