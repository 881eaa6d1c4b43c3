import Glibc

/// An `openssl` command that runs beside a test, and is ended with it.
final class Command: Sendable {
    struct Silence: Error { let waitedFor: String, text: String }

    private let process: Spawned
    private let input: Int32
    private let output: String

    /// - Parameter input: the file that it reads; nil: what `write` says.
    init(_ arguments: [String], input path: String? = nil) throws {
        self.output = "\(Certificates.folder)/\(UInt64.random(in: 0 ... .max)).out"
        let output = open(self.output, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        var ends: [Int32] = [-1, -1]
        if let path {
            ends[0] = open(path, O_RDONLY | O_CLOEXEC)
        } else {
            socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends)
        }
        defer {
            close(output)
            close(ends[0])
        }
        self.input = ends[1]
        self.process = try Spawned(["openssl"] + arguments, input: ends[0], output: output)
    }

    deinit { close(self.input) }

    /// Runs one to its end.
    /// - Returns: what it printed.
    @discardableResult
    static func run(_ arguments: [String]) -> String {
        guard let command = try? Command(arguments, input: "/dev/null") else { return "" }
        command.process.wait()
        return command.text
    }

    /// A server at a port of the kernel's choice.
    static func server(_ pair: Certificates.Pair, _ arguments: [String], input: String? = nil) async throws -> (Command, port: Int) {
        let command = try Command(
            ["s_server", "-accept", "127.0.0.1:0", "-cert", pair.certificate, "-key", pair.key] + arguments, input: input)
        let text = try await command.wait(for: "ACCEPT 127.0.0.1:", then: "\n")
        let port = text.firstRange(of: "ACCEPT 127.0.0.1:").map { text[$0.upperBound...].prefix { $0.isNumber } } ?? ""
        return (command, Int(port) ?? 0)
    }

    var text: String {
        let descriptor = open(self.output, O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while case let count = read(descriptor, &piece, piece.count), count > 0 { bytes += piece.prefix(count) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Waits until it has printed something, and something behind that.
    @discardableResult
    func wait(for words: String, then end: String = "") async throws -> String {
        for _ in 0..<6000 {
            let text = self.text
            if let found = text.firstRange(of: words), end.isEmpty || text[found.upperBound...].firstRange(of: end) != nil { return text }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Silence(waitedFor: words, text: self.text)
    }

    func write(_ text: String) {
        var rest = ArraySlice(text.utf8)
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(self.input, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count <= 0 { return }
            rest = rest.dropFirst(count)
        }
    }

    func endInput() { shutdown(self.input, Int32(SHUT_WR)) }
    func stop() { self.process.kill() }
}
