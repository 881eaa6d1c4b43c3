import ArgumentParser
import Glibc

/// Runs what is printed, as `| sh` would.
enum ShellScript {
    struct Outcome {
        /// As the shell's `$?` has it.
        let status: Int32
        let output: String
    }

    /// - Throws: its exit code, where that is 78, else 70; what failed has been said on standard error.
    static func run(_ script: String) throws {
        let status = try self.outcome(of: script, isHeard: false).status
        guard status != 0 else { return }
        if geteuid() != 0 { StandardError.write("mailshim firewall: this needs root") }
        throw status == ExitCode.config.rawValue ? ExitCode.config : ExitCode.software
    }

    /// - Parameter isHeard: what it prints is not shown but returned.
    static func outcome(of script: String, isHeard: Bool) throws -> Outcome {
        var ends: [Int32] = [-1, -1]
        guard !isHeard || pipe(&ends) == 0 else { throw ExitCode.software }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if isHeard {
            posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
            for end in ends { posix_spawn_file_actions_addclose(&actions, end) }
        }
        let words: [UnsafeMutablePointer<CChar>?] = ["sh", "-c", script].map { (word: String) in strdup(word) }
        defer { for word in words { free(word) } }
        var child = pid_t()
        let failure = posix_spawn(&child, "/bin/sh", &actions, nil, words + [nil], environ)
        if isHeard { close(ends[1]) }
        var output: [UInt8] = []
        if isHeard {
            var piece = [UInt8](repeating: 0, count: 65536)
            while failure == 0 {
                let count = read(ends[0], &piece, piece.count)
                if count > 0 { output += piece.prefix(count) } else if count == 0 || errno != EINTR { break }
            }
            close(ends[0])
        }
        guard failure == 0 else {
            StandardError.write("/bin/sh: \(String(cString: strerror(failure)))")
            throw ExitCode.software
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7f
        return Outcome(status: signal == 0 ? status >> 8 & 0xff : 128 + signal, output: String(decoding: output, as: UTF8.self))
    }
}
