import Foundation
import Testing

/// Real mail servers against hosts that misbehave. One test at a time: each starts processes of its own and measures.
@Suite(.serialized) enum Peers {
    /// The folder with Package.swift, found from the test bundle upwards.
    static let repository: URL = {
        var folder = bundle
        while folder.path != "/", !FileManager.default.fileExists(atPath: folder.appending(path: "Package.swift").path) {
            folder.deleteLastPathComponent()
        }
        return folder
    }()

    /// Where the tests were built, and the binary beside them.
    static let bundle: URL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

    static var binary: URL {
        ProcessInfo.processInfo.environment["MAILSHIM"].map { URL(filePath: $0) } ?? bundle.appending(path: "mailshim")
    }

    static let peers: URL = repository.appending(path: ".build/peers")

    /// Why real peers cannot run here, if they cannot.
    static let obstacle: String? = {
        for gateway in Gateway.allCases where !FileManager.default.fileExists(atPath: peers.appending(path: "\(gateway)/libraries").path) {
            return "\(gateway) is not there: run scripts/setup"
        }
        guard geteuid() == 0 else { return "needs root, for namespaces of its own" }
        let probe = try? Job("mount -t tmpfs tmpfs /mnt", in: FileManager.default.temporaryDirectory, isolated: true)
        guard probe?.resultNow(within: 20).status == 0
        else { return "mount namespaces are not allowed here" }
        return nil
    }()

    static var reason: Comment { Comment(rawValue: obstacle ?? "") }
}
