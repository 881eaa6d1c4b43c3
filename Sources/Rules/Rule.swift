import QuirkKit

/// One table of settings for remotes, as it stands in the file.
struct Rule: Hashable, Sendable {
    var source: Source
    /// With complete options.
    var quirks: [QuirkSetting] = []
    var ignore: [String] = []
    var connections: Int?
    /// Milliseconds.
    var pause: Int?
    var tls: RemoteTLS?
    var bypass: Bool?
    /// `auth = "unverified"`.
    var authUnverified: Bool?
    var keywords: [String] = []
    /// Narrows an address table.
    var port: Int?
}
