import QuirkKit
import SMTPWire

/// Keywords that are not used towards a host although it offers them (`hide-extension`; CHUNKING, where content is filtered).
extension Session {
    /// The quirk on whose word a keyword is not used.
    func quirk(distrusting keyword: String) -> String? {
        self.remote.layers.parts.first { $0.workarounds.unusedKeywords.contains(keyword) }?.quirk
    }

    /// Said once a session, when the gateway is shown less than the host offers or its groups are parted.
    mutating func noteUnusedKeywords() {
        for (quirk, workarounds) in self.remote.layers.parts where !workarounds.distrusted.isEmpty {
            let unused = workarounds.distrusted.filter { self.remote.connection.keywords?.contains($0) == true }
                .sorted()
            guard !unused.isEmpty else { continue }
            self.note(.used(quirk: quirk))
            let did = "did not use \(unused.joined(separator: ", "))"
            self.log(
                .quirk(name: quirk, connection: self.remote.connection.number, did: did, because: "known of this host"))
        }
    }

    /// Found out in this session: the gateway was shown what can no longer be kept, and has to ask anew. (BINARYMIME only
    /// where it is used: `mustNotCarry`.)
    var hasShownTooMuch: Bool {
        guard let shown = self.gateway.shown else { return false }
        return self.remote.layers.found.contains { layer in
            layer.origin == .provedHere
                && self.remote.layers.parts.contains { part in
                    part.quirk == layer.setting.name && part.workarounds.hiddenKeywords.contains { $0 != "BINARYMIME" && shown.contains($0) }
                }
        }
    }

    /// A chunk goes as the mail data of DATA although the host offers CHUNKING.
    mutating func noteConversion() {
        guard self.remote.connection.keywords?.contains("CHUNKING") == true,
            let quirk = self.quirk(distrusting: "CHUNKING"),
            self.transaction?.quirks.contains(quirk) == false
        else { return }
        self.use(quirk)
        self.log(
            .quirk(
                name: quirk, connection: self.remote.connection.number, did: "said DATA for BDAT",
                because: "known of this host"))
    }
}
