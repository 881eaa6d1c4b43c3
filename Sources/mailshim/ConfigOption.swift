import ArgumentParser
import Glibc
import Rules
import StandardQuirks

/// `--config FILE`, and what comes of it.
struct ConfigOption: ParsableArguments {
    static let standardPath = "/etc/mailshim/mailshim.toml"

    @Option(
        help: ArgumentHelp(
            "The config file. Default: \(Self.standardPath); where that is missing, the built-in defaults hold.", valueName: "file"),
        completion: .file(extensions: ["toml"]))
    var config: String?

    /// The file, or the built-in defaults. Every error is a line on standard error, then exit code 78.
    func load() throws -> Config {
        do throws(ConfigErrors) {
            return try self.read()
        } catch {
            StandardError.write(error.description)
            throw ExitCode.config
        }
    }

    func read() throws(ConfigErrors) -> Config {
        if let config { return try Self.read(config) }
        let isMissing = access(Self.standardPath, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR)
        return isMissing ? .builtIn(hostname: Self.hostname) : try Self.read(Self.standardPath)
    }

    /// For a reload. A file that the running config came from must still be there, with something in it: without it the operator's listeners would be closed.
    func read(insteadOf running: Config) throws(ConfigErrors) -> Config {
        guard let path = running.path else { return try self.read() }
        return try Self.read(path, replacing: true)
    }

    static func read(_ path: String, replacing: Bool = false) throws(ConfigErrors) -> Config {
        try Config.read(path: path, quirks: StandardQuirks.descriptions, hostname: self.hostname, replacing: replacing)
    }

    /// The machine's name.
    static var hostname: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.isEmpty ? "localhost" : text
    }
}

extension Config {
    /// What the file is called where it is spoken of.
    var name: String { self.path ?? "built-in defaults" }
}
