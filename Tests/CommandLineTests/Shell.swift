import Foundation

enum Shell {
    /// Whether `sh` can read a script. It is not run.
    static func accepts(_ path: String) async throws -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-n", path]
        try process.run()
        guard await eventually(within: 20, { !process.isRunning }) else { return false }
        return process.terminationStatus == 0
    }
}
