import LearnedQuirks
import SMTPSession
import Synchronization

/// What is not counted but asked when the metrics are: taken together by the proxy.
struct MetricsContext {
    var version = ""
    var mostSessions = 0
    /// In seconds, of the slowest event loop; nil: one does not answer.
    var lag: Double?
    /// By the name of the check, its worst.
    var checks: [(name: String, isOK: Bool)] = []
    /// Of the learned store, by quirk and origin.
    var entries: [String: [Learned.Origin: Int]] = [:]
    var bypasses = 0
    /// Unix seconds, by listener.
    var certificates: [(listener: String, notAfter: Int)] = []
    /// What `firewall watch` said last; nil: nothing lately.
    var redirect: RedirectReport?
    var droppedLines = 0
    var process = ProcessFacts()
}

/// All metrics as text.
extension Metrics {
    typealias Families = MetricCatalogue

    func page(_ context: MetricsContext) -> MetricText {
        var text = MetricText()
        func one(_ family: MetricFamily, _ number: Double) {
            text.begin(family)
            text.add(family, [], number)
        }
        func rows(_ family: MetricFamily, _ cells: Cells, _ labels: [[String]]) {
            text.begin(family)
            for (index, values) in labels.enumerated() { text.add(family, values, Double(cells[index])) }
        }
        func each(_ family: MetricFamily, _ values: [String], _ cells: (ListenerMetrics) -> Cells) {
            text.begin(family)
            for listener in self.allListeners {
                for (index, value) in values.enumerated() { text.add(family, [listener.name, value], Double(cells(listener)[index])) }
            }
        }
        text.begin(Families.build)
        text.add(Families.build, [context.version], 1)
        text.begin(Families.ready)
        for check in context.checks { text.add(Families.ready, [check.name], check.isOK ? 1 : 0) }
        each(Families.active, Activity.Stage.allCases.map(\.name)) { $0.stages }
        one(Families.mostSessions, Double(context.mostSessions))
        rows(Families.waiting, self.waits, Activity.Party.allCases.map { [$0.name] })
        text.begin(Families.sessions)
        for listener in self.allListeners { text.add(Families.sessions, [listener.name], Double(listener.sessions[0])) }
        each(Families.ends, SessionEnd.allCases.map { "\($0)" }) { $0.ends }
        each(Families.refusals, ListenerMetrics.Refusal.allCases.map(\.rawValue)) { $0.refusals }
        text.begin(Families.messages)
        for listener in self.allListeners {
            var cells = listener.messages.all.makeIterator()
            for outcome in Record.Outcome.all {
                for stage in MessageStage.allCases {
                    text.add(Families.messages, [listener.name, outcome.rawValue, "\(stage)"], Double(cells.next() ?? 0))
                }
            }
        }
        each(Families.recipients, ["accepted", "refused"]) { $0.recipients }
        text.begin(Families.octets)
        for listener in self.allListeners { text.add(Families.octets, [listener.name], Double(listener.octets[0])) }
        rows(
            Families.replies, self.refusals,
            Origin.allCases.flatMap { origin in
                ["4xx", "5xx"].flatMap { name in RefusedStage.all.map { ["\(origin)", name, RefusedStage.name($0)] } }
            })
        let quirks = self.quirks
        self.writeRepairs(to: &text)
        text.begin(Families.repairDuration)
        text.add(Families.repairDuration, [], self.repairDurations)
        rows(Families.detections, self.detections, quirks.map { [$0] })
        rows(Families.saved, self.saved, quirks.flatMap { quirk in ["bounce", "deferral"].map { [quirk, $0] } })
        rows(Families.uses, self.uses, quirks.map { [$0] })
        rows(Families.alterations, self.alterations, Self.alterationNames.map { [$0] })
        rows(Families.connections, self.dials, ["first", "extra"].flatMap { kind in ["ok", "failed"].map { [kind, $0] } })
        text.begin(Families.remoteReplies)
        for (row, stage) in Activity.Stage.allCases.enumerated() where stage.isOfRemote {
            text.add(Families.remoteReplies, [stage.name], self.remoteReplies, row: row)
        }
        text.begin(Families.ownLatency)
        text.add(Families.ownLatency, [], self.ownLatency)
        rows(Families.slotWaits, self.slotWaits, [["granted"], ["in-vain"]])
        rows(
            Families.handshakes, self.handshakes,
            ["gateway", "remote"].flatMap { leg in
                TLSVersion.allCases.flatMap { version in
                    ["no", "yes"].flatMap { resumed in ["no", "yes"].map { [leg, version.rawValue, resumed, $0] } }
                }
            })
        rows(Families.handshakeFailures, self.handshakeFailures, [["gateway"], ["remote"]])
        rows(Families.clear, self.clear, [["broken-starttls"], ["other"]])
        text.begin(Families.entries)
        for quirk in quirks {
            for origin in Learned.Origin.allCases {
                text.add(Families.entries, [quirk, origin.rawValue], Double(context.entries[quirk]?[origin] ?? 0))
            }
        }
        self.writeLearnedEvents(to: &text)
        one(Families.state, self.isStateUsable.load(ordering: .relaxed) ? 1 : 0)
        one(Families.bypasses, Double(context.bypasses))
        one(Families.reloadOK, self.reloads.wasSuccessful.load(ordering: .relaxed) ? 1 : 0)
        one(Families.reloaded, Double(self.reloads.last.load(ordering: .relaxed)))
        text.begin(Families.certificates)
        for certificate in context.certificates { text.add(Families.certificates, [certificate.listener], Double(certificate.notAfter)) }
        text.begin(Families.redirects)
        if let redirect = context.redirect {
            for family in redirect.families { text.add(Families.redirects, [family.name], family.isOpen ? 1 : 0) }
        }
        text.begin(Families.redirected)
        for family in context.redirect?.families ?? [] {
            for (way, count) in [("here", family.led), ("past", family.past)] {
                if let count { text.add(Families.redirected, [family.name, way], Double(count)) }
            }
        }
        one(Families.dropped, Double(context.droppedLines))
        text.begin(Families.lag)
        if let lag = context.lag { text.add(Families.lag, [], lag) }
        one(Families.cpu, context.process.cpuSeconds)
        one(Families.openFiles, Double(context.process.openFiles))
        one(Families.mostFiles, Double(context.process.mostFiles))
        one(Families.resident, Double(context.process.residentOctets))
        one(Families.virtual, Double(context.process.virtualOctets))
        one(Families.started, context.process.started)
        return text
    }

