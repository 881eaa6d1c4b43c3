import SMTPSession

/// What the header says of TLS and AUTH, in the words of the config file (README.md).
extension TLSDemand {
    static let form = "off, opportunistic, required, verified, implicit, \"implicit, verified\" or passthrough"

    init?(written: Substring) {
        switch written {
        case "off": self.init(.off)
        case "opportunistic": self = .opportunistic
        case "required": self.init(.required)
        case "verified": self.init(.verified)
        case "implicit": self.init(.required, .implicit)
        case "implicit, verified": self.init(.verified, .implicit)
        case "passthrough": self.init(.opportunistic, .passthrough)
        default: return nil
        }
    }
}

extension GatewayTerms {
    static let form = "a list of: offers TLS, encrypted, passwords in clear"

    init?(written: Substring) {
        self.init()
        for term in written.split(separator: ",").map({ $0.drop { $0 == " " } }) {
            switch term {
            case "offers TLS": self.offersTLS = true
            case "encrypted": self.isEncrypted = true
            case "passwords in clear": self.allowsPasswordsInClear = true
            default: return nil
            }
        }
    }
}
