import QuirkKit
import SMTPWire

/// `helo-name`: another name for the remote behind EHLO and HELO, on extra connections too.
extension Session {
    /// What is said to the remote in place of the gateway's EHLO or HELO.
    func renamed(_ hello: Command) -> Command {
        guard let name = self.workarounds.helloName else { return hello }
        let renamed: Command
        switch hello.body {
        case .ehlo: renamed = Command(.ehlo(name))
        case .helo: renamed = Command(.helo(name))
        default: return hello
        }
        // A name that makes no line of it is none.
        if case .malformed = renamed.body { return hello }
        return renamed
    }

    /// Once a session, at the gateway's first EHLO.
    mutating func noteHelloName(in command: Command) {
        guard let name = self.workarounds.helloName, self.renamed(command).body != command.body,
            let quirk = self.remote.layers.quirk(behind: \.helloName)
        else { return }
        self.note(.used(quirk: quirk))
        self.log(
            .quirk(
                name: quirk, connection: self.remote.connection.number, did: "named the gateway \(name)",
                because: "known of this host"))
    }
}
