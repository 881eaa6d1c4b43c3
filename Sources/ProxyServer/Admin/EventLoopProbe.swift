import NIOCore

/// A question that passes through every event loop: one that is stuck does not answer.
enum EventLoopProbe {
    /// What each loop says, in their order; nil: nothing within `time`.
    static func ask<Answer: Sendable>(
        _ group: any EventLoopGroup, within time: TimeAmount, from loop: any EventLoop, _ question: @escaping @Sendable (any EventLoop) -> Answer
    ) async -> [Answer?] {
        var answers: [Answer?] = []
        let futures = group.makeIterator().map { asked in
            let promise = loop.makePromise(of: Answer?.self)
            let alarm = loop.scheduleTask(in: time) { promise.succeed(nil) }
            asked.execute {
                let answer = question(asked)
                loop.execute {
                    alarm.cancel()
                    promise.succeed(answer)
                }
            }
            return promise.futureResult
        }
        for future in futures { answers.append(try? await future.get()) }
        return answers
    }

    /// How long a task waits for its turn, by loop, in milliseconds.
    static func lags(of group: any EventLoopGroup, within time: TimeAmount, from loop: any EventLoop) async -> [Double?] {
        let asked = NIODeadline.now()
        return await Self.ask(group, within: time, from: loop) { _ in Double((NIODeadline.now() - asked).nanoseconds) / 1_000_000 }
    }
}
