import AdminProtocol
import ArgumentParser
import ProxyServer

extension Mailshim {
    /// `mailshim metrics`
    struct Metrics: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the metrics of the running Mailshim.",
            discussion: "As Prometheus reads them, by HTTP at /metrics where [admin] http says so.")

        @OptionGroup var admin: AdminOption

        @Flag(help: "Which there are, with their labels and what they mean; nothing is asked.") var describe = false

        @Flag(help: "With --describe: as JSON.") var json = false

        func run() throws {
            guard self.describe else { return print(try self.admin.ask(AdminRequest("metrics"))["text"].string ?? "", terminator: "") }
            guard self.json else { return print(Self.table) }
            let families = MetricCatalogue.all.map { family -> JSON in
                [
                    "name": .string(family.name), "type": .string(family.kind.rawValue), "help": .string(family.help),
                    "labels": .array(family.labels.map { .string($0) }),
                ]
            }
            print(JSON.array(families).indented)
        }

        private static var table: String {
            MetricCatalogue.all.map { family in
                let labels = family.labels.isEmpty ? "" : "{\(family.labels.joined(separator: ","))}"
                return "\(family.name)\(labels)  \(family.kind.rawValue)\n    \(family.help)"
            }.joined(separator: "\n")
        }
    }
}
