import OpenSSLTLS
import SMTPSession

/// Whom a remote's certificate has to name, and what is demanded of its TLS. Part of the key that sessions are resumed by.
struct Expectation: Hashable, Sendable {
    /// Names that the operator gave, any of which will do; empty: there is nothing to verify the remote by.
    var names: [String] = []
    /// Names that tables for recipient domains, or for the name in the greeting, ask for.
    var others: [String] = []
    /// The name in its greeting. It came in clear text, so it proves nothing (law 7); it is only said to the remote (SNI).
    var greeting: String?
    var demand = TLSDemand.opportunistic

    /// What is said as SNI. In front of TLS from the first byte nobody is greeted, and what the connection before was greeted with is not said either: with another
    /// name its session could not be resumed.
    var serverName: String? {
        let greeting = self.demand.manner == .implicit ? nil : self.greeting
        if let greeting, self.names.contains(greeting) { return greeting }
        return self.names.first ?? self.demand.names.first ?? greeting
    }

    /// Why the remote may be someone else; nil where it is who it should be.
    func doubt(_ facts: TLSFacts) -> String? {
        guard self.names.isEmpty else { return facts.doubt }
        return [facts.chainDoubt, "no name is known that it could be verified by"].compactMap { $0 }.joined(separator: "; ")
    }

    /// Those of the others that it was verified for.
    func proven(_ facts: TLSFacts) -> Set<String> { facts.chainDoubt == nil ? facts.namedFor : [] }

    var setting: String { "\(self.demand.level) \(self.demand.manner) \(self.names.joined(separator: ","))" }
}
