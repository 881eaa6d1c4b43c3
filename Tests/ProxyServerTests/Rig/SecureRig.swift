import OddHost
import OpenSSLTLS
import QuirkKit
import StandardQuirks

@testable import ProxyServer

/// A host with TLS and a proxy in front of it that trusts the tests' authority.
struct SecureRig {
    let host: OddHost
    let rig: Rig

    enum Kind: String, CaseIterable, Sendable {
        case good, unknownAuthority, otherName, expired, smallKey, oldVersion
        case stalls, garbage, closes, resets, refuses454, refuses500, stripped, injects, injectsLater

        var certificate: Certificates.Pair {
            switch self {
            case .unknownAuthority: Certificates.unknown
            case .otherName: Certificates.other
            case .expired: Certificates.expired
            case .smallKey: Certificates.small
            case .oldVersion: Certificates.rsa
            case .good, .stalls, .garbage, .closes, .resets, .refuses454, .refuses500, .stripped, .injects, .injectsLater: Certificates.good
            }
        }
    }

    /// What clear text offers, and TLS besides.
    static func behaviour(_ kind: Kind = .good, auth: String? = nil) throws -> Behaviour {
        let context =
            switch kind {
            case .smallKey: try kind.certificate.server(.legacy)
            case .oldVersion: try OldServer.context(kind.certificate)
            default: try kind.certificate.server()
            }
        var tls = HostTLS(context)
        var behaviour = Behaviour()
        switch kind {
        case .stalls: tls.manner = .stalls
        case .garbage: tls.manner = .garbage("250 2.0.0 Ok\r\n")
        case .closes: tls.manner = .closes
        case .resets: tls.manner = .resets
        case .stripped: tls.isStripped = true
        case .injects: tls.injects = "250 2.1.0 Ok\r\n"
        case .injectsLater: tls.injectsLater = (.milliseconds(50), "250 2.1.0 Ok\r\n")
        case .refuses454: behaviour.exceptions = [.at(.starttls, nil, connection: nil, .reply("454 4.7.0 TLS not available"))]
        case .refuses500: behaviour.exceptions = [.at(.starttls, nil, connection: nil, .reply("500 5.5.1 What?"))]
        case .good, .unknownAuthority, .otherName, .expired, .smallKey, .oldVersion: break
        }
        if let auth { tls.keywords = [auth] }
        behaviour.tls = tls
        return behaviour
    }

    /// The same, of a host that greets under this name.
    static func greeting(_ name: String, _ kind: Kind = .good, auth: String? = nil) throws -> Behaviour {
        var behaviour = try Self.behaviour(kind, auth: auth)
        behaviour.greeting = "220 \(name) ESMTP"
        return behaviour
    }

    /// - Parameters:
    ///   - remote: what `[address."127.0.0.1"]` says.
    ///   - listener: more of the listener's table.
    static func start(
        _ behaviour: Behaviour, remote: String = "tls = \"required\"", listener: String = "", bind: String = "127.0.0.1:0",
        destination: String = "localhost", _ more: String = "", catalogue: [any Quirk] = StandardQuirks.catalogue
    ) async throws -> SecureRig {
        let host = try await OddHost.start(behaviour)
        let rig = try await Rig.start(
            """
            [[listener]]
            bind = "\(bind)"
            destination = "\(destination):\(host.port)"
            \(listener)
            [address."127.0.0.1"]
            \(remote)
            \(more)
            """, trust: .file(Certificates.authority.certificate), catalogue: catalogue)
        return SecureRig(host: host, rig: rig)
    }

    /// Greeted, not yet past EHLO.
    func gateway(implicit: Bool = false) async throws -> SecureGateway {
        let gateway = try await SecureGateway(port: self.rig.port, implicit: implicit)
        _ = await gateway.reply()
        return gateway
    }

    func stop() async throws {
        try await self.rig.stop()
        await self.host.shutdown()
    }
}
