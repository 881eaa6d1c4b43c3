import Glibc
import NIOCore
import Rules
import Synchronization

/// Listening sockets that were opened for us: by systemd (sd_listen_fds(3)), or by the process that we succeed.
final class PassedSockets: Sendable {
    struct Passed: Sendable {
        /// From LISTEN_FDNAMES; "unknown" where there is none.
        let name: String
        let socket: ListeningSocket
    }

    /// One that is of no use here.
    struct Unusable: Hashable, Sendable {
        let name: String
        let because: String
    }

    private let waiting: Mutex<[Passed]>
    let unusable: [Unusable]
    /// Whether any were passed at all.
    let wereAny: Bool

    /// None.
    init() {
        self.waiting = Mutex([])
        (self.unusable, self.wereAny) = ([], false)
    }

    /// The first of these files and how many; they are ours from then on.
    init(from first: Int32, count: Int, names: [String]) {
        var (waiting, unusable): ([Passed], [Unusable]) = ([], [])
        for index in 0..<count {
            let name = index < names.count ? names[index] : "unknown"
            do throws(IOError) {
                waiting.append(Passed(name: name, socket: try ListeningSocket(adopting: first + Int32(index))))
            } catch {
                close(first + Int32(index))
                unusable.append(Unusable(name: name, because: "not a listening TCP socket"))
            }
        }
        self.waiting = Mutex(waiting)
        (self.unusable, self.wereAny) = (unusable, count > 0)
    }

    /// The socket for an address of a listener: the one that has this address. Port 0 is whichever has the listener's name.
    func take(_ bind: SocketEndpoint, of listener: String) -> ListeningSocket? {
        guard let address = try? SocketAddress(ipAddress: bind.host, port: bind.port) else { return nil }
        return self.waiting.withLock { waiting in
            let index = waiting.firstIndex { passed in
                bind.port != 0
                    ? passed.socket.address == address
                    : passed.socket.address.anyPort == address && passed.name == Self.name(of: listener)
            }
            return index.map { waiting.remove(at: $0).socket }
        }
    }

    /// Those that nobody took.
    func takeRest() -> [Passed] { self.waiting.withLock { exchange(&$0, with: []) } }

    /// What a service manager keeps the socket of one `bind` under.
    static func name(of listener: String, at address: SocketAddress) -> String { String(Self.name(of: "\(listener)@\(address.text)").prefix(200)) }

    /// As LISTEN_FDNAMES takes it: no colon, no control character.
    static func name(of listener: String) -> String {
        String(decoding: listener.utf8.map { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ":") ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
    }
}
