public import Rules

/// A listener's certificate or key that is of no use.
public struct CertificateFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public let listener: String
    /// Where its `tls` stands in the config file, and what is wrong.
    public let error: ConfigError

    /// `mailshim.toml:8:7: listener.tls: /etc/mailshim/shim.crt: No such file or directory`
    public var description: String { self.error.description }
}

/// All that there are of one config.
public struct CertificateFailures: Error, Hashable, Sendable, CustomStringConvertible {
    public let failures: [CertificateFailure]

    /// One a line.
    public var description: String { self.failures.map(\.description).joined(separator: "\n") }
}

extension CertificateFailure {
    init(_ listener: Listener, in config: Config, because: String) {
        let at = listener.tlsAt ?? FilePosition(line: listener.line, column: 1)
        self.listener = listener.name
        self.error = ConfigError(file: config.path ?? "built-in defaults", line: at.line, column: at.column, key: "listener.tls", message: because)
    }
}

extension Line {
    init(_ failure: CertificateFailure) {
        self = Line("certificate-failed", .error).with("listener", failure.listener).with("because", failure.error.message)
            .with("file", failure.error.file).with("line", failure.error.line).with("column", failure.error.column).with("key", failure.error.key)
    }
}
