/// One metric as it is described: `mailshim metrics --describe`, the `# HELP` and `# TYPE` lines.
public struct MetricFamily: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable { case counter, gauge, histogram }

    /// With its prefix.
    public let name: String
    public let kind: Kind
    public let help: String
    public let labels: [String]

    init(_ name: String, _ kind: Kind, _ help: String, _ labels: [String] = []) {
        (self.name, self.kind, self.help, self.labels) = (name, kind, help, labels)
    }
}

/// The text that Prometheus reads (exposition format 0.0.4).
struct MetricText {
    private(set) var text = ""
    /// Samples, for the bound on their number.
    private(set) var samples = 0

    mutating func begin(_ family: MetricFamily) {
        self.text += "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.kind.rawValue)\n"
    }

    mutating func add(_ family: MetricFamily, _ values: [String] = [], _ number: Double, suffix: String = "", le: String? = nil) {
        self.samples += 1
        self.text += family.name + suffix
        var labels = zip(family.labels, values).map { "\($0)=\"\(Self.escaped($1))\"" }
        if let le { labels.append("le=\"\(le)\"") }
        if !labels.isEmpty { self.text += "{" + labels.joined(separator: ",") + "}" }
        self.text += " \(Self.text(of: number))\n"
    }

    mutating func add(_ family: MetricFamily, _ values: [String], _ histogram: Histogram, row: Int = 0) {
        var count = 0
        for (bucket, bound) in zip(histogram.buckets(row: row), Histogram.bounds.map { Self.text(of: $0) } + ["+Inf"]) {
            count += bucket
            self.add(family, values, Double(count), suffix: "_bucket", le: bound)
        }
        self.add(family, values, histogram.sum(row: row), suffix: "_sum")
        self.add(family, values, Double(count), suffix: "_count")
    }

    static func text(of number: Double) -> String {
        if number == number.rounded(), abs(number) < 1e15 { return String(Int(number)) }
        return String(number)
    }

    private static func escaped(_ value: String) -> String {
        var text = ""
        for character in value {
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.append(character)
            }
        }
        return text
    }
}
