public import NIOCore

/// What a host hears, and when it may behave oddly. `endOfData` is the final dot as well as `BDAT … LAST` with its octets.
public enum Verb: Sendable, Hashable {
    case connect, ehlo, helo, starttls, auth, mail, rcpt, data, bdat, endOfData, rset, noop, quit, other

    init(_ line: String) {
        let word = line.utf8.prefix { $0 != 32 && $0 != 58 }
        guard word.count == 4 else { self = word.elementsEqual("STARTTLS".utf8, by: { $0 & 0xDF == $1 }) ? .starttls : .other; return }
        self =
            switch word.reduce(UInt32(0), { $0 << 8 | UInt32($1 & 0xDF) }) {
            case 0x4548_4C4F: .ehlo
            case 0x4845_4C4F: .helo
            case 0x4155_5448: .auth
            case 0x4D41_494C: .mail
            case 0x5243_5054: .rcpt
            case 0x4441_5441: .data
            case 0x4244_4154: .bdat
            case 0x5253_4554: .rset
            case 0x4E4F_4F50: .noop
            case 0x5155_4954: .quit
            default: .other
            }
    }

    /// `BDAT` is `DATA` by another name where a host refuses content.
    func covers(_ other: Verb) -> Bool { self == other || (self == .data && other == .bdat) }
}

/// One moment of a connection, as an exception sees it.
public struct Moment: Sendable, Hashable {
    public let verb: Verb
    /// The command without its line end; empty for `connect` and `endOfData`.
    public let line: String
    /// The connection's number at this host, from 1.
    public let connection: Int
    /// How often this verb has come on this connection, from 1.
    public let count: Int
    /// How many `MAIL`s were accepted on this connection before.
    public let mails: Int
    /// How many messages were accepted on this connection before.
    public let messages: Int
}

/// What a host does at a moment. Lines of a text are parted by `\n`.
public indirect enum Deed: Sendable, Hashable {
    /// This reply, and no other effect.
    case reply(String)
    /// The usual effect with another text.
    case accept(String)
    /// The usual reply and effect, then a close.
    case acceptAndClose(after: TimeAmount)
    /// Octets that need not be a reply at all, and no other effect.
    case raw(String)
    /// No answer, ever, and no other effect.
    case nothing
    /// A reply or none, then FIN; what still comes is read and forgotten.
    case close(saying: String?)
    /// A reply or none, then a reset.
    case abort(saying: String?)
    /// The same after a while. Nothing else is heard until then.
    case wait(TimeAmount, then: Deed)
    /// What the host would have done without this exception.
    case usual
}

/// One oddity: when, and what then.
public struct Exception: Sendable {
    let matches: @Sendable (Moment) -> Bool
    let deed: Deed

    /// For anything that can be said of a moment.
    public init(_ deed: Deed, when matches: @escaping @Sendable (Moment) -> Bool) {
        self.matches = matches
        self.deed = deed
    }

    /// At a verb: each time, or the n-th time on each connection; on every connection, or the n-th one only.
    public static func at(_ verb: Verb, _ count: Int? = nil, connection: Int? = nil, _ deed: Deed) -> Exception {
        Exception(deed) { moment in
            moment.verb == verb && (count.map { $0 == moment.count } ?? true) && (connection.map { $0 == moment.connection } ?? true)
        }
    }

    /// At a recipient.
    public static func to(_ address: String, _ deed: Deed) -> Exception {
        Exception(deed) { $0.verb == .rcpt && Path($0.line).text == address }
    }
}
