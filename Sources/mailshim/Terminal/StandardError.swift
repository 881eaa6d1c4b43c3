import Glibc
import SMTPWire

/// Words to whoever typed the command, apart from what it prints.
enum StandardError {
    static func write(_ text: String) {
        var rest = Array("\(text.printable(keeping: ["\n"]))\n".utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return }
            rest = rest.dropFirst(max(0, count))
        }
    }
}
