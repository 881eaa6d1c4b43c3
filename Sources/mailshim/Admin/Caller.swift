import AdminProtocol
import Glibc
import LearnedQuirks

/// Who typed the command, beside what the kernel knows.
enum Caller {
    /// `SUDO_USER`: a remark, since whoever sets it may say anything.
    static var sudoUser: String? { getenv("SUDO_USER").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : String($0.prefix(64)) } }

    /// Who changes the learned store itself.
    static func author(because: String) -> AuditAuthor {
        let uid = getuid()
        let name = getpwuid(uid).flatMap { $0.pointee.pw_name }.map { String(cString: $0) }
        return AuditAuthor(user: name ?? "\(uid)", remark: Self.sudoUser ?? "", because: because)
    }

    static var remark: [JSON.Member] { Self.sudoUser.map { [.init("sudo_user", .string($0))] } ?? [] }
}