    /// Of each quirk what happened, and a row for what did not yet, so that a rate can begin at 0.
    private func writeLearnedEvents(to text: inout MetricText) {
        text.begin(Families.learnedEvents)
        for (number, quirk) in self.quirks.enumerated() {
            for (place, event) in Self.learnedEventNames.enumerated() {
                let count = self.learnedEvents[number * Self.learnedEventNames.count + place]
                if count > 0 || place == 0 { text.add(Families.learnedEvents, [quirk, event], Double(count)) }
            }
        }
    }

    /// Of each quirk what was done, and one row for a quirk that did nothing yet, so that a rate can begin at 0.
    private func writeRepairs(to text: inout MetricText) {
        text.begin(Families.repairs)
        for (number, quirk) in self.quirks.enumerated() {
            for (place, action) in Self.actions.enumerated() {
                for (outcome, name) in ["ok", "failed"].enumerated() {
                    let count = self.repairs[(number * Self.actions.count + place) * 2 + outcome]
                    guard count > 0 || (place == Self.actions.count - 1 && outcome == 0) else { continue }
                    text.add(Families.repairs, [quirk, action, name], Double(count))
                }
            }
        }
    }
}

extension Activity.Stage {
    /// Whether sessions wait for the remote in it.
    var isOfRemote: Bool {
        switch self {
        case .connect, .greeting, .ehlo, .tls, .auth, .mail, .rcpt, .data, .end, .other: true
        case .idle, .content, .relay, .quit: false
        }
    }
}
