import AdminProtocol
import ArgumentParser
import Rules

/// `--socket PATH` or `--config FILE`: the admin socket of the running Mailshim.
struct AdminOption: ParsableArguments {
    @OptionGroup var file: ConfigOption

    @Option(help: ArgumentHelp("The admin socket itself, instead of the one that the config names.", valueName: "path"), completion: .file())
    var socket: String?

    /// Asks; what goes wrong is a line on standard error and an exit code: 69 where nobody answers, 64 for a wrong request, 1 for nothing found.
    func ask(_ request: AdminRequest) throws -> JSON {
        do throws(AdminFailure) {
            return try self.answer(to: request, try self.path)
        } catch {
            StandardError.write(error.description)
            throw error.kind.exitCode
        }
    }

    /// Likewise, without words.
    func answer(to request: AdminRequest, _ path: String) throws(AdminFailure) -> JSON { try AdminClient(path: path).ask(request) }

    var path: String {
        get throws(AdminFailure) {
            if let socket { return socket }
            let config: Config
            // A config that is wrong by now was right when the process read it; the standard socket is as good a guess as any.
            do throws(ConfigErrors) { config = try self.file.read() } catch { return AdminSettings.standardSocket }
            guard let path = config.admin.socket else {
                throw AdminFailure(.unreachable, "\(config.name) says [admin] socket = \"off\": there is no socket to ask")
            }
            return path
        }
    }
}

extension AdminFailure.Kind {
    var exitCode: ExitCode {
        switch self {
        case .usage: .validationFailure
        case .missing: .nothing
        case .refused: .software
        case .unreachable: .unavailable
        }
    }
}
