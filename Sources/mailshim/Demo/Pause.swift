import Dispatch
import Glibc

/// Of this thread.
func pause(milliseconds: UInt32) { usleep(milliseconds * 1000) }

/// Runs what blocks its thread on a thread where nothing else waits.
func blocking<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(returning: body()) }
    }
}
