import Foundation
import OddHost

/// A message as it is given to a gateway, with a sender and recipients of its own.
struct Letter {
    let number: Int
    let sender: String
    let recipients: [String]
    /// With LF line ends.
    let header: String
    let body: [UInt8]

    /// Letters of every kind: lines of one octet, dots, 998 octets, 8-bit octets, 300 KB.
    static func make(_ count: Int, domains: [String] = ["remote.test"], largeEach: Int = 10) -> [Letter] {
        (1...count).map { Letter($0, domain: domains[$0 % domains.count], large: $0 % largeEach == 0) }
    }

    init(_ number: Int, domain: String, large: Bool) {
        self.number = number
        self.sender = "s\(number)@gateway.test"
        self.recipients = number % 4 == 0 ? ["a", "b", "c"].map { "r\(number)\($0)@\(domain)" } : ["r\(number)@\(domain)"]
        self.header = """
            From: s\(number)@gateway.test
            To: \(self.recipients.joined(separator: ", "))
            Subject: letter \(number)
            Date: Mon, 23 Nov 2026 10:00:00 +0000
            Message-ID: <\(number).letter@gateway.test>
            MIME-Version: 1.0
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: 8bit
            X-Letter: \(number)

            """
        self.body = large ? Self.large(number) : Self.small(number)
    }

    private static func small(_ number: Int) -> [UInt8] {
        switch number % 5 {
        case 0: Array("x\ny\n\nz\n".utf8)
        case 1: Array(".\n..\n.leading dot\n...\nmiddle.dot\n.\n".utf8)
        case 2: Array((String(repeating: "l", count: 998) + "\n." + String(repeating: "m", count: 997) + "\n").utf8)
        case 3: Array("Grüße, \u{65E5}\u{672C}\n".utf8) + [0xE9, 0xFF, 0x80, 10]
        default: Array("Hello,\n\nthis is letter \(number).\n\n-- \n\n".utf8)
        }
    }

    private static func large(_ number: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var state = UInt64(number) &* 0x9E37_79B9_7F4A_7C15
        while bytes.count < 300_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let length = Int(state >> 57)
            if state % 13 == 0 { bytes.append(46) }
            for index in 0..<length { bytes.append(UInt8(33 + (Int(state >> 20) + index) % 90)) }
            bytes.append(10)
        }
        return bytes
    }

    /// The body as it must be on the wire, dot-stuffing taken off.
    var wire: [UInt8] {
        var wire: [UInt8] = []
        wire.reserveCapacity(self.body.count + self.body.count / 32)
        for byte in self.body {
            if byte == 10 { wire.append(13) }
            wire.append(byte)
        }
        return wire
    }
}

/// What is wrong with what arrived: nothing, where each letter arrived once for each recipient, under its own sender, octet for octet.
func faults(of letters: [Letter], arrivedAs messages: [Message], duplicatesAllowed: Bool = false) -> [String] {
    faults(of: letters, delivered: messages.map { Arrival($0) }, duplicatesAllowed: duplicatesAllowed)
}

/// The same of letters that came anywhere.
func faults(of letters: [Letter], delivered messages: [Arrival], duplicatesAllowed: Bool = false) -> [String] {
    var faults: [String] = []
    var arrived: Set<String> = []
    let bySender = Dictionary(uniqueKeysWithValues: letters.map { ($0.sender, $0) })
    for message in messages {
        guard let letter = bySender[message.sender] else { faults.append("unknown sender <\(message.sender)>"); continue }
        for recipient in message.recipients {
            if !letter.recipients.contains(recipient) { faults.append("letter \(letter.number) went to <\(recipient)>") }
            if !arrived.insert(recipient).inserted, !duplicatesAllowed { faults.append("<\(recipient)> has letter \(letter.number) twice") }
        }
        if let fault = letter.fault(in: message.content) { faults.append(fault) }
        if message.refusedSender != nil { faults.append("letter for <\(message.recipients.first ?? "")> was sent after its MAIL was refused") }
    }
    for letter in letters {
        for recipient in letter.recipients where !arrived.contains(recipient) { faults.append("<\(recipient)> lacks letter \(letter.number)") }
    }
    return faults
}

extension Letter {
    /// What is wrong with the content, which may have more header lines than were written.
    func fault(in content: [UInt8]) -> String? {
        guard let end = Data(content).firstRange(of: Data("\r\n\r\n".utf8)) else { return "letter \(self.number) has no body" }
        let header = String(decoding: content[..<end.lowerBound], as: UTF8.self)
        for line in ["Subject: letter \(self.number)", "X-Letter: \(self.number)", "Message-ID: <\(self.number).letter@gateway.test>"]
        where !header.components(separatedBy: "\r\n").contains(where: { $0.lowercased() == line.lowercased() }) {
            return "letter \(self.number) lacks \(line)"
        }
        let body = content[end.upperBound...]
        guard body.elementsEqual(self.wire) else {
            let at = zip(body, self.wire).enumerated().first { $1.0 != $1.1 }?.offset ?? min(body.count, self.wire.count)
            return "letter \(self.number) differs at octet \(at) of \(self.wire.count) (\(body.count) came)"
        }
        return nil
    }
}
