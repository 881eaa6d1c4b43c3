import Testing
import Transcript

@Suite struct PassageTests {
    @Test func `a transcript can be shown`() throws {
        let transcript = try Transcript(
            """
            S= 220 host
            C: HELO a
            >S EHLO a
            S| 250\\n
            >C? 250*
            C* 9 octets
            @ +5s
            ! S closes
            ! >S closed
            ~ reused
            % TLS C asked
            % TLS C stands
            """)
        #expect(
            transcript.passages.rendered(width: 12) == """
                220 host     ◀─ │ ◀─ 220 host
                HELO a       ─▶ │
                                │ ─▶ EHLO a
                                │ ◀─ 250\\n
                250*         ◀─ │
                (9 octets)   ─▶ │
                (5s later)      │
                                │    (closes)
                                │    (closed by …
                (TLS begins)    │
                (TLS)           │

                """)
    }
}
