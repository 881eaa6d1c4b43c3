import Foundation
import Testing

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

    /// NAME.crt and NAME.key.
    static func makeCertificate(_ name: String, in folder: Folder) async throws {
        let command =
            "cd '\(folder.url.path)' && openssl req -x509 -nodes -days 30 -subj /CN=localhost -newkey ec -pkeyopt ec_paramgen_curve:P-256 "
            + "-keyout \(name).key -out \(name).crt 2>/dev/null"
        try #require(try await Self.run(folder.write("openssl.sh", command).path).status == 0)
    }

    /// Runs it, at most so long.
    static func run(_ path: String, within seconds: Double = 20) async throws -> Program.Result {
        let folder = try Folder()
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = [path]
        process.standardOutput = try FileHandle(forWritingTo: folder.write("output", ""))
        process.standardError = try FileHandle(forWritingTo: folder.write("errors", ""))
        try process.run()
        guard await eventually(within: seconds, { !process.isRunning }) else {
            process.terminate()
            return Program.Result(status: -1, output: folder.read("output"), errors: folder.read("errors"))
        }
        return Program.Result(status: process.terminationStatus, output: folder.read("output"), errors: folder.read("errors"))
    }
}
