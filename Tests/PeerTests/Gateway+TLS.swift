extension Gateway {
    /// Letters that went out over TLS, by the gateway's own log.
    func lettersSentOverTLS(in log: String) -> Int {
        let lines = log.split(separator: "\n")
        return switch self {
        case .exim: Self.ofExim(lines)
        case .postfix: Self.ofPostfix(lines)
        case .opensmtpd, .sendmail: 0
        }
    }

    /// `2026-11-25 10:00:00 1wXyZa-0000Ab-Cd => r1@remote.test R=all T=remote H=127.0.0.1 [127.0.0.1] X=TLS1.3:… C="250 …"`
    private static func ofExim(_ lines: [Substring]) -> Int {
        Set(lines.filter { $0.contains(" => ") && $0.contains(" X=TLS1.") }.compactMap { $0.split(separator: " ").dropFirst(2).first }).count
    }

    /// ```
    /// … postfix/smtp[328]: Untrusted TLS connection established to 127.0.0.1[127.0.0.1]:2525: TLSv1.3 with cipher …
    /// … postfix/smtp[328]: B7ADE7E: to=<r39@remote.test>, …, status=sent (250 2.0.0 Ok: queued as 2-1)
    /// … postfix/smtp[328]: Untrusted TLS connection reused to …
    /// ```
    private static func ofPostfix(_ lines: [Substring]) -> Int {
        var sent: Set<Substring> = []
        // The processes whose present connection is over TLS.
        var encrypted: Set<Substring> = []
        for words in lines.map({ $0.split(separator: " ") }) where words.count > 6 && words[4].hasPrefix("postfix/smtp[") {
            if words[6...].starts(with: ["TLS", "connection"]) {
                encrypted.insert(words[4])
            } else if words.contains("status=sent"), sent.contains(words[5]) || encrypted.remove(words[4]) != nil {
                sent.insert(words[5])
            }
        }
        return sent.count
    }
}
