import QuirkKit
import Testing

/// How two layers fold, a row a field: what one says, what the other says, what holds where both hold.
@Suite struct FoldTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let field: String
        let one: Workarounds
        let other: Workarounds
        let both: Workarounds
        var testDescription: String { self.field }

        init(_ field: String, _ one: (inout Workarounds) -> Void, _ other: (inout Workarounds) -> Void, _ both: (inout Workarounds) -> Void) {
            (self.field, self.one, self.other, self.both) = (field, Workarounds(one), Workarounds(other), Workarounds(both))
        }
    }

    private static func rules(_ patterns: [String]) -> [ReplyRule] {
        patterns.compactMap { (try? Pattern($0)).map { ReplyRule(on: .any, match: $0, code: 451) } }
    }

    static let rows = [
        Row("hello: HELO wins", { $0.hello = .helo }, { _ in }, { $0.hello = .helo }),
        Row("speaksFirst: the longest", { $0.speaksFirst = 5 }, { $0.speaksFirst = 30 }, { $0.speaksFirst = 30 }),
        Row("speaksFirst: the only one", { $0.speaksFirst = 5 }, { _ in }, { $0.speaksFirst = 5 }),
        Row("helloName: the only one", { _ in }, { $0.helloName = "a.example" }, { $0.helloName = "a.example" }),
        Row("tls: the weakest", { $0.tls = .legacy }, { $0.tls = .clear }, { $0.tls = .clear }),
        Row("tls: old TLS beside nothing", { $0.tls = .legacy }, { _ in }, { $0.tls = .legacy }),
        Row("messages: the smallest", { $0.messages = 3 }, { $0.messages = 5 }, { $0.messages = 3 }),
        Row("messages: the only one", { _ in }, { $0.messages = 5 }, { $0.messages = 5 }),
        Row("resetsBeforeMail: or", { $0.resetsBeforeMail = true }, { _ in }, { $0.resetsBeforeMail = true }),
        Row(
            "droppedParameters: the union", { $0.droppedParameters = ["SIZE"] }, { $0.droppedParameters = ["AUTH", "SIZE"] },
            { $0.droppedParameters = ["AUTH", "SIZE"] }),
        Row("strictSyntax: or", { $0.strictSyntax = true }, { _ in }, { $0.strictSyntax = true }),
        Row("nullSender: the only one", { $0.nullSender = "a@b.example" }, { _ in }, { $0.nullSender = "a@b.example" }),
        Row("distrusted: the union", { $0.distrusted = ["DSN"] }, { $0.distrusted = ["SIZE"] }, { $0.distrusted = ["DSN", "SIZE"] }),
        Row(
            "content: one of each kind, the shortest lines", { $0.content = [.foldsLines(998), .endsWithBlankLine] },
            { $0.content = [.foldsLines(80)] }, { $0.content = [.foldsLines(80), .endsWithBlankLine] }),
        Row("replies: the union", { $0.replies = [.joinsLines] }, { $0.replies = [.softensGreeting] }, { $0.replies = [.joinsLines, .softensGreeting] }),
        Row("replyRules: the only ones", { $0.replyRules = rules(["^4"]) }, { _ in }, { $0.replyRules = rules(["^4"]) }),
        Row("recipients: the smallest", { $0.recipients = 100 }, { $0.recipients = 1 }, { $0.recipients = 1 }),
        Row("connections: the smallest", { $0.connections = 4 }, { $0.connections = 2 }, { $0.connections = 2 }),
        Row("domains: the smallest", { $0.domains = 1 }, { $0.domains = 3 }, { $0.domains = 1 }),
        Row(
            "distrusted: the union", { $0.distrusted = ["CHUNKING"] }, { $0.distrusted = ["PIPELINING"] },
            { $0.distrusted = ["CHUNKING", "PIPELINING"] }),
        Row("sendsReset: and", { $0.sendsReset = false }, { _ in }, { $0.sendsReset = false }),
        Row(
            "no RSET may be said, and one is needed before MAIL", { $0.sendsReset = false }, { $0.resetsBeforeMail = true },
            { ($0.sendsReset, $0.messages) = (false, 1) }),
        Row("holdsFinalDot: or", { _ in }, { $0.holdsFinalDot = true }, { $0.holdsFinalDot = true }),
        Row("different fields add up", { $0.messages = 1 }, { $0.holdsFinalDot = true }, { ($0.messages, $0.holdsFinalDot) = (1, true) }),
    ]

    @Test(arguments: rows) func folds(_ row: Row) {
        for (left, right) in [(row.one, row.other), (row.other, row.one)] {
            var folded = left
            folded.fold(right)
            #expect(folded == row.both)
        }
    }

    /// Fields of which the first layer holds, in the order of the catalogue.
    static let firstComes: [Row] = [
        Row("helloName: the first", { $0.helloName = "a.example" }, { $0.helloName = "b.example" }, { $0.helloName = "a.example" }),
        Row("replyRules: one behind the other", { $0.replyRules = rules(["^4"]) }, { $0.replyRules = rules(["^5"]) }, { $0.replyRules = rules(["^4", "^5"]) }),
        Row("nullSender: the first", { $0.nullSender = "a@b.example" }, { $0.nullSender = "c@b.example" }, { $0.nullSender = "a@b.example" }),
    ]

    @Test(arguments: firstComes) func `the first holds`(_ row: Row) {
        var folded = row.one
        folded.fold(row.other)
        #expect(folded == row.both)
    }

    @Test(arguments: rows) func `nothing changes nothing`(_ row: Row) {
        var folded = row.both
        folded.fold(Workarounds())
        #expect(folded == row.both)
    }
}
