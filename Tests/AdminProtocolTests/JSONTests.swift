import AdminProtocol
import Testing

@Suite struct JSONTests {
    @Test(arguments: [
        "null", "true", "[]", "{}", "-12", "1.5", "\"\"", #"{"a":[1,{"b":null}],"c":"d"}"#, #""\"\\\n\r\t\u0001\u007f""#,
    ])
    func `what is written is what was read`(_ text: String) throws {
        #expect("\(try JSON(parsing: text.utf8))" == text)
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\"}", "{\"a\":}", "01", "1.", "+1", ".5", "1e", "0x1", "nul", "\"a", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "1 2", "\"\n\"",
        "1e999", String(repeating: "[", count: 100_000),
    ])
    func `what is no JSON is refused`(_ text: String) {
        #expect(throws: JSON.Fault.self) { try JSON(parsing: text.utf8) }
    }

    @Test func `octets that are no UTF-8 are refused`() {
        #expect(throws: JSON.Fault.self) { try JSON(parsing: [0x22, 0xff, 0x22]) }
    }

    @Test func `escapes are read`() throws {
        #expect(try JSON(parsing: #""\u00e4\/\ud83d\ude00\b\f""#.utf8) == .string("ä/😀\u{8}\u{c}"))
    }

    @Test func `numbers beyond an Int are real`() throws { #expect(try JSON(parsing: "100000000000000000000".utf8) == .real(1e20)) }

    @Test func `for people it has a line for each member`() {
        let value: JSON = ["a": 1, "b": [true], "c": []]
        #expect(value.indented == "{\n  \"a\": 1,\n  \"b\": [\n    true\n  ],\n  \"c\": []\n}")
    }

    @Test func `members are found by name`() {
        let value: JSON = ["a": 1, "b": "x"]
        #expect(value["a"].integer == 1 && value["b"].string == "x" && value["c"] == .null && JSON.null["a"] == .null)
        #expect(value["a"].real == 1 && value["b"].elements.isEmpty)
    }

    @Test func `no octets crash it`() {
        var state: UInt64 = 7
        let alphabet = Array(#"{}[]":,\u09ae1-.+ntf "#.utf8)
        for _ in 0..<20_000 {
            var bytes: [UInt8] = []
            for _ in 0..<12 {
                state = state &* 6_364_136_223_846_793_005 &+ 1
                bytes.append(alphabet[Int(state >> 33) % alphabet.count])
            }
            if let value = try? JSON(parsing: bytes) { #expect((try? JSON(parsing: "\(value)".utf8)) == value) }
        }
    }
}
