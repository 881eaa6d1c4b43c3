import QuirkKit
import SMTPSession

extension Trace {
    /// Every note must be written in a transcript: what is learned is never a side effect.
    init(_ note: Note) {
        switch note {
        case .found(let finding):
            var fields = finding.quirk.options.sorted { $0.key < $1.key }.map { Field(key: $0.key, value: $0.value.description, isDemanded: true) }
            fields += [
                Field(key: "needed", value: "\(finding.counting.needed)", isDemanded: true),
                Field(key: "heals", value: finding.counting.ending.isProbed ? "yes" : "no"),
                Field(key: "sent", value: finding.sent),
                Field(key: "reply", value: finding.reply),
            ]
            self.init("found \(finding.quirk.name)", fields, isDemanded: true)
        // It is none yet: only where it is the point.
        case .suspected(let finding):
            self.init("suspected \(finding.quirk.name)", [Field(key: "sender", value: finding.sender ?? "")], isDemanded: false)
        case .reused(let mails): self.init("reused", [Field(key: "mails", value: "\(mails)")], isDemanded: true)
        case .used(let quirk): self.init("used \(quirk)", isDemanded: true)
        case .clean(let quirk): self.init("clean \(quirk)", isDemanded: true)
        case .asksProbe(let quirk): self.init("asks-probe \(quirk)", isDemanded: true)
        case .greeted: self.init("greeted", isDemanded: false)
        case .did(let ability): self.init("did \(ability)", isDemanded: false)
        case .failed(let quirk): self.init("failed \(quirk)", isDemanded: false)
        case .extraRefused: self.init("extra-refused", isDemanded: true)
        case .extraAccepted: self.init("extra-accepted", isDemanded: true)
        }
    }
}
