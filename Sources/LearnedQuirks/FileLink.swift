import Synchronization

/// The proxy's side of the file: keeps it in step with the ledger, and bears with a file that cannot be used.
final class FileLink: Sendable {
    private let state: Mutex<State>

    /// - Parameter patience: how long one step waits for another process that has the file locked, in milliseconds.
    init(path: String, patience: Int32 = 2000) { self.state = Mutex(State(path: path, patience: patience)) }

    /// One step: writes what changed here, reads what changed there.
    /// - Parameter isLast: an unusable file is tried even if its time has not come.
    func synchronise(with ledger: borrowing Mutex<Ledger>, now: Int, isLast: Bool) -> [MemoryEvent] {
        self.state.withLock { $0.synchronise(with: ledger, now: now, isLast: isLast) }
    }
}

private struct State: ~Copyable {
    let path: String
    let patience: Int32
    private var store: Store?
    /// Which file `store` has open.
    private var opened: FileIdentity?
    /// Which file the ledger's rows are of.
    private var identity: Int?
    /// The file as it was last read.
    private var version: Int?
    private var trouble: Trouble?

    init(path: String, patience: Int32) {
        self.path = path
        self.patience = patience
    }

    mutating func synchronise(with ledger: borrowing Mutex<Ledger>, now: Int, isLast: Bool) -> [MemoryEvent] {
        if let trouble, !isLast, !trouble.isOver(now) { return [] }
        do throws(MemoryError) {
            try self.open(ledger)
            let (forgotten, added) = try self.exchange(ledger)
            var events: [MemoryEvent] = []
            if let trouble, trouble.isReported { events.append(.fileUsable(path: self.path)) }
            if !forgotten.isEmpty || !added.isEmpty { events.append(.changedByHand(forgotten: forgotten, added: added)) }
            self.trouble = nil
            return events
        } catch {
            self.store = nil
            var trouble = self.trouble ?? Trouble()
            defer { self.trouble = trouble }
            return trouble.met(error.fault, now) ? [.fileUnusable(path: self.path, message: error.description)] : []
        }
    }

    /// Opens the file, anew where another one has taken its place or none is there any more.
    private mutating func open(_ ledger: borrowing Mutex<Ledger>) throws(MemoryError) {
        if self.store != nil, FileIdentity(path: self.path) == self.opened { return }
        self.store = nil
        let store = try Store(path: self.path, patience: self.patience)
        self.opened = FileIdentity(path: self.path)
        if store.identity != self.identity {
            ledger.withLock { $0.detach() }
            self.identity = store.identity
        }
        self.version = try store.version()
        let entries = try store.entries()
        _ = ledger.withLock { $0.adopt(entries) }
        guard !store.isReadOnly else { throw MemoryError(path: self.path, fault: .readOnly) }
        self.store = consume store
    }

    private mutating func exchange(_ ledger: borrowing Mutex<Ledger>) throws(MemoryError) -> (forgotten: [Learned], added: [Learned]) {
        let changes = ledger.withLock { $0.takeChanges() }
        let exchange: Exchange?
        do throws(MemoryError) {
            exchange = try self.store?.exchange(changes, known: self.version)
        } catch {
            ledger.withLock { $0.putBack(changes) }
            throw error
        }
        guard let exchange else {
            ledger.withLock { $0.putBack(changes) }
            return ([], [])
        }
        self.version = exchange.version
        return ledger.withLock { ledger in
            ledger.settle(exchange.inserted)
            guard let entries = exchange.entries else { return ([], []) }
            return ledger.adopt(entries)
        }
    }
}
