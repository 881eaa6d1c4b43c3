import AdminProtocol
import Testing

@Suite struct RequestTests {
    @Test func `a request is one line`() throws {
        let request = AdminRequest("kill", [.init("session", "7f3a9c00"), .init("because", "a\nb")])
        #expect(request.line == #"{"command":"kill","session":"7f3a9c00","because":"a\nb"}"# + "\n")
        #expect(try AdminRequest(parsing: request.line.utf8) == request)
    }

    @Test(arguments: ["", "status", "[]", "{}", "{\"command\":1}"]) func `what is no request is refused`(_ line: String) {
        #expect(throws: AdminFailure.self) { try AdminRequest(parsing: line.utf8) }
    }

    @Test func `a reply has a result or a reason`() throws {
        #expect(AdminReply.line(.success(["a": 1])) == "{\"ok\":true,\"result\":{\"a\":1}}\n")
        #expect(try AdminReply.parse(AdminReply.line(.success(["a": 1])).utf8) == ["a": 1])
        let failure = AdminFailure(.missing, "no such session")
        #expect(AdminReply.line(.failure(failure)) == "{\"ok\":false,\"error\":\"missing\",\"because\":\"no such session\"}\n")
        #expect(throws: failure) { try AdminReply.parse(AdminReply.line(.failure(failure)).utf8) }
    }
}
