public import AdminProtocol
import Rules
import Synchronization

/// What the admin socket can be asked, by name.
public final class AdminCommands: Sendable {
    public typealias Answer = Result<JSON, AdminFailure>
    public typealias Command = @Sendable (AdminRequest, AdminPeer) async -> Answer

    private let commands = Mutex<[String: Command]>([:])

    /// Takes the place of one that has the name already.
    public func register(_ name: String, _ command: @escaping Command) { self.commands.withLock { $0[name] = command } }

    func answer(_ request: AdminRequest, of peer: AdminPeer) async -> Answer {
        if let command = self.commands.withLock({ $0[request.command] }) { return await command(request, peer) }
        let known = self.commands.withLock { $0.keys.sorted() }
        let hint = Similar.hint(for: request.command, among: known, otherwise: "; known: \(known.joined(separator: ", "))")
        return .failure(AdminFailure(.usage, "unknown command \"\(request.command)\"\(hint)"))
    }
}
