/// `RCPT TO:<forward-path> [parameters]`. RFC 5321 §4.1.1.3.
public struct Recipient: Hashable, Sendable {
    /// Without the angle brackets.
    public let forwardPath: String
    public let parameters: [Parameter]

    public init(forwardPath: String, parameters: [Parameter] = []) {
        self.forwardPath = forwardPath
        self.parameters = parameters
    }

    /// What follows the last "@" outside the quoted local part, in lower case, without a dot at its end; nil where there is none ("postmaster").
    public var domain: String? {
        let path = self.forwardPath.utf8
        guard let at = path.lastIndex(of: UInt8(ascii: "@")) else { return nil }
        var domain = self.forwardPath[path.index(after: at)...]
        if domain.hasSuffix(".") { domain.removeLast() }
        // A quote behind the last "@" closes a local part that has no domain.
        return domain.isEmpty || domain.utf8.contains(UInt8(ascii: "\"")) ? nil : domain.lowercased()
    }

    /// The first parameter with this keyword, in whatever case it is asked for.
    public func parameter(_ keyword: String) -> Parameter? { self.parameters.first(keyword) }

    /// The same without some parameters, by keyword in upper case.
    public func without(_ keywords: Set<String>) -> Recipient {
        Recipient(forwardPath: self.forwardPath, parameters: self.parameters.filter { !keywords.contains($0.keyword) })
    }

    /// Rendered anew.
    public var command: Command { Command(.rcpt(self)) }
}
