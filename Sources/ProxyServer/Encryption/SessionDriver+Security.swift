import NIOCore
import OpenSSLTLS
import QuirkKit
import Rules
import SMTPSession

/// TLS on the legs of a session (RFC 3207; RFC 8314 §3.3).
///
/// What the engine said before goes out in clear text first. What was read before and not used came in clear text: then there is no TLS, and what was read is
/// never heard (law 7, docs/quirks.md 5.3).
extension SessionDriver {
    func secure(_ side: Side, isLegacy: Bool) {
        switch side {
        case .remote: self.secureRemote(isLegacy: isLegacy)
        case .gateway: self.secureGateway()
        }
    }

    private func secureRemote(isLegacy: Bool) {
        guard let leg = self.remote, leg.isOpen, let address = self.route?.text else {
            return self.answer(.securingFailed(.remote, TLSFailure(.closed, because: "the connection was closed")))
        }
        guard !self.hasUnread(leg) else {
            return self.answer(.securingFailed(.remote, TLSFailure(.handshake, because: "bytes in clear text in front of the handshake")))
        }
        let expected = self.expectation
        do throws(TLSError) {
            leg.secure(with: try self.snapshot.encryption.client(of: address, expected, isLegacy: isLegacy)) { result in
                switch result {
                case .success(let facts):
                    let security = Security(facts, expecting: expected)
                    self.remoteSecurity = security
                    self.hear(.secured(.remote, security))
                case .failure(let error): self.hear(.securingFailed(.remote, TLSFailure(error)))
                }
            }
        } catch {
            self.answer(.securingFailed(.remote, TLSFailure(error)))
        }
    }

    /// After the gateway's STARTTLS.
    private func secureGateway() {
        guard let leg = self.gateway, leg.isOpen, let context = self.terms.context, !leg.hasEnded else {
            return self.answer(.securingFailed(.gateway, TLSFailure(.closed, because: "the connection was closed")))
        }
        guard !self.hasUnread(leg), self.codec.waiting == 0 else {
            return self.answer(.securingFailed(.gateway, TLSFailure(.handshake, because: "bytes in clear text behind STARTTLS")))
        }
        self.secure(leg, with: { () throws(TLSError) in try TLSHandler(server: context) }) { result in
            switch result {
            case .success(let facts): self.hear(.secured(.gateway, Security(gateway: facts)))
            case .failure(let error): self.hear(.securingFailed(.gateway, TLSFailure(error)))
            }
        }
    }

    /// TLS from the first byte: the session begins behind the handshake. Where there is none, the connection is closed.
    func secureFromTheFirstByte(_ leg: ConnectionHandler, with handler: () throws(TLSError) -> TLSHandler) {
        self.isAwaitingHandshake = true
        let patience = self.snapshot.connectTimeout
        let timer = self.loop.assumeIsolated().scheduleTask(in: patience) {
            self.logHandshakeFailure("no handshake within \(patience.nanoseconds / 1_000_000_000)s")
            leg.abort()
        }
        leg.alsoWhenGone { timer.cancel() }
        self.secure(leg, with: handler) { result in
            timer.cancel()
            switch result {
            case .success(let facts):
                self.isAwaitingHandshake = false
                self.log(.secured(side: .gateway, connection: 0, Security(gateway: facts)))
                self.beginIfReady()
            case .failure(let error):
                self.logHandshakeFailure(error.description)
                leg.abort()
            }
        }
    }

    private func secure(
        _ leg: ConnectionHandler, with handler: () throws(TLSError) -> TLSHandler, then told: @escaping (Result<TLSFacts, TLSError>) -> Void
    ) {
        do throws(TLSError) {
            leg.secure(with: try handler(), then: told)
        } catch {
            told(.failure(error))
        }
    }

    private func logHandshakeFailure(_ because: String) {
        self.snapshot.log.write(Line("tls-failed", self.handle.id, .warn).with("side", "gateway").with("because", because))
    }

    /// A leg's TLS ended in an error when it stood.
    func broke(_ leg: ConnectionHandler, _ error: TLSError) {
        self.snapshot.log.write(
            Line("tls-failed", self.handle.id, .warn).with("side", leg.side == .gateway ? "gateway" : "remote").with("because", error.description))
    }
}
