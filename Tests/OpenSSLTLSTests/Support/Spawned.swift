import Glibc

/// A process of ours. (Foundation's `Process` waits in a run loop, which hangs when many tests wait at once.)
final class Spawned: @unchecked Sendable {
    struct Trouble: Error { let number: Int32 }

    private let id: pid_t
    private var status: Int32?

    /// - Parameter input, output: descriptors, which stay the caller's.
    init(_ arguments: [String], input: Int32, output: Int32) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var id = pid_t()
        let result = posix_spawnp(&id, words[0] ?? strdup(""), &actions, nil, &words, environ)
        guard result == 0 else { throw Trouble(number: result) }
        self.id = id
    }

    deinit { self.kill() }

    /// To be called by one thread at a time.
    func wait() {
        var status: Int32 = 0
        while self.status == nil {
            let result = waitpid(self.id, &status, 0)
            if result == self.id || errno != EINTR { self.status = status }
        }
    }

    func kill() {
        guard self.status == nil else { return }
        Glibc.kill(self.id, SIGKILL)
        self.wait()
    }
}
