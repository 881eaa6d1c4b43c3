import AdminProtocol
import ArgumentParser

extension Mailshim {
    /// `mailshim upgrade`
    struct Upgrade: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have a new process take the running Mailshim's place, without a connection refused.",
            discussion: """
                The running Mailshim starts its program anew: a new version where one was installed, and the config as it is now. When the new process \
                listens on the same sockets, the old one finishes its sessions and ends. Where it does not within 30 s (a wrong config, say), it is ended, \
                and nothing has happened: exit code 70. `systemctl reload mailshim` does this.
                """)

        @OptionGroup var admin: AdminOption

        @Flag(help: "As JSON.") var json = false

        /// Seconds: longer than the successor may take.
        private static let patience = 40

        func run() throws {
            let answer: JSON
            do throws(AdminFailure) {
                answer = try AdminClient(path: try self.admin.path, patience: Self.patience).ask(AdminRequest("upgrade"))
            } catch {
                StandardError.write(error.description)
                throw error.kind.exitCode
            }
            guard !self.json else { return print(answer.indented) }
            print("Process \(answer["pid"].integer ?? 0) has taken over, after \(answer["milliseconds"].integer ?? 0) ms; process \(answer["from"].integer ?? 0) finishes its sessions.")
        }
    }
}
