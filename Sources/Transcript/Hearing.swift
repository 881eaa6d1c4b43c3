import SMTPSession

/// What was heard in one scene.
struct Hearing {
    var legs: [Leg: Heard] = [:]
    var asks: [Ask] = []
    var traces: [Trace] = []
    var isRelayed = false

    /// What went otherwise than the scene says, in the order of its lines.
    func differences(to scene: Scene) -> [Difference] {
        var legs: [Leg] = []
        for leg in scene.expected.compactMap(\.body.leg) + self.legs.keys.sorted(by: { $0.description < $1.description }) where !legs.contains(leg) {
            legs.append(leg)
        }
        let found = legs.compactMap { self.difference(of: $0, to: scene) } + self.differenceOfAsks(to: scene) + self.differencesOfTraces(to: scene)
        return found.sorted { $0.line < $1.line }
    }

    private func differenceOfAsks(to scene: Scene) -> [Difference] {
        var rest = self.asks[...]
        var found: [Difference] = []
        for expectation in scene.expected {
            switch expectation.body {
            case .ask(let ask):
                let heard = rest.popFirst()
                if heard != ask {
                    found.append(Difference(line: expectation.line, expected: ask.description, heard: heard?.description ?? "nothing"))
                }
            case .relayed:
                if !self.isRelayed {
                    found.append(Difference(line: expectation.line, expected: "octets to be relayed from here on", heard: "nothing"))
                }
            case .octets, .line, .closed, .aborted, .trace: break
            }
        }
        found += rest.map { Difference(line: scene.lastLine, expected: "nothing more", heard: $0.description) }
        if self.isRelayed, !scene.expected.contains(where: { $0.body == .relayed }) {
            found.append(Difference(line: scene.lastLine, expected: "nothing more", heard: "octets relayed unread from here on"))
        }
        return found
    }

    private func differencesOfTraces(to scene: Scene) -> [Difference] {
        var rest = self.traces
        var found: [Difference] = []
        for expectation in scene.expected {
            guard case .trace(let pattern) = expectation.body else { continue }
            if let index = rest.firstIndex(where: { $0.matches(pattern) }) {
                rest.remove(at: index)
            } else {
                let like = rest.filter { $0.name == pattern.name }
                let heard = like.isEmpty ? "no such trace" : like.map(\.description).joined(separator: ", ")
                found.append(Difference(line: expectation.line, expected: pattern.description, heard: heard))
            }
        }
        return found + rest.filter(\.isDemanded).map { Difference(line: scene.lastLine, expected: "nothing more", heard: $0.description) }
    }
}

struct Difference: Hashable {
    let line: Int
    let expected: String
    let heard: String
}
