/// `MAIL FROM:<reverse-path> [parameters]`. RFC 5321 §4.1.1.2.
public struct Mail: Hashable, Sendable {
    /// Without the angle brackets; "" is the null reverse-path.
    public let reversePath: String
    public let parameters: [Parameter]

    public init(reversePath: String, parameters: [Parameter] = []) {
        self.reversePath = reversePath
        self.parameters = parameters
    }

    /// The first parameter with this keyword, in whatever case it is asked for.
    public func parameter(_ keyword: String) -> Parameter? { self.parameters.first(keyword) }

    /// The same without some parameters, by keyword in upper case.
    public func without(_ keywords: Set<String>) -> Mail {
        Mail(reversePath: self.reversePath, parameters: self.parameters.filter { !keywords.contains($0.keyword) })
    }

    /// Rendered anew.
    public var command: Command { Command(.mail(self)) }
}

extension [Parameter] {
    func first(_ keyword: String) -> Parameter? {
        let keyword = keyword.uppercased()
        return self.first { $0.keyword == keyword }
    }
}
