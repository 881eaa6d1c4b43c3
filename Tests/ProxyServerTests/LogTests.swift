import Glibc
import Rules
import Testing

@testable import ProxyServer
@testable import SMTPSession

/// A reader that stops never stops us.
struct LogTests {
    /// Reads until nothing comes for so many milliseconds, or until `marker` was seen.
    private func read(_ descriptor: Int32, until marker: String, within time: Int32 = 5_000) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        for _ in 0..<10_000 {
            var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&ready, 1, time) == 1 else { break }
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer[..<count]
            if String(decoding: bytes.suffix(count + marker.utf8.count), as: UTF8.self).contains(marker) { break }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func pipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        try #require(Glibc.pipe(&ends) == 0)
        return (ends[0], ends[1])
    }

    @Test func linesArriveInOrder() throws {
        let ends = try self.pipe()
        let log = Log(descriptor: ends.write)
        for number in 0..<5_000 { log.write(Line("x").with("n", number)) }
        let lines = self.read(ends.read, until: "n=4999\n").split(separator: "\n")
        #expect(lines.count == 5_000)
        #expect(lines.enumerated().allSatisfy { $1.hasPrefix("time=20") && $1.hasSuffix("Z level=info event=x n=\($0)") })
        close(ends.read)
    }

    @Test func aFullPipeDropsLinesAndCountsThem() throws {
        let ends = try self.pipe()
        let log = Log(descriptor: ends.write, capacity: 10_000)
        let many = 100_000
        for number in 0..<many { log.write(Line("x").with("n", number)) }  // nobody reads: this must come to its end
        var text = self.read(ends.read, until: "event=log-dropped")
        var more = 0
        while more < 100, !text.contains("event=last\n") {  // the queue may still be full
            log.write(Line("last"))
            more += 1
            text += self.read(ends.read, until: "event=last\n", within: 200)
        }
        let lines = text.split(separator: "\n")
        let dropped = lines.filter { $0.contains(" level=warn event=log-dropped lines=") }.compactMap { Int($0.split(separator: "=").last ?? "") }
        let written = lines.count { $0.contains(" event=x ") || $0.hasSuffix(" event=last") }
        #expect(dropped.reduce(0, +) + written == many + more)
        #expect(dropped.reduce(0, +) > 0)
        #expect(lines.allSatisfy { $0.hasPrefix("time=") })
        close(ends.read)
    }

    @Test func anEndedReaderCostsNothingButTheLines() throws {
        signal(SIGPIPE, SIG_IGN)
        let ends = try self.pipe()
        close(ends.read)
        let log = Log(descriptor: ends.write)
        for number in 0..<1_000 { log.write(Line("x").with("n", number)) }
        log.drain(milliseconds: 5_000)
        log.write(Line("y"))
    }

    @Test func drainWaitsForTheLastLine() throws {
        let ends = try self.pipe()
        var settings = LogSettings()
        settings.format = .json
        let log = Log(settings, descriptor: ends.write)
        log.write(Line("last"))
        log.drain(milliseconds: 5_000)
        var buffer = [UInt8](repeating: 0, count: 100)
        let flags = fcntl(ends.read, F_GETFL)
        _ = fcntl(ends.read, F_SETFL, flags | O_NONBLOCK)
        let count = Glibc.read(ends.read, &buffer, buffer.count)
        #expect(String(decoding: buffer.prefix(max(0, count)), as: UTF8.self).hasSuffix("\",\"level\":\"info\",\"event\":\"last\"}\n"))
        close(ends.read)
    }

    @Test func whatIsBelowTheLevelIsNotWritten() throws {
        let ends = try self.pipe()
        var settings = LogSettings()
        settings.level = .warn
        let log = Log(settings, descriptor: ends.write)
        log.write(Line("x"))
        log.write(Line("y", .error))
        settings.level = .info
        log.update(settings)
        log.write(Line("z"))
        let lines = self.read(ends.read, until: "event=z\n").split(separator: "\n")
        #expect(lines.map { $0.split(separator: " ").last ?? "" } == ["event=y", "event=z"])
        close(ends.read)
    }

    @Test(arguments: [
        (LogSettings.Messages.all, [true, true, true, true]), (.repaired, [false, true, true, true]), (.failed, [false, false, false, true]),
    ])
    func whichMessagesHaveALine(messages: LogSettings.Messages, expected: [Bool]) {
        var settings = LogSettings()
        settings.messages = messages
        let log = Log(settings, descriptor: -1)
        let plain = Record.Message(
            number: 1, connection: 1, outcome: .accepted, from: "", to: [], recipients: 1, refusedRecipients: 0, bytes: 1, host: "", reply: "",
            quirks: [], milliseconds: 1, told: true, repairs: 0)
        var (repaired, lineEnds, failed) = (plain, plain, plain)
        repaired.quirks = ["message-limit"]
        lineEnds.repairs = 1
        failed.outcome = .deferred
        #expect([plain, repaired, lineEnds, failed].map { log.wants($0) } == expected)
    }

    /// systemd.exec(5), JOURNAL_STREAM.
    @Test func theJournalIsKnownByItsDeviceAndInode() throws {
        let ends = try self.pipe()
        var status = stat()
        try #require(fstat(ends.write, &status) == 0)
        #expect(Stamp.isJournal(ends.write, stream: "\(status.st_dev):\(status.st_ino)"))
        #expect(!Stamp.isJournal(ends.write, stream: "\(status.st_dev):\(status.st_ino + 1)"))
        #expect(!Stamp.isJournal(ends.write, stream: nil))
        #expect(!Stamp.isJournal(-1, stream: "0:0"))
        close(ends.read)
        close(ends.write)
    }
}
