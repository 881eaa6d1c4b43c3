import NIOCore
import Synchronization

/// What a host remembers of all its connections, which live on several event loops.
final class Ledger: Sendable {
    struct Pages {
        var behaviour: Behaviour
        var counts = Counts()
        var messages: [Message] = []
        var visits: [Int: Visit] = [:]
        var channels: [Int: any Channel] = [:]
        var lastClose: NIODeadline?
    }

    let recording: Recording
    private let pages: Mutex<Pages>

    init(_ behaviour: Behaviour, _ recording: Recording) {
        self.recording = recording
        self.pages = Mutex(Pages(behaviour: behaviour))
    }

    func read<T: Sendable>(_ body: (inout sending Pages) -> sending T) -> T { self.pages.withLock { body(&$0) } }

    /// Numbers a new connection and judges whether it is one too many.
    func open(_ channel: any Channel) -> (number: Int, refused: Bool, behaviour: Behaviour) {
        let peer = channel.remoteAddress
        return self.pages.withLock { pages in
            let behaviour = pages.behaviour
            pages.counts.connections += 1
            let number = pages.counts.connections
            let soon = behaviour.pause.map { pause in pages.lastClose.map { NIODeadline.now() - $0 < pause } ?? false } ?? false
            let refused =
                soon || (behaviour.connections.map { pages.counts.open >= $0 } ?? false) || (behaviour.refusesAfter.map { number > $0 } ?? false)
            if refused {
                pages.counts.refused += 1
            } else {
                pages.counts.open += 1
                pages.counts.mostOpen = max(pages.counts.mostOpen, pages.counts.open)
            }
            pages.channels[number] = channel
            if self.recording >= .envelopes { pages.visits[number] = Visit(number: number, peer: peer, refused: refused, opened: .now()) }
            return (number, refused, behaviour)
        }
    }

    func close(_ number: Int, refused: Bool) {
        self.pages.withLock { pages in
            pages.channels[number] = nil
            pages.visits[number]?.closed = .now()
            guard !refused else { return }
            pages.counts.open -= 1
            pages.lastClose = .now()
        }
    }

    func change(_ number: Int, _ body: (inout Visit) -> Void) {
        guard self.recording >= .envelopes else { return }
        self.pages.withLock { pages in
            guard var visit = pages.visits[number] else { return }
            pages.visits[number] = nil
            body(&visit)
            pages.visits[number] = visit
        }
    }

    func add(_ message: Message) {
        self.pages.withLock { pages in
            if message.accepted {
                pages.counts.messages += 1
                pages.counts.octets += message.size
            }
            if self.recording >= .envelopes { pages.messages.append(message) }
        }
    }
}
