/// AUTH as a host hears it (RFC 4954): every line is kept, and everything is accepted but where an exception says otherwise.
enum Mechanism: String {
    case plain = "PLAIN"
    case login = "LOGIN"
    case cramMD5 = "CRAM-MD5"
    case xoauth2 = "XOAUTH2"

    /// The challenges that follow the command.
    func challenges(hasInitialResponse: Bool, connection: Int) -> [String] {
        switch self {
        case .plain, .xoauth2: hasInitialResponse ? [] : ["334 "]
        case .login: hasInitialResponse ? ["334 UGFzc3dvcmQ6"] : ["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"]
        case .cramMD5: ["334 " + ["PDFAb2RkLmV4YW1wbGU+", "PDJAb2RkLmV4YW1wbGU+", "PDNAb2RkLmV4YW1wbGU+"][connection % 3]]
        }
    }
}
