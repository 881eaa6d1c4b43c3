/// What a ``TLSHandler`` tells the handlers behind it, as an inbound user event, besides `NIOTLS.TLSUserEvent` (handshake completed, shutdown
/// completed) and NIO's own `ChannelEvent.inputClosed` and `.outputClosed`.
public enum TLSEvent: Hashable, Sendable {
    /// The handshake is over. Comes before anything that was sent under its protection.
    case established(TLSFacts)
    /// The peer's side ended without close_notify: whether by the peer or by someone in between, nobody knows. Comes before the end itself.
    /// Many hosts end so; for a protocol that says where its messages end it is of no harm.
    case truncated
}
