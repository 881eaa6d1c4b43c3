import Foundation
import Testing

/// The table of docs/tls.md, setting × host, is the one that SettingTests plays.
@Suite struct SettingTableTests {
    private typealias Setting = SettingTests.Setting

    private static func row(_ kind: SecureRig.Kind) -> String {
        switch kind {
        case .good: "has a good certificate"
        case .unknownAuthority: "has one of an unknown authority"
        case .otherName: "has one for another name"
        case .expired: "has one that expired"
        case .smallKey: "has a key of 1024 bits"
        case .oldVersion: "speaks only TLS 1.0"
        case .stalls: "stalls in the handshake"
        case .garbage: "answers it with garbage"
        case .closes: "closes in the handshake"
        case .resets: "resets in the handshake"
        case .refuses454: "offers STARTTLS and answers it 454"
        case .refuses500: "offers STARTTLS and answers it 500"
        case .stripped: "has no TLS, or it was stripped"
        case .injects: "has bytes injected behind its 220"
        case .injectsLater: "has them injected a little later"
        }
    }

    @Test func eachCellIsWhatIsTested() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        let lines = try String(contentsOf: folder.appending(path: "docs/tls.md"), encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        let header = try #require(lines.firstIndex { $0.hasPrefix("| the host | ") })
        let settings = try Self.cells(lines[header]).dropFirst().map { try #require(Setting(rawValue: $0.filter { $0 != "`" })) }
        #expect(settings.count == Setting.allCases.count && Set(settings).count == settings.count)
        let rows = lines[(header + 2)...].prefix { $0.hasPrefix("|") }.map(Self.cells)
        let kinds = SecureRig.Kind.allCases
        #expect(rows.map(\.first) == kinds.map(Self.row))
        for (kind, row) in zip(kinds, rows) {
            #expect(Array(row.dropFirst()) == settings.map { SettingTests.outcome($0, kind).words }, "\(kind)")
        }
    }

    /// What stands between the bars.
    private static func cells(_ line: Substring) -> [String] {
        line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map { $0.trimmingCharacters(in: .whitespaces) }
    }
}
