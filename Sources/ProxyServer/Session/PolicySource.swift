import NIOCore
import Rules
import SMTPSession

/// What the rules and the memory of learned quirks know: all that a session asks that is not on the wire. Answers at once.
protocol PolicySource: Sendable {
    func policy(on remote: RemoteFacts) -> RemotePolicy

    /// Whether the name in a greeting can change what is said of a remote.
    var mindsGreetings: Bool { get }

    /// Takes note of a recipient domain, where there are rules for it.
    func add(domain: String, to remote: inout RemoteFacts)

    /// What comes back goes to the session.
    func note(_ note: Note, of remote: RemoteFacts, session: SessionID) -> [Event]

    /// False: an extra connection was refused a short while ago, so none is tried.
    func mayOpenExtra(to remote: RemoteFacts) -> Bool
}

/// What a session knows of its remote by now.
struct RemoteFacts: Hashable, Sendable {
    var address: SocketAddress? { didSet { self.key = self.address?.unmapped.text } }
    /// What was learned is kept under the server's address and port.
    private(set) var key: String?
    /// Its own name, as it was configured.
    var name: String?
    /// The name in its greeting.
    var greeting: String?
    /// Of recipients, those that brought rules which none before had: what is asked anew for each next domain must not grow with their number.
    var domains: [String] = []
    /// What rules demand for recipients, by domain as it was written.
    var tlsOfDomains: [String: TLSDemand] = [:]
    /// The tables that matched a domain.
    var domainTables: Set<Source> = []

    static let mostDomains = 1000

    init(address: SocketAddress? = nil) {
        self.address = address
        self.key = address?.unmapped.text
    }
}

struct RemotePolicy: Sendable {
    var profile = Profile()
    var terms = SlotQueue.Terms()
    var expectation = Expectation()
}
