import Glibc
import Rules
import Testing

@Suite struct FileTests {
    private func error(reading path: String) -> String {
        do {
            _ = try Config.read(path: path, quirks: catalogue, hostname: "machine")
            return "fine"
        } catch {
            return error.errors.map(\.description).joined(separator: "\n")
        }
    }

    /// Writes a file, hands its path out, removes it.
    private func withFile<Result>(_ bytes: [UInt8], _ body: (String) throws -> Result) throws -> Result {
        var name = Array("/tmp/mailshim-rules-XXXXXX".utf8CString)
        let file = mkstemp(&name)
        try #require(file >= 0)
        let path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer {
            close(file)
            unlink(path)
        }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            try #require(count > 0)
            rest = rest.dropFirst(count)
        }
        return try body(path)
    }

    @Test("A file that is not there, is a directory or has no possible name")
    func unreadable() {
        #expect(self.error(reading: "/nowhere/mailshim.toml") == "/nowhere/mailshim.toml: cannot be read: No such file or directory")
        #expect(self.error(reading: "/tmp") == "/tmp: cannot be read: it is a directory")
        #expect(self.error(reading: "") == ": cannot be read: No such file or directory")
        #expect(self.error(reading: "/etc/passwd\u{0}x") == "/etc/passwd\\u0000x: cannot be read: its name contains NUL")
    }

    @Test("A file without an end, or over a megabyte")
    func huge() throws {
        #expect(self.error(reading: "/dev/zero") == "/dev/zero: cannot be read: it is larger than 1 MB")
        let megabyte = [UInt8](repeating: UInt8(ascii: "\n"), count: 1 << 20)
        #expect(try self.withFile(megabyte) { self.error(reading: $0) } == "fine")
        #expect(try self.withFile(megabyte + [10]) { self.error(reading: $0) }.hasSuffix(": cannot be read: it is larger than 1 MB"))
        #expect(mistakes(in: String(repeating: "\n", count: (1 << 20) + 1)) == ["c.toml: cannot be read: it is larger than 1 MB"])
    }

    @Test(
        "Octets that are not UTF-8, with their place",
        arguments: [
            ([0xff], 1, 1), (Array("a = 1\n# é ".utf8) + [0xe9] + Array(" x\n".utf8), 2, 5),
            (Array("# ".utf8) + [0xe2, 0x82] + Array("\n".utf8), 1, 3),
            (Array("#\u{fffd}".utf8) + [0xc0, 0x80], 1, 3),
        ] as [([UInt8], Int, Int)])
    func notUTF8(_ bytes: [UInt8], _ line: Int, _ column: Int) throws {
        let error = try self.withFile(bytes) { path in (path, self.error(reading: path)) }
        #expect(error.1 == "\(error.0):\(line):\(column): not UTF-8, which TOML has to be; save the file as UTF-8")
    }

    @Test("One line of a megabyte that is not UTF-8 takes no longer than others")
    func longLine() throws {
        let bytes = [UInt8](repeating: UInt8(ascii: "#"), count: 1 << 20 - 1) + [0xff]
        #expect(try self.withFile(bytes) { self.error(reading: $0) }.contains(":1:1048576: not UTF-8") == true)
    }

    @Test("What takes the place of a running config has a key in it", arguments: ["", "\n \t\r\n", "# hostname = \"x\"\n", "\u{feff}"])
    func replacing(_ text: String) throws {
        let message = try self.withFile(Array(text.utf8)) { path in
            do throws(ConfigErrors) {
                _ = try Config.read(path: path, quirks: catalogue, hostname: "machine", replacing: true)
                return "fine"
            } catch {
                return String(error.description.dropFirst(path.utf8.count))
            }
        }
        #expect(message == ": has no key in it, which would close every listener; write it whole, or restart to run on the built-in defaults")
        #expect(
            try self.withFile(Array("[learning]\n".utf8)) { try Config.read(path: $0, quirks: catalogue, hostname: "x", replacing: true) }.learning
                .enabled)
    }

    @Test("A byte order mark and an empty file are fine")
    func fine() throws {
        #expect(try self.withFile([0xef, 0xbb, 0xbf] + Array("state = \"memory\"\r\n".utf8)) { self.error(reading: $0) } == "fine")
        #expect(try self.withFile([]) { self.error(reading: $0) } == "fine")
        #expect(self.error(reading: "/dev/null") == "fine")
    }
}
