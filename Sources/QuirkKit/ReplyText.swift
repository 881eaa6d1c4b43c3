/// The text of a reply, in which `\1` to `\9` stand for what the groups of a pattern matched, `\0` for the whole match, and `\\` for `\`.
public struct ReplyText: Hashable, Sendable {
    /// Octets, at most.
    public static let length = 400

    private enum Piece: Hashable, Sendable {
        case octets([UInt8])
        case group(Int)
    }

    private let pieces: [Piece]
    /// The greatest number of a group that it names; 0: none but the whole match.
    public let lastGroup: Int

    /// Why a text is none, in words.
    public struct Fault: Error, Hashable, Sendable { public let message: String }

    public init(_ text: String) throws(Fault) {
        guard text.utf8.count <= Self.length else { throw Fault(message: "is longer than \(Self.length) octets") }
        guard text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw Fault(message: "has other than printable ASCII; it must be one line")
        }
        var pieces: [Piece] = []
        var plain: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let octet = rest.popFirst() {
            guard octet == UInt8(ascii: "\\") else { plain.append(octet); continue }
            switch rest.popFirst() {
            case UInt8(ascii: "\\"): plain.append(octet)
            case let digit? where (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit):
                if !plain.isEmpty { pieces.append(.octets(plain)) }
                plain = []
                pieces.append(.group(Int(digit - UInt8(ascii: "0"))))
            default: throw Fault(message: #"has a \ before something else than a digit or another \"#)
            }
        }
        if !plain.isEmpty { pieces.append(.octets(plain)) }
        self.pieces = pieces
        self.lastGroup = pieces.map { if case .group(let number) = $0 { number } else { 0 } }.max() ?? 0
    }

    /// - Parameter room: octets, at most; what is beyond is cut off.
    func filled(with groups: [ArraySlice<UInt8>], room: Int) -> String {
        var octets: [UInt8] = []
        for piece in self.pieces where octets.count < room {
            switch piece {
            case .octets(let plain): octets += plain
            case .group(let number): if groups.indices.contains(number) { octets += groups[number] }
            }
        }
        return String(decoding: octets.prefix(room), as: UTF8.self)
    }
}
