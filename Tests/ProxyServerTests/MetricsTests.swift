import NIOCore
import Testing

@testable import ProxyServer
@testable import SMTPSession

/// What is counted, and how it is written.
@Suite struct MetricsTests {
    @Test func `cells add up, and what is beyond them does no harm`() {
        let cells = Cells(2)
        cells.add(at: 1)
        cells.add(3, at: 1)
        cells.add(at: 2)
        cells.add(at: -1)
        #expect(cells.all == [0, 4] && cells[2] == 0)
    }

    @Test func `a histogram has what was added, and its quantiles`() {
        let histogram = Histogram(rows: 2)
        for _ in 0..<98 { histogram.add(.microseconds(500), row: 1) }
        histogram.add(.seconds(2), row: 1)
        histogram.add(.hours(1), row: 1)
        let buckets = histogram.buckets(row: 1)
        #expect(buckets.reduce(0, +) == 100 && buckets[2] == 98 && buckets.last == 1)
        #expect(histogram.buckets(row: 0).allSatisfy { $0 == 0 })
        let sum: Double = 3602.049
        #expect(histogram.sum(row: 1) == sum)
        let half = Histogram.quantile(0.5, of: buckets) ?? 0
        #expect(half > 0.0003 && half <= 0.001)
        #expect(Histogram.quantile(0.99, of: buckets).map { $0 > 1 && $0 <= 3 } == true)
        #expect(Histogram.quantile(1, of: buckets) == 300, "there is no bound above it")
        #expect(Histogram.quantile(0.5, of: histogram.buckets(row: 0)) == nil)
    }

    @Test func `the text is what Prometheus reads`() {
        var text = MetricText()
        let family = MetricFamily("a_total", .counter, "Help.", ["x", "y"])
        text.begin(family)
        text.add(family, ["1", "say \"\\\n"], 2)
        #expect(text.text == "# HELP a_total Help.\n# TYPE a_total counter\na_total{x=\"1\",y=\"say \\\"\\\\\\n\"} 2\n")
    }

    @Test func `numbers are written as they are`() {
        let numbers: [Double] = [0, 3, 1e14, 0.25]
        #expect(numbers.map { MetricText.text(of: $0) } == ["0", "3", "100000000000000", "0.25"])
    }

    /// A page has every family once, in the catalogue's order, and no more series than a server is glad of.
    @Test func `the page has what the catalogue has`() {
        let metrics = Metrics(quirks: (0..<20).map { "quirk-\($0)" })
        for name in ["outbound", "submission"] { _ = metrics.listener(name) }
        let page = metrics.page(MetricsContext())
        let types = page.text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ")[2] }
        #expect(types.map(String.init) == MetricCatalogue.all.map(\.name))
        #expect(page.samples <= 600, "\(page.samples)")
    }

