import Testing
import Transcript

/// What is right passes, in every manner.
@Suite struct PlayingTests {
    @Test(arguments: [
        "C= hello\nS= there",
        "C: hello\nC: there\n>S hello\n>S there\nS: one\n>C one",
        "C= hello\nC= there\nS= one\nS= two",
        "C| a\\x00b\\r\\n\n>S| a\\0b\\r\\n",
        "C=| bare\\nlf\\n",
        "C* 300000 octets\n>S* 300000 octets",
        "C=* 20000 octets",
        "S=* 7 times \"250 \\\\ok\\r\\n\"",
        "C* 2 times \"NOOP\\r\\n\"\n>S NOOP\n>S NOOP",
        "C: hello\n>S? h*o",
        "C:\n>S\nC= ",
        "C= WAIT\n@ +4999ms\nC= still\n@ +1ms\n>C 421 slow",
        "! C closes\n! >S closed\n! >C closed",
        "C= bye\n! C closes\n! >S closed\n! >C closed",
        "S: bye\n! S closes\n>C bye\n! >C closed\n! >S closed",
        "! C resets\n! >S closed",
        "! shutdown\n>C 421 stop\n! >C closed\n! >S closed\n",
        "! shutdown\n>C 421 stop\n! >C closed\n! >S closed\nC: heard by nobody\n! C closes",
        "C: AGAIN\n! >S closed\n#2\nC= hello\nS= there",
        "C: AGAIN\n! >S closed\n! #2 asked\n@ +3s\n! #2 stands\nC= hello",
        "C: AGAIN\n! >S closed\n! #2 asked\nS: 221 heard by nobody\n@ +2s\n! #2 stands\nC= hello",
        "! #1 refused\n>C 421 no\n! >C closed",
        "#1\nC= hello",
        "C= NOTE\n~ found message-limit messages=1 needed=1",
        "C= NOTE\n~ found message-limit messages=1 needed=1 heals=yes reply=\"503 *\" sent=\"MAIL FROM:<b@example.org>\"",
        "C= LOG\n~ log repair quirk=message-limit outcome=ok",
        "C= LOG\n~ log passthrough\n~ log repair quirk=message-limit outcome=ok connection=1 because=\"it said so\"",
        "C: HOST",
        "C: HOST\n~ looks-up host mx.example.net",
        "C: PROBE\n~ asks-probe sticky-sender: granted\n>S true",
        "C: PROBE\n~ asks-probe sticky-sender: refused\n>S false",
        "C: RELAY\n! relayed\nC: half a li\n>S half a li\nC=| \\xff\\x00\nS=| \\xfe\n! C closes\n! >S closed\n! >C closed",
        "C: RELAY\n! relayed\n! S closes\n! >C closed\n! >S closed",
        "C: RELAY\n! relayed\n! S closes\n! >C closed\nC= still\n! C closes\n! >S closed",
        "C= bye\n! C resets\n! >S closed",
        "S: bye\n! S resets\n>C bye\n! >C closed",
        "! #1 asked\n! shutdown\n>C 421 stop\n! >C closed\n! #1 given up",
        "! #1 asked\n@ +1s\n! #1 fails: no route to host\n>C 421 no\n! >C closed",
        "C: TLS S\n% TLS S\n>C S TLSv1.3 TLS_AES_256_GCM_SHA384 verified\nC= hello\nS= there",
        "C: TLS S legacy\n% TLS S legacy\n>C S TLSv1 TLS_AES_256_GCM_SHA384 verified legacy",
        "C: TLS S\n% TLS S resumed version=TLSv1.2 cipher=DHE doubt=\"self-signed certificate\"\n>C S TLSv1.2 DHE self-signed certificate resumed",
        "C: TLS S\n% TLS S asked\n@ +3s\n% TLS S stands version=TLSv1.2\n>C? S TLSv1.2 *",
        "C: TLS S legacy\n% TLS S legacy asked\n@ +3s\n% TLS S stands resumed\n>C? S TLSv1 * legacy resumed",
        "C: TLS S\n% TLS S fails: closed\n>C no TLS: closed closed",
        "C: TLS S\n% TLS S asked\n@ +3s\n% TLS S fails: handshake wrong version number\n>C no TLS: handshake wrong version number",
        "C: TLS C\n% TLS C\n>S C TLSv1.3 TLS_AES_256_GCM_SHA384 not asked for\nC= hello",
        "C: TLS S\n% TLS S asked\n! S closes\n! >C closed\n! >S closed",
        "C: TLS C\n% TLS C fails: stalled\n>S no TLS: stalled stalled",
        "C: TLS S\n% TLS S\n>C? *\nC: AGAIN\n! >S closed\n#2\nC= clear\nC: TLS S\n% TLS S resumed\n>C? * resumed",
        "C: TLS S\n% TLS S asked\nC: AGAIN\n! >S closed\n#2\nC: TLS S legacy\n% TLS S legacy\n>C? S TLSv1 * legacy",
        "C: SECRET\n>S AUTH PLAIN c2VjcmV0",
        "# a comment\n#\n\nC= hello",
    ])
    func passes(_ body: String) throws {
        #expect(try Transcript(body).failures() == [])
    }

    @Test func `words in a row are one piece when played whole`() throws {
        let transcript = try Transcript(
            "C= one\nC= fault\n~ log gateway-fault because=\"1 pieces\"", header: "only: whole, because pieces are counted\n")
        #expect(transcript.failures([.countsPieces]) == [])
    }

    @Test func `every octet is a piece when played byte by byte`() throws {
        let transcript = try Transcript("C= one\nC= fault\n~ log gateway-fault because=\"12 pieces\"")
        let outcome = transcript.play(.byteByByte, catalogue: []) { _, _ in Wire([.countsPieces]) }
        #expect(outcome.failures == [])
    }

    @Test func `seeds give other pieces and the same seed the same`() throws {
        let transcript = try Transcript("C=* 3000 octets\nC= fault")
        let outcomes = [1, 2, 3, 4, 1].map { seed in
            transcript.play(.pieces(seed: seed), catalogue: []) { _, _ in Wire([.countsPieces]) }
        }
        #expect(Set(outcomes).count == 4)
        #expect(outcomes.first == outcomes.last)
    }
}
