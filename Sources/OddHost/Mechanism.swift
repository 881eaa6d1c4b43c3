/// AUTH as a host hears it (RFC 4954): every line is kept, and everything is accepted but where an exception says otherwise.
enum Mechanism: String {
    case plain = "PLAIN"
    case login = "LOGIN"
    case cramMD5 = "CRAM-MD5"
    case xoauth2 = "XOAUTH2"
    case oauthBearer = "OAUTHBEARER"
    case scramSHA256 = "SCRAM-SHA-256"
    case gssapi = "GSSAPI"

    /// The challenges that follow the command.
    func challenges(hasInitialResponse: Bool, connection: Int) -> [String] {
        switch self {
        case .plain, .xoauth2, .oauthBearer: hasInitialResponse ? [] : ["334 "]
        case .login: hasInitialResponse ? ["334 UGFzc3dvcmQ6"] : ["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"]
        // The server's first and last words: a salt, and a proof of its own.
        case .scramSHA256: (hasInitialResponse ? [] : ["334 "]) + ["334 cj1vZGQscz1zYWx0LGk9NDA5Ng==", "334 dj1wcm9vZg=="]
        case .gssapi: (hasInitialResponse ? [] : ["334 "]) + ["334 dG9rZW4=", "334 BwAgAA=="]
        case .cramMD5: ["334 " + ["PDFAb2RkLmV4YW1wbGU+", "PDJAb2RkLmV4YW1wbGU+", "PDNAb2RkLmV4YW1wbGU+"][connection % 3]]
        }
    }
}