    @Test(arguments: MetricCatalogue.all) func `a family is named as the others are`(_ family: MetricFamily) {
        #expect(family.name.hasPrefix("mailshim_") || family.name.hasPrefix("process_"))
        #expect((family.kind == .counter) == family.name.hasSuffix("_total"))
        #expect(family.help.hasSuffix("."))
        for label in ["address", "domain", "session", "remote", "host"] { #expect(!family.labels.contains(label)) }
    }

    // MARK: Records

    private static func message(_ outcome: Record.Outcome, quirks: [String] = [], repairs: Int = 0) -> Record {
        .message(
            .init(
                number: 1, connection: 1, outcome: outcome, from: "a@example.org", to: ["b@example.net"], recipients: 2, refusedRecipients: 1,
                bytes: 100, host: "h", reply: "250 ok", quirks: quirks, milliseconds: 5, told: true, repairs: repairs))
    }

    @Test func `a message is counted for its listener`() {
        let metrics = Metrics(quirks: [])
        var tally = Tally()
        tally.listener = metrics.listener("outbound")
        metrics.count(Self.message(.accepted, repairs: 3), of: &tally)
        metrics.count(Self.message(.rejected), of: &tally)
        let listener = metrics.listener("outbound")
        #expect(listener.outcomes == [1, 0, 1, 0] && listener.recipients.all == [4, 2] && listener.octets.all == [100])
        #expect(metrics.alterations.all == [0, 0, 3, 0] && metrics.clear.all == [0, 1])
        tally.isEncrypted = true
        metrics.count(Self.message(.accepted), of: &tally)
        #expect(metrics.clear.all == [0, 1])
    }

    @Test func `a repair says what it saved from`() {
        let metrics = Metrics(quirks: ["other", "message-limit"])
        var tally = Tally()
        func repair(_ quirk: String, _ reply: String, _ outcome: String) {
            metrics.count(
                .repair(
                    .init(quirk: quirk, connection: 1, sent: "MAIL", reply: reply, action: "reconnect", outcome: outcome, because: "",
                        took: outcome == "ok" ? .milliseconds(125) : nil)), of: &tally)
        }
        repair("message-limit", "503 Sender already specified", "ok")
        repair("message-limit", "421 bye", "ok")
        repair("message-limit", "503 no", "refused")
        repair("of another version", "503 no", "ok")
        #expect(metrics.repairs(of: 1, isOK: true) == 2 && metrics.repairs(of: 1, isOK: false) == 1 && metrics.saved.all == [0, 0, 1, 1])
        #expect(metrics.repairs(of: 0, isOK: true) == 0 && metrics.repairs(of: 0, isOK: false) == 0)
        let page = metrics.page(MetricsContext()).text
        #expect(page.contains("mailshim_quirk_repairs_total{quirk=\"message-limit\",action=\"reconnect\",outcome=\"ok\"} 2\n"))
        #expect(page.contains("mailshim_quirk_repair_duration_seconds_sum 0.25\n"))
    }

    @Test func `whose refusals they are`() {
        let metrics = Metrics(quirks: [])
        for stage in [Activity.Stage.mail, .rcpt, .rcpt] { metrics.count(.refusal(CountedRefusal(stage: stage, isPermanent: true))) }
        metrics.count(.refusal(CountedRefusal(stage: nil, isPermanent: false, isOurs: true)))
        #expect(metrics.refusals(.remote, 0) == 0 && metrics.refusals(.remote, 1) == 3)
        #expect(metrics.refusals(.mailshim, 0) == 1 && metrics.refusals(.mailshim, 1) == 0)
        let page = metrics.page(MetricsContext()).text
        #expect(page.contains("mailshim_replies_total{origin=\"remote\",class=\"5xx\",command=\"rcpt\"} 2\n"))
        #expect(page.contains("mailshim_replies_total{origin=\"mailshim\",class=\"4xx\",command=\"none\"} 1\n"))
    }

    @Test func `the last five minutes are a difference`() {
        let metrics = Metrics(quirks: ["q"])
        let traffic = RecentTraffic()
        var tally = Tally()
        tally.listener = metrics.listener("l")
        metrics.count(Self.message(.accepted), of: &tally)
        traffic.add(metrics.sample(at: 100))
        metrics.count(Self.message(.deferred), of: &tally)
        let recent = traffic.difference(to: metrics.sample(at: 110))
        #expect(recent.messages == [0, 1, 0, 0] && recent.at == 10)
        for second in 0..<40 { traffic.add(metrics.sample(at: 120 + Double(second) * 10)) }
        #expect(traffic.difference(to: metrics.sample(at: 520)).at == 310, "no more than five minutes back")
        #expect(
            recent.json.members.map(\.name) == [
                "seconds", "messages", "refused_by_mailshim", "refused_by_remotes", "repaired", "failed_repairs", "saved_from_bounce", "cleartext",
                "cleartext_by_broken_starttls", "own_ms_p50", "own_ms_p99", "remote_ms_p50", "remote_ms_p99",
            ])
    }
}
