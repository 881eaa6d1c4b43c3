import Glibc

/// Signals as a stream: the handler writes the number into a pipe, and a thread of its own reads it.
enum SignalPipe {
    /// The end that the handler writes to. Non-blocking: of a flood some are lost, and nobody is kept waiting.
    private nonisolated(unsafe) static var writing: Int32 = -1

    /// To be called once in a process.
    static func arrivals(of signals: [Int32]) -> AsyncStream<Int32> {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return AsyncStream { $0.finish() } }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        self.writing = ends[1]
        let reading = ends[0]
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        let reader = Reader {
            var number: UInt8 = 0
            while true {
                let count = read(reading, &number, 1)
                if count == 1 { continuation.yield(Int32(number)) } else if count == 0 || errno != EINTR { return continuation.finish() }
            }
        }
        reader.start()
        for signal in signals { self.heed(signal) }
        return stream
    }

    static func heed(_ signal: Int32) {
        var action = sigaction()
        action.sa_flags = SA_SIGINFO | SA_RESTART
        action.__sigaction_handler.sa_sigaction = { signal, info, _ in
            // A write of ours to a reader that has gone is no signal to us: its error says it.
            if signal == SIGPIPE, info?.pointee._sifields._kill.si_pid == getpid() { return }
            let before = errno
            var number = UInt8(truncatingIfNeeded: signal)
            _ = write(SignalPipe.writing, &number, 1)
            errno = before
        }
        sigaction(signal, &action, nil)
    }

    private final class Reader: Sendable {
        private let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }

        func start() {
            var thread = pthread_t()
            let reader = Unmanaged.passRetained(self)
            let failure = pthread_create(
                &thread, nil,
                { context in
                    guard let context else { return nil }
                    Unmanaged<Reader>.fromOpaque(context).takeRetainedValue().body()
                    return nil
                }, reader.toOpaque())
            if failure == 0 { pthread_detach(thread) } else { reader.release() }
        }
    }
}
