import AdminProtocol
import ArgumentParser

extension Mailshim {
    /// `mailshim status`
    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show how the running Mailshim is.",
            discussion: "Exit code 0: ready; 1: degraded; 2: not serving, or it does not answer at its admin socket.")

        @OptionGroup var admin: AdminOption

        @Flag(help: "As JSON.") var json = false

        @Flag(help: "One line, for monitors.") var check = false

        @Option(help: ArgumentHelp("Show it again every so many seconds, until stopped.", valueName: "seconds")) var watch: Int?

        func validate() throws {
            if let watch, !(1...86_400).contains(watch) { throw ValidationError("--watch wants a number of seconds, from 1 to 86400") }
        }

        func run() throws {
            while true {
                let code = self.show()
                guard let watch else { throw code }
                pause(milliseconds: UInt32(clamping: watch * 1000))
            }
        }

        private func show() -> ExitCode {
            let status: JSON
            do throws(AdminFailure) {
                status = try self.admin.answer(to: AdminRequest("status"), try self.admin.path)
            } catch {
                if self.json { print((["state": "not-serving", "because": .string(error.because)] as JSON).indented) }
                if self.check { print("NOT SERVING: \(error.because)") } else if !self.json { StandardError.write("NOT SERVING: \(error.because)") }
                return .notServing
            }
            let text = StatusText(status)
            if self.json { print(status.indented) } else { print(self.check ? text.line : text.page) }
            return text.exitCode
        }
    }
}

extension ExitCode {
    /// Of `status`: mail does not flow through it.
    static let notServing = ExitCode(2)
    /// Nothing found; of `status`: somebody should look.
    static let nothing = ExitCode(1)
}
