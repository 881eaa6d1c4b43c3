import Foundation

/// A bash script in processes of its own, none of which outlives it.
struct Job {
    struct Result {
        let status: Int32
        let output: String
        let timedOut: Bool
    }

    private let process = Process()
    private let log: URL

    /// Starts a script.
    /// - Parameters:
    ///   - folder: an existing one; the script's output is kept there.
    ///   - isolated: in mount, process and host name namespaces that end with it.
    ///   - network: the name of a network namespace (`ip netns`) to run in.
    init(_ script: String, in folder: URL, isolated: Bool = false, network: String? = nil, environment: [String: String] = [:]) throws {
        self.log = folder.appending(path: "job-\(UUID().uuidString).log")
        guard FileManager.default.createFile(atPath: self.log.path, contents: nil) else { throw CocoaError(.fileWriteUnknown) }
        let output = try FileHandle(forWritingTo: self.log)
        var arguments = ["bash", "-c", script]
        if isolated { arguments = ["unshare", "-m", "-u", "-p", "-f", "--kill-child", "--mount-proc"] + arguments }
        if let network { arguments = ["ip", "netns", "exec", network] + arguments }
        self.process.executableURL = URL(filePath: "/usr/bin/env")
        self.process.arguments = arguments
        self.process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        self.process.standardInput = FileHandle.nullDevice
        self.process.standardOutput = output
        self.process.standardError = output
        try self.process.run()
        try? output.close()
    }

    var isRunning: Bool { self.process.isRunning }
    var processIdentifier: Int32 { self.process.processIdentifier }
    var output: String { (try? String(decoding: Data(contentsOf: self.log), as: UTF8.self)) ?? "" }

    func signal(_ number: Int32) { if self.process.isRunning { kill(self.process.processIdentifier, number) } }

    /// Waits until it listens on a port of its network, at most 20 s; where it does not, it is ended.
    /// - Parameter log: what it says beside its output.
    func listens(on port: Int, as name: String, log: () -> String = { "" }) async throws {
        let end = ContinuousClock.now + .seconds(20)
        while !Ports.listens(port, self.processIdentifier) {
            guard self.isRunning, ContinuousClock.now < end else {
                self.signal(SIGKILL)
                throw Gateway.Failure(description: "\(name) does not listen:\n\(self.output)\n\(log())")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Waits for the end, and makes one after so many seconds.
    func result(within limit: Double) async -> Result {
        let end = ContinuousClock.now + .seconds(limit)
        while self.process.isRunning, ContinuousClock.now < end { try? await Task.sleep(for: .milliseconds(5)) }
        return self.ended()
    }

    /// The same for where nothing can be awaited.
    func resultNow(within limit: Double) -> Result {
        let end = ContinuousClock.now + .seconds(limit)
        while self.process.isRunning, ContinuousClock.now < end { usleep(5000) }
        return self.ended()
    }

    private func ended() -> Result {
        let timedOut = self.process.isRunning
        if timedOut { kill(self.process.processIdentifier, SIGKILL) }
        self.process.waitUntilExit()
        defer { try? FileManager.default.removeItem(at: self.log) }
        return Result(status: self.process.terminationStatus, output: self.output, timedOut: timedOut)
    }
}

/// A folder that goes when it is no longer needed.
final class Scratch {
    let url: URL

    init(_ name: String) throws {
        self.url = FileManager.default.temporaryDirectory.appending(path: "mailshim-\(name)-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: self.url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: self.url) }
}
