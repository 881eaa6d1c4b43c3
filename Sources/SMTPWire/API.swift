public import NIOCore
public struct Parameter: Hashable, Sendable { public let keyword: String; public let value: String? }
public struct Mail: Hashable, Sendable { public let reversePath: String; public let parameters: [Parameter] }
public struct Recipient: Hashable, Sendable { public let forwardPath: String; public let parameters: [Parameter] }
public struct Chunk: Hashable, Sendable { public let octets: Int; public let last: Bool }
public enum CommandFault: Hashable, Sendable { case bareLF, bareCR, nul, tooLong, syntax(String) }
public struct Keywords: Hashable, Sendable { }
public struct MailDataScanner: Hashable, Sendable {
    public enum LineEndings: Hashable, Sendable { case repair, refuse }
    public struct Piece: Hashable, Sendable { public var content: ByteBuffer; public var isEnd: Bool }
}
