/// What the gateway hears otherwise than the host said it. A refusal stays one, and what is positive or intermediate
/// keeps its code (laws 1 and 5).
public enum ReplyChange: Hashable, Sendable {
    /// A greeting with a 5xx becomes 421, but for 521 and 556 (`soft-greeting`).
    case softensGreeting
    /// 220 and 354 are told in one line (`one-line-replies`).
    case joinsLines
}
