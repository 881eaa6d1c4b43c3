import Glibc
import Rules

/// `mailshim.socket`, where an operator has installed it: a second place that says where Mailshim listens (systemd.socket(5)).
struct SocketUnit {
    private static let folders = ["/etc", "/run", "/usr/local/lib", "/usr/lib"].map { "\($0)/systemd/system" }

    /// What it listens on, as `bind` writes it.
    let streams: [String]

    /// The one that systemd would take; nil: there is none.
    static var installed: SocketUnit? {
        Self.folders.lazy.compactMap { Self.text(of: "\($0)/mailshim.socket").map(SocketUnit.init(text:)) }.first
    }

    init(text: String) {
        var streams: [String] = []
        for line in text.split(separator: "\n") where line.hasPrefix("ListenStream=") {
            let value = String(line.dropFirst("ListenStream=".count).filter { $0 != " " })
            // An empty one takes back those before it; a port alone is every address.
            if value.isEmpty { streams = [] } else { streams.append(value.allSatisfy(\.isNumber) ? "[::]:\(value)" : value) }
        }
        self.streams = streams
    }

    /// Whether it says what `bind` says.
    func check(_ config: Config) -> LiveCheck {
        let binds = config.listeners.flatMap { $0.bind.map(\.description) }
        let (unknown, missing) = (self.streams.filter { !binds.contains($0) }, binds.filter { !self.streams.contains($0) })
        if unknown.isEmpty, missing.isEmpty { return LiveCheck("socket unit", .ok, "mailshim.socket has what bind has") }
        let faults =
            (unknown.isEmpty ? [] : ["no listener binds \(unknown.joined(separator: ", ")): connections wait there in vain"])
            + (missing.isEmpty ? [] : ["it has not \(missing.joined(separator: ", ")), which Mailshim opens itself"])
        return LiveCheck("socket unit", .warn, "mailshim.socket: " + faults.joined(separator: "; "))
    }

    private static func text(of path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var octets = [UInt8](repeating: 0, count: 65536)
        let count = fread(&octets, 1, octets.count, file)
        return String(decoding: octets.prefix(count), as: UTF8.self)
    }
}
