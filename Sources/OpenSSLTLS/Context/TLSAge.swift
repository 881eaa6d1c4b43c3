/// How old a peer may be.
public enum TLSAge: Hashable, Sendable {
    /// TLS 1.2 and 1.3, with what OpenSSL's security level 2 lets pass: no key or exchange weaker than 112 bits (RSA and DH of 2048 bits).
    case modern
    /// TLS 1.0 and up, every cipher the library still has, keys and exchanges of any size, servers without RFC 5746, and renegotiation.
    /// A client offers no TLS 1.3: whoever speaks it speaks it to a modern one too, and a first message without it is what old hosts can read.
    case legacy
}
