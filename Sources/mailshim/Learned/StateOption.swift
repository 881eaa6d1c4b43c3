import ArgumentParser
import LearnedQuirks
import Rules

/// `--config FILE` or `--state FILE`: the file of the learned store.
struct StateOption: ParsableArguments {
    @OptionGroup var file: ConfigOption

    @Option(
        help: ArgumentHelp("The file of the learned store itself, instead of the one that the config names.", valueName: "file"), completion: .file())
    var state: String?

    /// What is done with the file. Trouble with it is a line on standard error and an exit code.
    func withFile<Result>(_ body: (LearnedFile) throws(MemoryError) -> Result) throws -> Result {
        let path = try self.path
        do throws(MemoryError) {
            return try body(LearnedFile(path: path))
        } catch {
            StandardError.write(error.description)
            throw error.fault.exitCode
        }
    }

    /// `[learning] expires`: seconds for which it is believed.
    var lifetime: Int {
        get throws { self.state == nil ? try self.file.load().learning.expires : Learning().expires }
    }

    private var path: String {
        get throws {
            if let state { return state }
            let config = try self.file.load()
            guard case .file(let path) = config.state else {
                StandardError.write("\(config.name) says state = \"memory\": what is learned is in no file; name one with --state")
                throw ExitCode.config
            }
            return path
        }
    }
}

extension MemoryError.Fault {
    fileprivate var exitCode: ExitCode {
        switch self {
        case .invalidRemote: .validationFailure
        case .isDirectory, .isLink, .cannotOpen, .notADatabase, .foreign, .newer: .config
        case .readOnly, .damaged, .full, .locked, .moved, .other: .software
        }
    }
}
