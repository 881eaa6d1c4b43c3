import ArgumentParser
import ProxyServer

extension Mailshim.Firewall {
    /// `mailshim firewall apply`
    struct Apply: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put the rules in place, in one transaction (as root).",
            discussion: "Rules that are there already are replaced; sessions that are led go on, and so do connections that began before.")

        @OptionGroup var file: ConfigOption
        @OptionGroup var exempt: Mailshim.UserOption

        func run() throws {
            let rules = try self.file.rules(user: self.exempt.user)
            try ShellScript.run(rules.script)
            guard !rules.areNone else { return }
            print("The rules are in place. mailshim firewall status: what they lead; mailshim firewall undo: takes them away.")
        }
    }

    /// `mailshim firewall undo`
    struct Undo: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take the rules away again (as root).",
            discussion: "Says how many sessions that cuts: those that the rules led here. Mail goes out directly from then on.")

        @OptionGroup var file: ConfigOption

        func run() throws { try ShellScript.run(self.file.rulesToUndo().undoing) }
    }
}
