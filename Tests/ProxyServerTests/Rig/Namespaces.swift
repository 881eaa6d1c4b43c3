import Foundation

/// Three network namespaces in a row: gateway, Mailshim as the router between, and host. Gone with this value.
final class Namespaces: Sendable {
    struct Trouble: Error { let command: String, output: String }

    /// Only root may make namespaces, and only with iproute2 and nftables.
    static var areAvailable: Bool {
        geteuid() == 0 && ["/usr/sbin/ip", "/usr/sbin/nft"].allSatisfy { FileManager.default.isExecutableFile(atPath: $0) }
            && (try? Self.shell("ip netns add ms-probe-\(getpid()) && ip netns del ms-probe-\(getpid())")) != nil
    }

    let gateway: String
    let shim: String
    let host: String

    init(_ name: String) throws {
        let unique = "\(name)\(getpid() % 100_000)"
        (self.gateway, self.shim, self.host) = ("ms-\(unique)-g", "ms-\(unique)-s", "ms-\(unique)-h")
        let (a, b, c, d) = ("\(unique)a", "\(unique)b", "\(unique)c", "\(unique)d")
        try Self.shell(
            """
            set -e
            for n in \(self.gateway) \(self.shim) \(self.host); do ip netns add $n; ip -n $n link set lo up; done
            ip link add \(a) type veth peer name \(b); ip link set \(a) netns \(self.gateway); ip link set \(b) netns \(self.shim)
            ip link add \(c) type veth peer name \(d); ip link set \(c) netns \(self.shim); ip link set \(d) netns \(self.host)
            ip -n \(self.gateway) addr add 10.1.0.2/24 dev \(a); ip -n \(self.gateway) addr add fd01::2/64 dev \(a) nodad
            ip -n \(self.shim) addr add 10.1.0.1/24 dev \(b); ip -n \(self.shim) addr add fd01::1/64 dev \(b) nodad
            ip -n \(self.shim) addr add 10.2.0.1/24 dev \(c); ip -n \(self.shim) addr add fd02::1/64 dev \(c) nodad
            ip -n \(self.host) addr add 10.2.0.2/24 dev \(d); ip -n \(self.host) addr add fd02::2/64 dev \(d) nodad
            ip -n \(self.gateway) link set \(a) up; ip -n \(self.shim) link set \(b) up; ip -n \(self.shim) link set \(c) up; ip -n \(self.host) link set \(d) up
            ip -n \(self.gateway) route add default via 10.1.0.1; ip -n \(self.gateway) route add default via fd01::1
            ip -n \(self.host) route add default via 10.2.0.1; ip -n \(self.host) route add default via fd02::1
            ip netns exec \(self.shim) sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding'
            """)
    }

    deinit {
        for name in [self.gateway, self.shim, self.host] { _ = try? Self.shell("ip netns del \(name)") }
    }

    /// Runs a shell script, in a namespace if one is named; what it printed.
    @discardableResult
    static func shell(_ script: String, in namespace: String? = nil) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: namespace == nil ? "/bin/sh" : "/usr/sbin/ip")
        process.arguments = namespace.map { ["netns", "exec", $0, "/bin/sh", "-c", script] } ?? ["-c", script]
        let output = Pipe()
        (process.standardOutput, process.standardError) = (output, output)
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let text = String(decoding: bytes, as: UTF8.self)
        guard process.terminationStatus == 0 else { throw Trouble(command: script, output: text) }
        return text
    }

    /// setns(2) with CLONE_NEWNET, which Glibc's module leaves out.
    private static func enter(_ file: Int32) -> Int32 {
        guard let symbol = dlsym(nil, "setns") else { return -1 }
        return unsafeBitCast(symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)(file, 0x4000_0000)
    }

    /// Runs the body on a thread of its own in the namespace. Sockets made there stay there.
    static func inside<T: Sendable>(_ namespace: String, _ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                let file = open("/run/netns/\(namespace)", O_RDONLY)
                guard file >= 0, Self.enter(file) == 0 else {
                    return continuation.resume(throwing: Trouble(command: "setns \(namespace)", output: "errno \(errno)"))
                }
                close(file)
                continuation.resume(with: Result { try body() })
            }
        }
    }
}
