import Foundation
import OddHost

/// A letter as it arrived.
struct Arrival {
    let sender: String
    let recipients: [String]
    /// With CRLF line ends.
    let content: [UInt8]
    var refusedSender: String?

    init(_ message: Message) {
        self.sender = message.sender
        self.recipients = message.recipients
        self.content = message.content
        self.refusedSender = message.refusedSender
    }

    /// One that a real host delivered to a file, with LF line ends and the envelope in fields of its header; nil where those are not there.
    init?(delivered file: URL) {
        guard let octets = try? Data(contentsOf: file) else { return nil }
        let header = octets.firstRange(of: Data("\n\n".utf8)).map { octets[..<$0.lowerBound] } ?? octets
        let fields = String(decoding: header, as: UTF8.self).split(separator: "\n")
        func value(_ names: String...) -> String? {
            names.lazy.compactMap { name in fields.first { $0.hasPrefix(name + ": ") }?.dropFirst(name.count + 2) }.first.map(String.init)
        }
        guard let path = value("Return-path", "Return-Path"), let recipient = value("Envelope-to", "X-Original-To") else { return nil }
        self.sender = path.trimmingCharacters(in: ["<", ">"])
        self.recipients = [recipient]
        self.content = octets.reduce(into: []) { content, octet in
            if octet == 10 { content.append(13) }
            content.append(octet)
        }
    }
}
