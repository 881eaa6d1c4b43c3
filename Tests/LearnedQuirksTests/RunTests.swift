import QuirkKit
import Testing

@testable import LearnedQuirks

/// The task that keeps the file in step. Here with the real clock: what is waited for comes within a second or two, and is waited for at most 30.
@Suite struct RunTests {
    let folder: Folder
    let now = wallClock()

    init() throws { self.folder = try Folder() }

    private func eventually(_ condition: () throws -> Bool) async throws -> Bool {
        for _ in 0..<1500 {
            if try condition() { return true }
            try await Task.sleep(for: .milliseconds(20))
        }
        return false
    }

    @Test(.timeLimit(.minutes(2))) func keepsTheFileInStep() async throws {
        let memory = LearnedQuirks(location: .file(self.folder.file), policy: .init()) { _ in }
        let task = Task { await memory.run() }
        let file = try LearnedFile(path: self.folder.file)
        memory.found(.noReuse, now: self.now)
        #expect(try await self.eventually { try file.list().map(\.remote) == [host] })
        try file.forget(host)
        #expect(try await self.eventually { memory.quirks(at: self.now) == [] })
        try file.pin(other, limit(2), now: self.now)
        #expect(try await self.eventually { memory.quirks(of: other, at: self.now) == [limit(2)] })
        task.cancel()
        await task.value
    }

    /// What came after the last look is written before `run` returns, also when it was cancelled before it began.
    @Test(.timeLimit(.minutes(2)), arguments: [0, 30]) func theLastIsWritten(after milliseconds: Int) async throws {
        let memory = LearnedQuirks(location: .file(self.folder.file), policy: .init()) { _ in }
        let task = Task {
            await memory.run()
            return try LearnedFile(path: self.folder.file).list().map(\.timesUsed)
        }
        memory.found(.noReuse, now: self.now)
        try await Task.sleep(for: .milliseconds(milliseconds))
        memory.used("message-limit", at: host, now: self.now)
        task.cancel()
        #expect(try await task.value == [1])
    }

    @Test(.timeLimit(.minutes(2))) func withoutAFile() async {
        let memory = LearnedQuirks(location: .memory, policy: .init()) { _ in }
        let task = Task { await memory.run() }
        memory.found(.noReuse, now: self.now)
        task.cancel()
        await task.value
        #expect(memory.quirks(at: self.now) == [limit(1)])
    }

    /// Many threads at once, as event loops are.
    @Test(.timeLimit(.minutes(2))) func manyLoops() async throws {
        let events = Events()
        let memory = LearnedQuirks(location: .file(self.folder.file), policy: .init()) { events.add($0) }
        let task = Task { await memory.run() }
        await withTaskGroup(of: Void.self) { group in
            for loop in 0..<8 {
                group.addTask {
                    for number in 0..<200 {
                        let remote = "192.0.2.\(loop):\(number % 50 + 1)"
                        memory.found(.noReuse, at: remote, session: "s", now: self.now)
                        memory.used("message-limit", at: remote, now: self.now)
                        _ = memory.known(of: remote, at: self.now)
                    }
                }
            }
        }
        task.cancel()
        await task.value
        let entries = try LearnedFile(path: self.folder.file).list()
        #expect(entries.count == 400)
        #expect(entries.allSatisfy { $0.timesUsed == 4 })
        #expect(events.learned.count == 400)
    }
}
