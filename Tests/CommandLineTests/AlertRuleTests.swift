import Foundation
import Testing

/// The alert rules that come with Mailshim speak of metrics that there are, and each has its paragraph of runbook.
@Suite struct AlertRuleTests {
    let folder: URL
    let rules: String

    init() throws {
        self.folder = try #require(Folder.ofRepository)
        self.rules = try String(contentsOf: self.folder.appending(path: "packaging/prometheus/mailshim.rules.yml"), encoding: .utf8)
    }

    @Test func `each alert is in the runbook`() throws {
        let runbook = try String(contentsOf: self.folder.appending(path: "docs/runbook.md"), encoding: .utf8)
        let alerts = self.rules.matches(of: /- alert: (\w+)/).map { String($0.1) }
        #expect(alerts.count > 8)
        for alert in alerts {
            #expect(runbook.contains("\n## \(alert)\n"), "\(alert)")
            #expect(self.rules.contains("docs/runbook.md#\(alert.lowercased())\n"), "\(alert)")
        }
        let paragraphs = runbook.matches(of: /\n## (\w+)\n/).map { String($0.1) }
        #expect(Set(paragraphs) == Set(alerts), "no paragraph without its alert")
    }

    @Test func `each metric is there`() async throws {
        let described = try await Program.run("metrics", "--describe").output
        let metrics = self.rules.matches(of: /(?:mailshim|process)_\w+/).map { String($0.0) }
        #expect(metrics.count > 10)
        for metric in metrics { #expect(described.contains("\n\(metric)"), "\(metric)") }
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/promtool"), "promtool is not installed (apt-get install prometheus)"))
    func `promtool takes them, and they fire when they should`() async throws {
        let place = self.folder.appending(path: "packaging/prometheus").path
        let folder = try Folder()
        let script = try folder.write("check.sh", "cd '\(place)' && promtool check rules mailshim.rules.yml && promtool test rules mailshim.rules.test.yml")
        let result = try await Shell.run(script.path)
        #expect(result.status == 0, "\(result.output)\(result.errors)")
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/promtool"), "promtool is not installed (apt-get install prometheus)"))
    func `promtool has nothing to say of the metrics`() async throws {
        let folder = try Folder()
        let config = try folder.write(
            "c.toml",
            """
            state = "memory"
            [admin]
            socket = "\(folder.path("a.sock"))"
            [[listener]]
            name = "o"
            bind = "127.0.0.1:0"
            destination = "127.0.0.1:9"
            """)
        let proxy = try Running(["serve", "--config", config.path])
        #expect(await proxy.logged("event=admin-listening"))
        let page = try await Program.run("metrics", "--config", config.path).output
        #expect(page.contains("mailshim_sessions_total{listener=\"o\"} 0\n"))
        try folder.write("page", page)
        let script = try folder.write("check.sh", "promtool check metrics <'\(folder.path("page"))' 2>&1")
        let result = try await Shell.run(script.path)
        #expect(result.status == 0 && result.output == "", "\(result.output)")
        proxy.signal(SIGTERM)
        #expect(await proxy.ended(within: 30).status == 0)
    }
}
