import Glibc

/// The text of a config file, or why there is none.
enum ConfigFile {
    /// Bytes.
    static let largest = 1 << 20

    static func text(at path: String, atMost bound: Int = Self.largest) throws(ConfigErrors) -> String {
        let bytes = try Self.bytes(at: path, atMost: bound)
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Self.notUTF8(bytes, path) }
        return text
    }

    private static func bytes(at path: String, atMost bound: Int) throws(ConfigErrors) -> [UInt8] {
        guard !path.utf8.contains(0) else { throw Self.unreadable(path, "its name contains NUL") }
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Self.unreadable(path, String(cString: strerror(errno))) }
        defer { close(file) }
        var status = stat()
        if fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { throw Self.unreadable(path, "it is a directory") }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65536)
        while bytes.count <= bound {
            let count = Glibc.read(file, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.unreadable(path, String(cString: strerror(errno))) }
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: piece.prefix(count))
        }
        throw Self.tooLarge(path, bound)
    }

    /// Nothing but comments and blanks.
    static func hasNoKey(_ text: String) -> Bool { (try? TOMLNode(parsing: text))?.value == .table([]) }

    static func withoutKey(_ path: String) -> ConfigErrors {
        ConfigErrors([
            ConfigError(
                file: path, line: 0, column: 0, key: "",
                message: "has no key in it, which would close every listener; write it whole, or restart to run on the built-in defaults")
        ])
    }

    static func tooLarge(_ path: String, _ bound: Int) -> ConfigErrors { Self.unreadable(path, "it is larger than \(bound >> 20) MB") }

    private static func unreadable(_ path: String, _ reason: String) -> ConfigErrors {
        ConfigErrors([ConfigError(file: path, line: 0, column: 0, key: "", message: "cannot be read: \(reason)")])
    }

    private static func notUTF8(_ bytes: [UInt8], _ path: String) -> ConfigErrors {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (number, line) in lines.enumerated() {
            guard String(validating: line, as: UTF8.self) == nil else { continue }
            // Up to the first octet that decoding has to repair.
            let same = line.prefix(zip(line, String(decoding: line, as: UTF8.self).utf8).prefix { $0 == $1 }.count)
            let column = same.count { $0 & 0xc0 != 0x80 } + (String(validating: same, as: UTF8.self) == nil ? 0 : 1)
            return ConfigErrors([
                ConfigError(file: path, line: number + 1, column: column, key: "", message: "not UTF-8, which TOML has to be; save the file as UTF-8")
            ])
        }
        return Self.unreadable(path, "it is not UTF-8")
    }
}
