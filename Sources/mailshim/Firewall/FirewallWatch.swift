import AdminProtocol
import ArgumentParser
import Glibc
import ProxyServer
import Rules

extension Mailshim.Firewall {
    /// `mailshim firewall watch`
    struct Watch: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lead mail here while Mailshim answers, and past it while it does not (with CAP_NET_ADMIN, until stopped).",
            discussion: """
                Puts the rules in place, and again where they are gone. Once a second it asks the running Mailshim, over its admin socket, which listeners \
                accept; to those alone connections are led. Where it has gone, or does not answer for \(FirewallRules.lifetime) s, mail goes out directly, \
                unless the listener says when-down = "refuse"; sessions stay where they began. It comes back when Mailshim has answered for some time. \
                SIGTERM: mail goes past from then on, and the rules stay. SIGHUP: reads the config again.
                """)

        @OptionGroup var admin: AdminOption
        @OptionGroup var exempt: Mailshim.UserOption

        @Option(help: ArgumentHelp("How long Mailshim has to answer until mail is led here again.", valueName: "seconds")) var backAfter = 10

        func run() throws {
            let manager = Inheritance.taken().manager
            let config = try self.admin.file.load()
            let rules = try self.admin.file.rules(user: self.exempt.user, isWatched: true)
            WatchSignals.heed()
            manager.tell(.ready)
            guard !rules.areNone else { return print("No listener has destination = \"original\" or \"tproxy\": nothing to watch.") }
            let log = Log(config.log)
            defer { log.drain(milliseconds: 1000) }
            let path: String
            do throws(AdminFailure) { path = try self.admin.path } catch {
                StandardError.write(error.description)
                throw error.kind.exitCode
            }
            let watch = RedirectWatch(rules, socket: path, patience: Double(self.backAfter), log: log)
            try watch.begin()
            while WatchSignals.last == 0 { manager.tell(.status(watch.second()), .alive) }
            if WatchSignals.last == SIGHUP { Self.startAnew() }
            watch.end()
        }

        /// The same process with this program's file as it is now.
        private static func startAnew() {
            let program = Inheritance.ownProgram
            let words: [UnsafeMutablePointer<CChar>?] = program.map { strdup($0) } + [nil]
            if let path = program.first { execv(path, words) }
        }
    }
}

/// The signals that end a second of the watch.
enum WatchSignals {
    private nonisolated(unsafe) static var heard: Int32 = 0

    /// 0: none yet.
    static var last: Int32 { self.heard }

    /// Also where whoever started this had them blocked.
    static func heed() {
        var heeded = sigset_t()
        sigemptyset(&heeded)
        for number in [SIGTERM, SIGINT, SIGHUP] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { WatchSignals.heard = $0 }
            sigaction(number, &action, nil)
            sigaddset(&heeded, number)
        }
        pthread_sigmask(SIG_UNBLOCK, &heeded, nil)
    }
}
