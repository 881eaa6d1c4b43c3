/// A listener's certificate or key that is of no use.
public struct CertificateFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public let listener: String
    public let because: String

    public var description: String { "listener \(self.listener): \(self.because)" }
}

extension Line {
    init(_ failure: CertificateFailure) {
        self = Line("certificate-failed").with("listener", failure.listener).with("because", failure.because)
    }
}
