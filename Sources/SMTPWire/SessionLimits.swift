/// `LIMITS MAILMAX=100 RCPTMAX=1000 RCPTDOMAINMAX=1`: what a host takes in one session or transaction. RFC 9422 §4.
public struct SessionLimits: Hashable, Sendable {
    /// `MAIL` commands of one session; nil where none is told. Zero and nonsense are none.
    public var mailMax: Int?
    /// `RCPT` commands of one transaction.
    public var rcptMax: Int?
    /// Recipient domains of one transaction.
    public var rcptDomainMax: Int?

    public init(mailMax: Int? = nil, rcptMax: Int? = nil, rcptDomainMax: Int? = nil) {
        self.mailMax = mailMax
        self.rcptMax = rcptMax
        self.rcptDomainMax = rcptDomainMax
    }

    /// Of the arguments of LIMITS.
    public init(_ arguments: [String]) {
        self.init()
        for argument in arguments {
            let parts = argument.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let value = Int(digits: parts[1]), value > 0 else { continue }
            switch parts[0].uppercased() {
            case "MAILMAX": self.mailMax = value
            case "RCPTMAX": self.rcptMax = value
            case "RCPTDOMAINMAX": self.rcptDomainMax = value
            default: continue
            }
        }
    }
}
