/// Something that a host did well, to any session: remembered for a while, since it speaks against a quirk.
public enum Ability: String, Hashable, Sendable, CaseIterable {
    /// It offered STARTTLS.
    case starttls
    /// It took a message by `BDAT` (RFC 3030).
    case bdat
    /// It answered a pipelined group, each command in its turn (RFC 2920).
    case pipelining

    /// Seconds for which it is remembered.
    public var lifetime: Int {
        switch self {
        case .starttls, .bdat: 30 * 86_400
        case .pipelining: 86_400
        }
    }
}
