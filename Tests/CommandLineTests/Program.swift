import Foundation

/// The built `mailshim`, run as an operator would run it. Nothing waits without a bound.
enum Program {
    struct Result: Sendable {
        let status: Int32
        let output: String
        let errors: String
        var lines: [String] { self.output.split(separator: "\n").map(String.init) }
        var errorLines: [String] { self.errors.split(separator: "\n").map(String.init) }
    }

    /// It stands beside the tests.
    static let path = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().appending(path: "mailshim").path

    /// Runs to the end, at most half a minute; status -1 where it had to be killed.
    static func run(_ arguments: String..., input: String = "") async throws -> Result {
        let running = try Running(arguments, input: input)
        return await running.ended(within: 30)
    }

    /// Whether this machine gives us namespaces of our own, and has no config at the standard place.
    @Sendable static func mayBeAlone() async throws -> Bool {
        let check = await (try Running(["check"], alone: true)).ended(within: 30)
        return check.status == 0 && check.output.contains("does not exist")
    }
}

/// A started `mailshim`. It does not outlive its owner.
final class Running: @unchecked Sendable {
    private let process = Process()
    private let folder: Folder

    /// - Parameters:
    ///   - alone: in a network of its own, where every port of loopback is free, and with an empty /var/lib.
    ///   - standardConfig: alone, with this as /etc/mailshim/mailshim.toml and nothing else in /etc.
    ///   - unheard: nobody reads its standard error any more.
    ///   - environment: besides the tests' own.
    init(
        _ arguments: [String], input: String = "", alone: Bool = false, standardConfig: String? = nil, unheard: Bool = false,
        environment: [String: String] = [:]
    ) throws {
        self.folder = try Folder()
        let words = [Program.path] + arguments
        let etc = standardConfig == nil ? "" : "mount -t tmpfs none /etc && mkdir /etc/mailshim && cp \"$0\" /etc/mailshim/mailshim.toml && "
        let config = try self.folder.write("mailshim.toml", standardConfig ?? "").path
        let start = "mount -t tmpfs none /var/lib && \(etc)ip link set lo up && exec \"$@\""
        let shell = alone || standardConfig != nil ? ["unshare", "-rnm", "sh", "-c", start, config] : []
        self.process.executableURL = URL(filePath: "/usr/bin/env")
        self.process.arguments = ["--default-signal=PIPE"] + shell + words
        self.process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        self.process.standardInput = try FileHandle(forReadingFrom: self.folder.write("input", input))
        self.process.standardOutput = try FileHandle(forWritingTo: self.folder.write("output", ""))
        self.process.standardError = try FileHandle(forWritingTo: self.folder.write("errors", ""))
        if unheard {
            let pipe = Pipe()
            try pipe.fileHandleForReading.close()
            self.process.standardError = pipe.fileHandleForWriting
        }
        try self.process.run()
    }

    deinit { if self.process.isRunning { kill(self.process.processIdentifier, SIGKILL) } }

    var isRunning: Bool { self.process.isRunning }
    var errors: String { self.folder.read("errors") }

    func signal(_ number: Int32) { if self.process.isRunning { kill(self.process.processIdentifier, number) } }

    /// Of a `standardConfig`.
    func removeStandardConfig() throws {
        try FileManager.default.removeItem(atPath: "/proc/\(self.process.processIdentifier)/root/etc/mailshim/mailshim.toml")
    }

    func ended(within seconds: Double) async -> Program.Result {
        let isEnded = await eventually(within: seconds) { !self.process.isRunning }
        if !isEnded { kill(self.process.processIdentifier, SIGKILL) }
        self.process.waitUntilExit()
        let status = isEnded && self.process.terminationReason == .exit ? self.process.terminationStatus : -1
        return Program.Result(status: status, output: self.folder.read("output"), errors: self.errors)
    }

    /// Whether a line with all of these words stands in the log by then.
    func logged(_ words: String..., within seconds: Double = 20) async -> Bool {
        await eventually(within: seconds) {
            self.errors.split(separator: "\n").contains { line in words.allSatisfy { line.contains($0) } }
        }
    }
}

/// Asks again and again until it is so, or the time is over.
func eventually(within seconds: Double, _ condition: () -> Bool) async -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    while !condition() {
        guard ContinuousClock.now < end else { return condition() }
        try? await Task.sleep(for: .milliseconds(10))
    }
    return true
}

/// A folder that goes when nobody needs it any more.
final class Folder: Sendable {
    let url: URL

    init() throws {
        self.url = FileManager.default.temporaryDirectory.appending(path: "mailshim-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: self.url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: self.url) }

    /// The folder with Package.swift, above the tests.
    static var ofRepository: URL? {
        var folder = URL(filePath: Program.path)
        while folder.path != "/", !FileManager.default.fileExists(atPath: folder.appending(path: "Package.swift").path) {
            folder.deleteLastPathComponent()
        }
        return folder.path == "/" ? nil : folder
    }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> URL {
        let file = self.url.appending(path: name)
        try Data(text.utf8).write(to: file)
        return file
    }

    func read(_ name: String) -> String { self.url.readFile(name) }

    func path(_ name: String) -> String { self.url.appending(path: name).path }
}

extension URL {
    /// Of a folder: a file's text; "" where there is none.
    func readFile(_ name: String) -> String { (try? String(decoding: Data(contentsOf: self.appending(path: name)), as: UTF8.self)) ?? "" }
}
