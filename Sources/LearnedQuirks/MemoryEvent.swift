/// What the memory has to say, for the log.
public enum MemoryEvent: Hashable, Sendable {
    /// Found often enough: from now on it applies to each session with that remote.
    case learned(Learned, session: String)
    /// Several probes without it went well: it is forgotten.
    case healed(Learned, session: String)
    case expired(Learned)
    /// Someone else changed the file while it was in use: `mailshim learned forget`, `pin` or `import`.
    case changedByHand(forgotten: [Learned], added: [Learned])
    /// The file cannot be used. What is known stays in memory and is in use; the file is tried again now and then. Said once for each reason.
    case fileUnusable(path: String, message: String)
    /// It can be used again, and holds what was learned meanwhile.
    case fileUsable(path: String)
}
