import Glibc
import Synchronization

/// Whole lines on their way to a descriptor, written by a thread of its own.
final class LogWriter: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var lost = 0
        var isWriting = false
        var isClosed = false
    }

    /// Microseconds in which lines gather, so that a busy log costs one wake-up and one write for many lines.
    private static let gathering: UInt32 = 10_000

    private let descriptor: Int32
    private let capacity: Int
    private let lost: @Sendable (Int) -> [UInt8]
    private let state = Mutex(State())
    /// Since the start.
    private let lostInAll = Atomic(0)
    private let bell = Semaphore()

    /// `lost` renders the line that says how many were dropped.
    init(descriptor: Int32, capacity: Int, lost: @escaping @Sendable (Int) -> [UInt8]) {
        (self.descriptor, self.capacity, self.lost) = (descriptor, capacity, lost)
    }

    func start() {
        var thread = pthread_t()
        let spool = Unmanaged.passRetained(self)
        let failure = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<LogWriter>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, spool.toOpaque())
        if failure == 0 { pthread_detach(thread) } else { spool.release() }
    }

    var dropped: Int { self.lostInAll.load(ordering: .relaxed) }

    func append(_ line: [UInt8]) {
        let wasEmpty = self.state.withLock { state in
            guard state.bytes.count + line.count <= self.capacity else {
                state.lost += 1
                self.lostInAll.add(1, ordering: .relaxed)
                return false
            }
            defer { state.bytes += line }
            return state.bytes.isEmpty
        }
        if wasEmpty { self.bell.ring() }
    }

    /// The thread ends when all is written.
    func close() {
        self.state.withLock { $0.isClosed = true }
        self.bell.ring()
    }

    func drain(milliseconds: Int) {
        for _ in 0..<max(1, milliseconds) {
            if self.state.withLock({ $0.bytes.isEmpty && !$0.isWriting }) { return }
            usleep(1000)
        }
    }

    private func run() {
        while true {
            self.bell.wait()
            usleep(Self.gathering)
            while let bytes = self.take() { self.write(bytes) }
            if self.state.withLock({ $0.isClosed && $0.bytes.isEmpty }) { return }
        }
    }

    private func take() -> [UInt8]? {
        self.state.withLock { state in
            state.isWriting = !state.bytes.isEmpty
            guard state.isWriting else { return nil }
            var bytes = exchange(&state.bytes, with: [])
            if state.lost > 0 { bytes += self.lost(exchange(&state.lost, with: 0)) }
            return bytes
        }
    }

    private func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(self.descriptor, $0.baseAddress, min($0.count, 65536)) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                // Somebody made the pipe non-blocking; it is shared with whoever started us.
                var ready = pollfd(fd: self.descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&ready, 1, 1000)
            } else if errno != EINTR {
                let lines = rest.reduce(into: 0) { $0 += $1 == UInt8(ascii: "\n") ? 1 : 0 }
                self.lostInAll.add(lines, ordering: .relaxed)
                return self.state.withLock { $0.lost += lines }
            }
        }
    }
}

/// Wakes a thread: a POSIX semaphore.
private final class Semaphore: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(self.semaphore, 0, 0) }

    deinit {
        sem_destroy(self.semaphore)
        self.semaphore.deallocate()
    }

    func ring() { sem_post(self.semaphore) }

    func wait() { while sem_wait(self.semaphore) != 0, errno == EINTR {} }
}
