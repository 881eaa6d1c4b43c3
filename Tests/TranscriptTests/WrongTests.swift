import Testing
import Transcript

/// A check that cannot fail is a defect: each of these must fail, at the line that is wrong, for the reason that it is wrong.
@Suite struct WrongTests {
    /// Line 3 is the first below the header.
    @Test(
        "the transcript is wrong",
        arguments: [
            ("C: hello", 3, "\"hello\\r\\n\""),
            ("C: hello\n>S hallo", 4, "\"hello\\r\\n\""),
            ("C: hello\n>S hello\n>S hello", 5, "nothing"),
            ("C: hello\n>S hell", 4, "\"hello\\r\\n\""),
            ("C: hello\n>C hello", 4, "nothing"),
            ("C: one\nC: two\n>S two\n>S one", 5, "\"one\\r\\n\""),
            ("C: one\nS: two\n>S one\n>C two", 3, "\"one\\r\\n\""),
            ("C: hello\n>S? hal*", 4, "\"hello\\r\\n\""),
            ("C| hello\\n\n>S? hello", 4, "\"hello\\n\""),
            ("C* 3000 octets\n>S* 2000 octets", 4, "\\r\\n"),
            ("C= WAIT\n@ +6s", 4, "421 slow"),
            ("C= WAIT\n@ +4s\n>C 421 slow", 5, "nothing"),
            ("C: hello\n>S hello\n! >S closed", 5, "nothing"),
            ("C: hello\n>S hello\n! >S aborted", 5, "nothing"),
            ("! C closes", 3, "closed"),
            ("! C closes\n! >S closed", 4, "closed"),
            ("! C closes\n! >S aborted\n! >C closed", 4, "closed"),
            ("! C closes\n! >S closed\n! >C closed\nC: hello", 6, "gone"),
            ("! C resets\n! >S closed\nC: hello", 5, "gone"),
            ("! S closes\n! >C closed\n! >S closed\nS: hello", 6, "gone"),
            ("C: AGAIN\n! >S closed", 4, "extra connection"),
            ("C: AGAIN\n#2", 4, "closed"),
            ("C= hello\n#2", 4, "nothing"),
            ("C: NOTE\n>S NOTE", 4, "found message-limit"),
            ("C= NOTE\n~ found message-limit", 4, "messages=1"),
            ("C= NOTE\n~ found message-limit messages=2 needed=1", 4, "messages=1"),
            ("C= NOTE\n~ found sticky-sender messages=1 needed=1", 4, "no such trace"),
            ("C= hello\n~ reused", 4, "no such trace"),
            ("C= LOG", 3, "log repair"),
            ("C= LOG\n~ log repair quirk=message-limit", 4, "outcome=ok"),
            ("C= LOG\n~ log repair quirk=message-limit outcome=failed", 4, "outcome=ok"),
            ("C= LOG\n~ log repair quirk=message-limit outcome=ok\n~ log ended", 5, "no such trace"),
            ("C: PROBE", 3, "asks-probe"),
            ("C: PROBE\n~ asks-probe message-limit: granted\n>S true", 4, "sticky-sender"),
            ("C= hello\n! relayed", 4, "nothing"),
            ("C: RELAY", 3, "relayed"),
            ("! #1 refused", 3, "421 no"),
            ("C: HOST\n~ looks-up host mx.example.com", 4, "no such trace"),
            ("! route example.org to 192.0.2.1:25\n", 3, "nothing"),
            ("C: AGAIN\n! >S closed\n#2\nC= hello\n! >S closed", 7, "nothing"),
            ("C: AGAIN\n! >S closed\nS: 221 bye\n#2", 4, "extra connection"),
            ("! #1 asked\n! shutdown\n>C 421 stop\n! >C closed", 6, "given up"),
            ("C= hello\n! #2 asked", 4, "nothing"),
            ("% TLS S", 3, "nothing"),
            ("C: TLS S", 3, "% TLS S"),
            ("C: TLS S\n% TLS C", 4, "% TLS S"),
            ("C: TLS S legacy\n% TLS S\n>C *", 4, "% TLS S legacy"),
            ("C: TLS S\n% TLS S legacy\n>C *", 4, "% TLS S"),
            ("C: TLS S\n% TLS S\n>C S TLSv1.2 TLS_AES_256_GCM_SHA384 verified", 5, "S TLSv1.3"),
            ("C: TLS S\n% TLS S asked\nS: hello\n>C hello", 5, "handshake"),
            ("C: TLS S\n% TLS S asked\nC: hello\n>S hello", 5, "hello"),
            ("C: TLS S\n% TLS S fails: closed\n>C no TLS: closed closed\nS: hello\n>C hello", 6, "handshake"),
            ("C: TLS S\n% TLS S asked\n! S resets\n! >C closed\n% TLS S stands\n>C *", 7, "none"),
            ("C: TLS S\n% TLS S\n>C? S *\nC: TLS S\n% TLS S\n>C? S *", 6, "none"),
            ("C: SECRET", 3, "AUTH PLAIN"),
        ])
    func fails(_ body: String, line: Int, heard: String) throws {
        let failures = try Transcript(body).failures()
        #expect(failures.contains { $0.line == line && $0.heard.contains(heard) }, "\(failures)")
        #expect(failures.allSatisfy { $0.description.hasPrefix("test.smtp:\($0.line): expected ") })
    }

    @Test(
        "the engine is wrong",
        arguments: [
            (Wire.Fault.losesAnOctet, "ault\\r\\n"), (.addsAnOctet, "\\x00fault"), (.swapsCase, "Fault"), (.silent, "nothing"),
            (.saysMore, "more"), (.notes, "~ reused"), (.logsRepair, "log repair"), (.connectsAgain, "extra connection"),
            (.cutsOff, "closed"), (.relaysUnasked, "relayed"), (.asksRoute, "route to example.org"), (.ticksForEver, "ticks"),
            (.turnsForEver, "turns"), (.countsPieces, "pieces"), (.secures, "% TLS S"), (.speaksInHandshake, "x"),
        ])
    func sees(_ fault: Wire.Fault, heard: String) throws {
        let transcript = try Transcript("C= hello\nC= fault\nS= there")
        #expect(transcript.failures() == [])
        let failures = transcript.failures([fault])
        #expect(failures.contains { $0.heard.contains(heard) }, "\(failures)")
    }

    @Test(
        "the engine closes wrongly",
        arguments: [(Wire.Fault.leavesOpen, "nothing"), (.abortsInstead, "aborted"), (.speaksAfterClose, "x")])
    func seesClose(_ fault: Wire.Fault, heard: String) throws {
        let transcript = try Transcript("C= hello\n! C closes\n! >S closed\n! >C closed")
        #expect(transcript.failures() == [])
        let failures = transcript.failures([fault])
        #expect(failures.contains { $0.heard.contains(heard) }, "\(failures)")
    }

    /// Nothing in clear text on a connection whose handshake failed.
    @Test func `the engine goes on where TLS failed`() throws {
        let transcript = try Transcript("C: TLS S\n% TLS S fails: handshake no\n>C no TLS: handshake no")
        #expect(transcript.failures() == [])
        let failures = transcript.failures([.speaksAfterFailure])
        #expect(failures.contains { $0.line == 4 && $0.expected.contains("handshake") }, "\(failures)")
    }

    @Test func `a log line that nobody asked about is no failure`() throws {
        #expect(try Transcript("C= fault").failures([.logsMessage]) == [])
    }
}
